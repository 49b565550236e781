"""What the first response of a URL says of the others: enough to know which one to read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias

from .._store.entry import is_key
from ..models.response import CachedResponse
from ..policy import Headers, StoredHead, Variant
from ..policy.vary import normalise

if TYPE_CHECKING:
    from ..models.fields import Fields

__all__ = ["Sibling", "Siblings", "describe", "read_siblings", "selected_by"]


class Sibling(NamedTuple):
    """A response that is stored beside the first one of its URL."""

    names: tuple[str, ...]
    """The request fields that select it."""
    selection: str
    """A digest of their values."""
    method: str
    status: int
    time: float
    """When it came, in seconds since the epoch."""
    tag: str | None

    def head(self, key: str, url: str) -> StoredHead:
        """Describe it to the policy as far as it is known unread: for the tags to ask about."""
        fields = [("Vary", ", ".join(self.names))]
        if self.tag is not None:
            fields.append(("ETag", self.tag))
        # No field has such a value: the request selects what has been read, and not this.
        variant = tuple((name, f"\0{self.selection}") for name in self.names)
        headers = Headers(fields)
        return StoredHead(
            self.status, headers, self.method, url, self.time, self.time, variant, key=key
        )


Siblings: TypeAlias = dict[str, Sibling | None]
"""By the key under which each lies; None for one of which nothing is known."""


def describe(response: CachedResponse) -> Sibling:
    """Give what is said of a response where it is a sibling."""
    fields = response.record.fields
    variant = tuple((str(name), value) for name, value in fields.get("vary", ()))
    return Sibling(
        tuple(name for name, _ in variant),
        _digest(variant),
        str(fields["request"]["method"]),
        response.status_code,
        response.record.created,
        response.headers.get("ETag"),
    )


def read_siblings(fields: Fields) -> Siblings:
    """Read what the fields of a record say of siblings; what makes no sense says nothing."""
    if not fields.get("siblings"):
        return {}
    keys = [key for key in _as_list(fields.get("siblings")) if is_key(key)]
    known = _as_list(fields.get("others"))
    if len(known) != len(keys):
        return dict.fromkeys(keys)
    return {key: _read(values) for key, values in zip(keys, known, strict=True)}


def selected_by(headers: Headers, siblings: Siblings) -> list[str]:
    """Give the keys of those that a request selects, or of which nothing is known."""
    selections: dict[tuple[str, ...], str] = {}
    selected = []
    for key, sibling in siblings.items():
        if sibling is not None:
            names = sibling.names
            if names not in selections:
                selections[names] = _digest((name, normalise(name, headers)) for name in names)
            if selections[names] != sibling.selection:
                continue
        selected.append(key)
    return selected


def _digest(variant: Iterable[tuple[str, str | None]] | Variant) -> str:
    return sha256(json.dumps([*variant]).encode("ascii")).hexdigest()[:16]


def _read(values: Any) -> Sibling | None:
    try:
        names, selection, method, status, time, tag = values
        text = (selection, method, *names, *([] if tag is None else [tag]))
        if not all(isinstance(item, str) for item in text) or not isinstance(status, int):
            return None
        return Sibling(tuple(names), selection, method, status, float(time), tag)
    except (TypeError, ValueError):
        return None


def _as_list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list | tuple) else []
