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

    def load(
        self,
        first: CachedResponse | None,
        read: Callable[[str], CachedResponse | None] | None = None,
    ) -> None:
        """Take what lies under the key, and read the others that it names.

        Args:
            first: what lies under the key.
            read: reads one of the others; by default they are read whole and at once.
        """
        self.members = {}
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

    def remove(self, keys: Iterable[str]) -> None:
        """Delete some of the responses; if the first one goes, a sibling takes its place."""
        gone = [key for key in dict.fromkeys(keys) if self.members.pop(key, None) is not None]
        if not gone:
            return
        self._cache.delete_responses(gone)
        if self.key in self.members:
            self._name_siblings()
        elif self.members:
            key, response = next(iter(self.members.items()))
            del self.members[key]
            self.add(response)
            self._cache.delete_responses([key])

    def add(self, response: CachedResponse, replaced: Iterable[str] = ()) -> str:
        """Store another response; give the key under which it lies.

        Args:
            response: the response.
            replaced: keys of those that give way to it.
        """
        gone = [key for key in replaced if self.members.pop(key, None) is not None]
        key = self._place_for(response, gone)
        siblings = list(self.members) if key == self.key else []
        if siblings or "siblings" in response.record.fields:
            response.change_fields(siblings=siblings)
        response.cache_key = key
        self.members[key] = response
        self._cache.write_response(key, response, self.grace(response))
        left = [old for old in gone if old != key]
        if left:
            self._cache.delete_responses(left)
        if key != self.key:
            self._name_siblings()
        return key

    def _place_for(self, response: CachedResponse, gone: list[str]) -> str:
        if self.key not in self.members:
            return self.key
        return gone[0] if gone else self._key_for(response)

    def replace_head(self, key: str, response: CachedResponse) -> None:
        """Store all but the body of a response anew."""
        siblings = [k for k in self.members if k != key] if key == self.key else []
        if siblings:
            response.change_fields(siblings=siblings)
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
