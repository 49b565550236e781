"""What an object of another library shows of itself: attributes by path, and all texts in it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from .words import word_set, words_of

__all__ = ["MISSING", "as_shown", "is_changing", "look_up", "texts_of"]

MISSING: Final = object()
"""Stands for an attribute that is not there."""

# What is made anew for each request, and so says nothing of who it is made for.
_CHANGING: Final = word_set(
    "nonce cnonce count counter calls last date time timestamp expires expiry challenge chal opaque"
    " signature uri pos"
)
# Objects of these hold what changes, or nothing of who is asking.
_OF_OTHERS: Final = word_set(
    "builtins threading _thread logging queue ssl datetime http.cookiejar requests.cookies"
    " requests.sessions requests.models urllib3.poolmanager"
)
_DEEPEST: Final = 3


def look_up(value: Any, path: str) -> object:
    """Give an attribute of an attribute; `MISSING` if it is not there."""
    for name in path.split("."):
        try:
            value = getattr(value, name)
        except Exception:  # noqa: BLE001  # a property of another library may raise anything
            return MISSING
    return value


def as_shown(value: object) -> str | None:
    """Give a value as text; None for none."""
    if value is MISSING or value is None:
        return None
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def is_changing(name: str) -> bool:
    """Say whether what has this name is made anew for each request."""
    return not _CHANGING.isdisjoint(words_of(name))


def texts_of(value: object, depth: int = _DEEPEST) -> Iterator[tuple[str, str]]:
    """Give names and values of the texts that an object has been given, at any depth.

    A user may act for another one, whom another attribute names.
    """
    for name, item in _attributes(value):
        if is_changing(name):
            continue
        if isinstance(item, str | bytes) or (isinstance(item, int) and "id" in words_of(name)):
            yield name, str(as_shown(item))
        elif depth and (isinstance(item, dict) or type(item).__module__ not in _OF_OTHERS):
            yield from texts_of(item, depth - 1)


def _attributes(value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        return [(str(name), item) for name, item in list(value.items())]
    slots = [name for kind in type(value).__mro__ for name in _slots_of(kind)]
    slotted = [(name, look_up(value, name)) for name in slots]
    return [*dict(getattr(value, "__dict__", {})).items(), *slotted]


def _slots_of(kind: type) -> Iterable[str]:
    slots: str | Iterable[str] = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else slots
