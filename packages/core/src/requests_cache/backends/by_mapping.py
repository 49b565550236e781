"""The verbs of a store, for one that is written as a mapping of values, as in version 1.

Such a store keeps what it is given, or `serialize` of it. It knows nothing of times but those of
responses, so nothing but what expires with its response is ever swept.
"""

from __future__ import annotations

from typing import Any, Protocol

from .._store.entry import Entry
from ..expiration import VALIDATION_GRACE, end_of_keeping
from ..models.response import CachedResponse
from ..serializers import Serializer

__all__ = ["add_verbs"]

_HISTORY = "history"


class Store(Protocol):
    """A mapping of values that knows how they become bytes."""

    serializer: Serializer

    def __getitem__(self, key: str) -> Any:
        """Give the value of `key`."""

    def __setitem__(self, key: str, value: Any) -> None:
        """Store a value."""

    def __delitem__(self, key: str) -> None:
        """Delete `key`."""


def add_verbs(cls: Any) -> None:
    """Give a class the verbs that it lacks."""
    verbs: dict[str, Any] = {"read": _read, "write": _write, "discard": _discard}
    for name, verb in verbs.items():
        setattr(cls, name, verb)
    cls.is_mapping = True
    # They were noted when the class was made, before this.
    cls.__abstractmethods__ = getattr(cls, "__abstractmethods__", frozenset()) - verbs.keys()


def _read(store: Store, key: str) -> Entry | None:
    try:
        value = store[key]
    except KeyError:
        return None
    if value is None:
        return None
    expires = value.expires_at if isinstance(value, CachedResponse) else None
    body = b""
    if isinstance(value, dict) and _HISTORY in value:
        value, body = value["target"], store.serializer.dumps(value[_HISTORY])
    head, own = store.serializer.encode(value)
    return Entry(head, own or body, expires, end_of_keeping(expires, VALIDATION_GRACE))


def _write(store: Store, key: str, entry: Entry) -> None:
    value = store.serializer.decode(entry.head, entry.body)
    if entry.body and not isinstance(value, CachedResponse):
        # The alias of a redirect has the responses on the way as its body.
        value = {"target": value, _HISTORY: store.serializer.loads(entry.body)}
    store[key] = value


def _discard(store: Store, key: str) -> bool:
    try:
        del store[key]
    except KeyError:
        return False
    return True
