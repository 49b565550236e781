"""All responses that are stored for one URL: variants, and answers to GET and HEAD.

One of them lies under the key of the URL itself and names the others, its siblings. So the usual
case, a single response, takes one look-up.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from hashlib import sha256
from typing import TYPE_CHECKING

from ..models.response import CachedResponse

if TYPE_CHECKING:
    from ..backends.cache import BaseCache

__all__ = ["StoredSet"]


class StoredSet:
    """The stored responses of one key, by the key under which each lies.

    Args:
        cache: where they are stored.
        key: the key of the URL; nothing of it is read before `load`.
        grace: gives for how many seconds a response is kept after it has expired; None for ever.
    """

    def __init__(
        self, cache: BaseCache, key: str, grace: Callable[[CachedResponse], float | None]
    ) -> None:
        self._cache = cache
        self.grace = grace
        self.key = key
        self.members: dict[str, CachedResponse] = {}

    def load(self, read: Callable[[str], CachedResponse | None] | None = None) -> None:
        """Read all responses of the key, with `read` if it is given, else whole and at once."""
        self.members = {}
        first = (read or self._cache.read_response)(self.key)
        if first is None:
            return
        self.members[self.key] = first
        siblings = [str(sibling) for sibling in first.record.fields.get("siblings", ())]
        if read is None:
            self.members.update(self._cache.read_responses(siblings))
            return
        for sibling in siblings:
            response = read(sibling)
            if response is not None:
                self.members[sibling] = response

    def remove(self, keys: Iterable[str], *, promote: bool = True) -> None:
        """Delete some of the responses.

        Args:
            keys: those to delete.
            promote: put a sibling into the place of the first one, if that goes; False if a new
                response will take the place.
        """
        gone = [key for key in dict.fromkeys(keys) if self.members.pop(key, None) is not None]
        if not gone:
            return
        lost_first = self.key in gone and bool(self.members)
        self._cache.delete_responses(gone)
        if lost_first and promote:
            key, response = next(iter(self.members.items()))
            del self.members[key]
            self.add(response)
            self._cache.delete_responses([key])
        elif self.key in self.members:
            self._name_siblings()

    def add(self, response: CachedResponse) -> str:
        """Store another response; give the key under which it lies."""
        if self.key not in self.members:
            key = self.key
            response.change_fields(siblings=list(self.members))
        else:
            key = self._key_for(response)
            response.change_fields(siblings=[])
        response.cache_key = key
        self.members[key] = response
        self._cache.write_response(key, response, self.grace(response))
        if key != self.key:
            self._name_siblings()
        return key

    def replace_head(self, key: str, response: CachedResponse) -> None:
        """Store all but the body of a response anew."""
        if key == self.key:
            response.change_fields(siblings=[k for k in self.members if k != key])
        response.cache_key = key
        self.members[key] = response
        self._cache.freshen_response(key, response, self.grace(response))

    def _name_siblings(self) -> None:
        first = self.members[self.key]
        siblings = [key for key in self.members if key != self.key]
        if first.record.fields.get("siblings", []) != siblings:
            first.change_fields(siblings=siblings)
            self._cache.freshen_response(self.key, first, self.grace(first))

    def _key_for(self, response: CachedResponse) -> str:
        fields = response.record.fields
        identity = [self.key, fields.get("vary"), fields["request"]["method"], response.status_code]
        return sha256(json.dumps(identity).encode("ascii")).hexdigest()
