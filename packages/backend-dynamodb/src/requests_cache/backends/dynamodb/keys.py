"""Any text as a sort key, which has 1 to 1024 bytes of UTF-8."""

from __future__ import annotations

from hashlib import sha256
from typing import Final

from .attributes import Item

__all__ = ["key_of", "sort_key", "with_name"]

# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Constraints.html
_LONGEST: Final = 1024
_MARK: Final = "sha256:"


def sort_key(key: str) -> str:
    """Give the sort key: the key itself, or its hash if it cannot be one or looks like a hash."""
    raw = _raw(key)
    if 0 < len(raw) <= _LONGEST and not key.startswith(_MARK) and _is_unicode(key):
        return key
    return _MARK + sha256(raw).hexdigest()


def with_name(key: str) -> Item:
    """Give the attribute that keeps a key whose sort key is a hash."""
    return {} if sort_key(key) == key else {"name": _raw(key)}


def key_of(item: Item) -> str:
    """Give the key of an item."""
    name = item.get("name")
    try:
        return str(name, "utf-8", "surrogatepass")  # type: ignore[arg-type]  # see below
    except (TypeError, UnicodeDecodeError):  # none, or one that was made up
        return str(item["key"])


def _raw(key: str) -> bytes:
    # Half of a surrogate pair is no Unicode, but it may be in a `str`.
    return key.encode("utf-8", "surrogatepass")


def _is_unicode(key: str) -> bool:
    try:
        key.encode()
    except UnicodeEncodeError:
        return False
    return True
