"""The lines of header fields, without the detours of the classes that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TypeVar

__all__ = ["as_text", "lines"]

_Value = TypeVar("_Value")


def lines(headers: Mapping[str, _Value]) -> Iterable[tuple[str, _Value]]:
    """Give names and values of header fields, in order."""
    # What CaseInsensitiveDict keeps; its own items() looks each name up again.
    store: Mapping[str, tuple[str, _Value]] | None = getattr(headers, "_store", None)
    return headers.items() if store is None else store.values()


def as_text(value: str | bytes) -> str:
    """Give the value of a header field as text."""
    return value.decode("latin-1") if isinstance(value, bytes) else value
