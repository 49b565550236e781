"""What is stored for a request: under its URL, and for other queries of its path.

The latter is for No-Vary-Search: a note lists the responses of a path that have it, with the query
of each and what of it matters.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeAlias

from .._store.entry import is_key
from ..models.response import CachedResponse
from ..policy import Fetch, Headers, RequestHead, StoredHead, Update, search_variance
from ..policy.selection import same_search as matches
from ..policy.selection import tag_of, weak_match
from .heads import stored_head
from .stored_set import StoredSet

if TYPE_CHECKING:
    from ..backends.cache import BaseCache
    from ..models.fields import Fields

__all__ = ["Index", "Known", "Note"]

Index: TypeAlias = Callable[[], str]
"""Gives the name of the note for a path; called only where it is needed. Not kept: who gives it
would keep what he has, and himself, until the garbage collector comes."""
Note: TypeAlias = Callable[[], Any]
"""Gives what that note says; called and kept as `Index` is."""

_FIELD = "No-Vary-Search"
_WHOLE_SEARCH = search_variance(Headers())
# The most responses of one path that are compared by No-Vary-Search.
_MOST_ALTERNATES = 32


def _variant_of(fields: Fields) -> object:
    return [tuple(item) for item in fields.get("vary", ())]


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
        request: RequestHead,
        read: Callable[[str], CachedResponse | None] | None,
        note: Note | None,
    ) -> None:
        """Read all that may answer the request.

        Args:
            first: what lies under the key of the request.
            request: the request.
            read: as for `StoredSet.load`.
            note: what lists other queries of the path; None if they are not looked for.
        """
        self.own.load(first, request.headers, read)
        if not self.own.members and note is not None:
            listed = _listed(note()).items()
            others = [k for k, about in listed if k != self.own.key and _may_answer(about, request)]
            self._alternates = dict(self._cache.read_responses(others))
        self._read = {**self._alternates, **self.own.members}

    def load_target(
        self,
        target: StoredSet,
        first: CachedResponse,
        request: RequestHead,
        read: Callable[[str], CachedResponse | None] | None,
    ) -> None:
        """Read what a redirect leads to; `first` lies under its key and has the history."""
        target.load(first, request.headers, read)
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

    @property
    def size(self) -> int:
        """The number of responses that are stored for the request."""
        return len(self._read) + len(self.own.unread)

    def has(self, heads: Iterable[StoredHead]) -> bool:
        """Say whether all that these heads describe is there."""
        return all(head.key in self._read or head.key in self.own.unread for head in heads)

    def unread(self, url: str) -> list[StoredHead]:
        """Describe those of the URL that the request does not select, by what is known unread."""
        return self.own.heads_of_unread(url)

    def read_confirmed(
        self,
        fetch: Fetch,
        confirmed: Headers,
        url: str,
        filtered: Callable[[CachedResponse], CachedResponse | None],
    ) -> Fetch:
        """Read those that a 304 is about and that have not been read; forget the others.

        Args:
            fetch: what the 304 answers.
            confirmed: its fields.
            url: that of the request.
            filtered: as for `heads`.
        """
        own, tag = self.own, tag_of(confirmed)
        unread = [head for head in fetch.nominated if head.key in own.unread]
        about = [head.key for head in unread if weak_match(tag, tag_of(head.headers))]
        own.read(about)
        read: dict[str, StoredHead] = {}
        for key in about:
            response = own.members.get(key)
            wanted = None if response is None else filtered(response)
            if wanted is not None:
                self._read[key] = own.members[key] = wanted
                read[key] = stored_head(wanted, url)
        kept = [head for head in fetch.nominated if head not in unread or head.key in read]
        return fetch._replace(
            known=tuple(read.get(head.key, head) for head in fetch.known),
            nominated=tuple(read.get(head.key, head) for head in kept),
        )

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
            known = _listed(self._cache.read_note(name)).items()
            listed = {k: about for k, about in known if k != key}
            listed[key] = (response.record.fields["url"], head.headers.joined(_FIELD))
            self._cache.write_note(name, dict(list(listed.items())[-_MOST_ALTERNATES:]))

    def freshen(self, update: Update, response: CachedResponse, index: Index | None) -> None:
        """Write what an update says; the body stays, or is copied for a new entry."""
        if not update.head.key:
            self.add(response, update.head, index)
        elif update.stored.key in self.own.members:
            self.own.replace_head(update.head.key, response)
        else:
            grace = self.own.grace(response)
            self._cache.freshen_response(update.head.key, response, grace)

    def superseded(self, response: CachedResponse, unfit: Mapping[str, str]) -> list[str]:
        """Give the keys of those that may not be used and that a new response takes the place of.

        Args:
            response: the new one.
            unfit: why others may not be used, by their keys.
        """
        if not unfit:
            return []
        fields, gone = response.record.fields, []
        for key, reason in unfit.items():
            old = self.own.members.get(key)
            if old is None or _variant_of(old.record.fields) != _variant_of(fields):
                continue
            if reason != "selected" or "selected" not in fields:
                gone.append(key)
        return gone

    def remove(self, keys: Collection[str]) -> None:
        """Delete some."""
        self.own.remove(keys)
        self._remove_alternates(keys)

    def _remove_alternates(self, keys: Iterable[str]) -> None:
        if gone := [*self._alternates.keys() & keys]:
            self._cache.delete_responses(gone)


def _listed(note: Any) -> dict[str, Any]:
    """Give by their keys what a note tells of responses."""
    known = note.items() if isinstance(note, dict) else ()
    return {key: about for key, about in known if is_key(key)}


def _may_answer(about: Any, request: RequestHead) -> bool:
    """Say whether a response for another query, of which a note tells, may answer a request."""
    url, field = (
        map(str, about) if isinstance(about, list | tuple) and len(about) == 2 else ("", "")
    )
    stored = StoredHead(200, Headers([(_FIELD, field)]), "GET", url, 0.0, 0.0, alternate=True)
    return matches(stored, request.url)
