"""All responses that are stored for one URL: variants, parts, and answers to GET and HEAD.

One of them lies under the key of the URL itself and tells of the others, its siblings. So the usual
case, a single response, takes one look-up, and a variant of many takes two.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from ..models.response import CachedResponse
from ..policy import Headers, StoredHead
from .siblings import Siblings, describe, read_siblings, selected_by

if TYPE_CHECKING:
    from ..backends.cache import BaseCache

__all__ = ["StoredSet"]

_MOST: Final = 32
"""So many responses of a URL are kept; of what `Vary` makes more, the least recently used go."""


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
        """Those that have been read."""
        self.unread: Siblings = {}
        """Those that the request does not select."""
        self._order: list[str] = []
        """The keys of the siblings, the one that was written last as the last."""

    def load(
        self,
        first: CachedResponse | None,
        headers: Headers,
        read: Callable[[str], CachedResponse | None] | None = None,
    ) -> None:
        """Take what lies under the key, and read those of the others that a request selects.

        Args:
            first: what lies under the key.
            headers: the fields of the request.
            read: reads one of the others; by default they are read whole and at once.
        """
        self.clear()
        if first is None:
            return
        self.members[self.key] = first
        self.unread = read_siblings(first.record.fields)
        if not self.unread:
            return
        self._order = list(self.unread)
        self.read(selected_by(headers, self.unread), read)

    def read(
        self, keys: Iterable[str], read: Callable[[str], CachedResponse | None] | None = None
    ) -> None:
        """Read some that are unread; what is not there any more is known no longer."""
        keys = list(keys)
        for key in keys:
            del self.unread[key]
        if read is None:
            self.members.update(self._cache.read_responses(keys))
            return
        for key in keys:
            response = read(key)
            if response is not None:
                self.members[key] = response

    def heads_of_unread(self, url: str) -> list[StoredHead]:
        """Describe those that have not been read."""
        known = self.unread.items()
        return [sibling.head(key, url) for key, sibling in known if sibling is not None]

    def clear(self) -> None:
        """Know of nothing any more."""
        self.members, self.unread, self._order = {}, {}, []

    def note_used(self, key: str) -> None:
        """Remember that a response was served."""
        if key != self.key and self._cache.used_variants.note(key):
            self._cache.used_variants.take()

    def remove(self, keys: Iterable[str]) -> None:
        """Delete some of the responses; if the first one goes, a sibling takes its place."""
        gone = self._forget(keys)
        if not gone:
            return
        self._cache.delete_responses(gone)
        if self.key in self.members:
            self._name_siblings()
        else:
            self._promote()

    def _promote(self) -> None:
        """Put one of the siblings into the place of the first response."""
        while self.unread and not self.members:
            self.read([next(iter(self.unread))])
        if self.members:
            key, response = next(iter(self.members.items()))
            self._forget([key])
            self.add(response)
            self._cache.delete_responses([key])

    def add(self, response: CachedResponse, replaced: Collection[str] = ()) -> str:
        """Store another response; give the key under which it lies.

        Args:
            response: the response.
            replaced: keys of those that give way to it.
        """
        gone = self._forget(replaced) if replaced else []
        key = self._place_for(response, gone)
        self.unread.pop(key, None)
        response.cache_key = key
        self.members[key] = response
        left = [old for old in (*gone, *self._make_room(key)) if old != key]
        self._tell_of_siblings(key, response)
        self._cache.write_response(key, response, self.grace(response))
        if left:
            self._cache.delete_responses(left)
        if key != self.key:
            self._name_siblings()
        return key

    def _place_for(self, response: CachedResponse, gone: list[str]) -> str:
        if self.key not in self.members:
            return self.key
        return gone[0] if gone else self._key_for(response)

    def _make_room(self, new: str) -> list[str]:
        """Forget those that were not used for longest, so that no more than the most are left."""
        if len(self.members) + len(self.unread) < _MOST:
            return []
        others = [key for key in self._siblings() if key != new]
        over = 1 + len(others) + (new != self.key) - _MOST
        return self._forget(self._cache.used_variants.oldest_first(others)[: max(0, over)])

    def replace_head(self, key: str, response: CachedResponse) -> None:
        """Store all but the body of a response anew."""
        response.cache_key = key
        self.members[key] = response
        self._tell_of_siblings(key, response)
        self._cache.freshen_response(key, response, self.grace(response))
        if key != self.key:
            self._name_siblings()

    def _siblings(self) -> list[str]:
        """Give the keys of all but the first, the one that was written last as the last."""
        there = {*self.unread, *self.members} - {self.key}
        known = [key for key in self._order if key in there] if there else []
        self._order = [*known, *sorted(there.difference(known))]
        return self._order

    def _forget(self, keys: Iterable[str]) -> list[str]:
        """Take keys out of what is known; give those that were."""
        gone = []
        for key in dict.fromkeys(keys):
            if key in self.members or key in self.unread:
                self.members.pop(key, None)
                self.unread.pop(key, None)
                gone.append(key)
        return gone

    def _tell_of_siblings(self, key: str, response: CachedResponse) -> None:
        """Have a response tell of the others if it is the first one, else of none."""
        siblings = self._siblings() if key == self.key else []
        if not siblings and "siblings" not in response.record.fields:
            return
        others = [
            describe(self.members[sibling]) if sibling in self.members else self.unread[sibling]
            for sibling in siblings
        ]
        known = [None if other is None else list(other) for other in others]
        response.change_fields(siblings=list(siblings), others=known)

    def _name_siblings(self) -> None:
        first = self.members.get(self.key)
        if first is None:
            return
        old = first.record.fields
        before = old.get("siblings", []), old.get("others", [])
        self._tell_of_siblings(self.key, first)
        new = first.record.fields
        if (new.get("siblings", []), new.get("others", [])) != before:
            self._cache.freshen_response(self.key, first, self.grace(first))

    def _key_for(self, response: CachedResponse) -> str:
        fields = response.record.fields
        identity = [self.key, fields.get("vary"), fields["request"]["method"], response.status_code]
        if fields.get("selected"):
            identity.append(fields["selected"])
        if response.status_code == 206:
            identity.append(response.headers.get("Content-Range"))
        return sha256(json.dumps(identity).encode("ascii")).hexdigest()
