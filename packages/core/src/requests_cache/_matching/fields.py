"""The lines of header fields, without the detours of the classes that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from typing import TypeVar

from requests.structures import CaseInsensitiveDict

__all__ = ["as_text", "copied", "lines", "names_in", "value_in"]

_Value = TypeVar("_Value")


def lines(headers: Mapping[str, _Value]) -> Iterable[tuple[str, _Value]]:
    """Give names and values of header fields, in order."""
    # What CaseInsensitiveDict keeps; its own items() looks each name up again.
    store: Mapping[str, tuple[str, _Value]] | None = getattr(headers, "_store", None)
    return headers.items() if store is None else store.values()


def names_in(headers: Mapping[str, object]) -> AbstractSet[str]:
    """Give the names of header fields in lower case."""
    store: Mapping[str, object] | None = getattr(headers, "_store", None)
    return {name.lower() for name in headers} if store is None else store.keys()


def value_in(headers: Mapping[str, _Value], name: str) -> _Value | None:
    """Give the value of a header field; None if there is none."""
    store: Mapping[str, tuple[str, _Value]] | None = getattr(headers, "_store", None)
    if store is None:
        return headers.get(name)
    found = store.get(name.lower())
    return None if found is None else found[1]


def copied(headers: CaseInsensitiveDict[_Value]) -> CaseInsensitiveDict[_Value]:
    """Copy header fields as their `copy` does, which takes them one by one."""
    copy: CaseInsensitiveDict[_Value] = CaseInsensitiveDict.__new__(CaseInsensitiveDict)
    copy._store = headers._store.copy()
    return copy


def as_text(value: str | bytes) -> str:
    """Give the value of a header field as text."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
