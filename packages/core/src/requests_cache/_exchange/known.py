"""What is stored for a request: under its URL, and for other queries of its path.

The latter is for No-Vary-Search: a note lists the keys of the responses of a path that have it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import TYPE_CHECKING, TypeAlias

from .._store.entry import is_key
from ..models.response import CachedResponse
from ..policy import Headers, StoredHead, Update, search_variance
from .heads import stored_head
from .stored_set import StoredSet

if TYPE_CHECKING:
    from ..backends.cache import BaseCache

__all__ = ["Known"]

Index: TypeAlias = Callable[[], str]
"""Gives the name of the note for a path; called only where it is needed. Not kept: who gives it
would keep what he has, and himself, until the garbage collector comes."""

_WHOLE_SEARCH = search_variance(Headers())
# The most responses of one path that are compared by No-Vary-Search.
_MOST_ALTERNATES = 32


class Known:
    """The responses that may answer a request; empty before `load`.

    Args:
        own: those of its URL.
        cache: where they are stored.
    """

    def __init__(self, own: StoredSet, cache: BaseCache) -> None:
        self.own = own
        self.key = own.key
        """The key of the request that is answered: where a redirect led, that of its target."""
        self._cache = cache
        self._alternates: dict[str, CachedResponse] = {}
        self._read: dict[str, CachedResponse] = {}

    def load(
        self,
        first: CachedResponse | None,
        read: Callable[[str], CachedResponse | None] | None,
        index: Index | None,
    ) -> None:
        """Read all that may answer the request.

        Args:
            first: what lies under the key of the request.
            read: as for `StoredSet.load`.
            index: where other queries of the path are looked for; None for nowhere.
        """
        self.own.load(first, read)
        if not self.own.members and index is not None:
            others = [key for key in self._listed(index()) if key != self.own.key]
            self._alternates = dict(self._cache.read_responses(others))
        self._read = {**self._alternates, **self.own.members}

    def load_target(
        self,
        target: StoredSet,
        first: CachedResponse,
        read: Callable[[str], CachedResponse | None] | None,
    ) -> None:
        """Read what a redirect leads to; `first` lies under its key and has the history."""
        target.load(first, read)
        self.key = target.key
        for response in target.members.values():
            response.history = first.history
        self._read = dict(target.members)

    def heads(
        self, url: str, filtered: Callable[[CachedResponse], CachedResponse | None]
    ) -> list[StoredHead]:
        """Describe those to the policy that a filter lets through.

        Args:
            url: that of the request.
            filtered: gives a response, or one in its place; None to leave it out.
        """
        described = []
        for key, response in list(self._read.items()):
            wanted = filtered(response)
            if wanted is None:
                continue
            self._read[key] = wanted
            if key in self.own.members:
                self.own.members[key] = wanted
            described.append(stored_head(wanted, url if key in self.own.members else None))
        return described

    def has(self, heads: Iterable[StoredHead]) -> bool:
        """Say whether all that these heads describe is there."""
        return all(head.key in self._read for head in heads)

    def response(self, head: StoredHead) -> CachedResponse:
        """Give the response that a head describes, even if it has been removed since."""
        return self._read[head.key]

    def add(
        self,
        response: CachedResponse,
        head: StoredHead,
        index: Index | None,
        replaced: Iterable[str] = (),
    ) -> None:
        """Store another response, in the place of those under the keys `replaced`."""
        replaced = list(replaced)
        key = self.own.add(response, replaced)
        self._remove_alternates(replaced)
        if index is not None and search_variance(head.headers) != _WHOLE_SEARCH:
            name = index()
            keys = [known for known in self._listed(name) if known != key]
            self._cache.write_note(name, [*keys[-_MOST_ALTERNATES:], key])

    def freshen(self, update: Update, response: CachedResponse, index: Index | None) -> None:
        """Write what an update says; the body stays, or is copied for a new entry."""
        if not update.head.key:
            self.add(response, update.head, index)
        elif update.stored.key in self.own.members:
            self.own.replace_head(update.head.key, response)
        else:
            grace = self.own.grace(response)
            self._cache.freshen_response(update.head.key, response, grace)

    def remove(self, keys: Collection[str]) -> None:
        """Delete some."""
        self.own.remove([key for key in keys if key in self.own.members])
        self._remove_alternates(keys)

    def _remove_alternates(self, keys: Collection[str]) -> None:
        gone = [key for key in keys if key in self._alternates]
        if gone:
            self._cache.delete_responses(gone)

    def _listed(self, name: str) -> list[str]:
        listed = self._cache.read_note(name)
        keys = filter(is_key, listed) if isinstance(listed, list) else ()
        return list(keys)[-_MOST_ALTERNATES:]
