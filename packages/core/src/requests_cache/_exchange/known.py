"""What is stored for a request: under its URL, and for other queries of its path.

The latter is for No-Vary-Search: a note lists the responses of a path that have it, with the query
of each and what of it matters.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeAlias

from .._store.entry import is_key
from ..models.response import CachedResponse
from ..policy import Fetch, Headers, RequestHead, StoredHead, Update, Variant, search_variance
from ..policy.selection import normalise, same_search, tag_of, weak_match
from .heads import stored_head

if TYPE_CHECKING:
    from ..backends.cache import BaseCache
    from ..models.fields import Fields

Index: TypeAlias = Callable[[], str]
"""Gives the name of the note for a path; called only where it is needed. Not kept: who gives it
would keep what he has, and himself, until the garbage collector comes."""
Note: TypeAlias = Callable[[], Any]
"""Gives what that note says; called and kept as `Index` is."""
Read: TypeAlias = Callable[[str], CachedResponse | None]
"""Reads what is stored under a key."""
Filter: TypeAlias = Callable[[CachedResponse], CachedResponse | None]
"""Gives a response, or one in its place; None to leave it out."""

_FIELD = "No-Vary-Search"
_WHOLE_SEARCH = search_variance(Headers())
# The most responses of one path that are compared by No-Vary-Search.
_MOST_ALTERNATES = 32


def _variant_of(fields: Fields) -> object:
    return [tuple(item) for item in fields.get("vary", ())]


class Known:
    """The responses that may answer a request, `own` those of its URL; empty before `load`."""

    def __init__(self, own: StoredSet, cache: BaseCache, request: RequestHead) -> None:
        self.own = own
        self.key = own.key
        """The key of the request that is answered: where a redirect led, that of its target."""
        self._cache = cache
        self._request = request
        self._alternates: dict[str, CachedResponse] = {}
        self._read: dict[str, CachedResponse] = {}

    def load(self, first: CachedResponse | None, read: Read | None, note: Note | None) -> None:
        """Read all that may answer the request, of which `first` lies under its key.

        Without a note of other queries of the path these are not looked for.
        """
        request = self._request
        self.own.load(first, request.headers, read)
        if not self.own.members and note is not None:
            listed = _listed(note()).items()
            others = [k for k, about in listed if k != self.own.key and _may_answer(about, request)]
            self._alternates = dict(self._cache.read_responses(others)) if others else {}
        self._read = {**self._alternates, **self.own.members}

    def load_target(self, target: StoredSet, first: CachedResponse, read: Read | None) -> None:
        """Read what a redirect leads to; `first` lies under its key and has the history."""
        target.load(first, self._request.headers, read)
        self.key = target.key
        for response in target.members.values():
            response.history = first.history
        self._read = dict(target.members)

    def heads(self, filtered: Filter) -> list[StoredHead]:
        """Describe those to the policy that a filter lets through."""
        described, url = [], self._request.url
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

    def unread(self) -> list[StoredHead]:
        """Describe those of the URL that the request does not select, by what is known unread."""
        known, url = self.own.unread.items(), self._request.url
        return [sibling.head(key, url) for key, sibling in known if sibling is not None]

    def read_confirmed(self, fetch: Fetch, confirmed: Headers, filtered: Filter) -> Fetch:
        """Read those that a 304 is about and that have not been read; forget the others.

        The fields `confirmed` are those of the 304, which answers what was fetched.
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
                read[key] = stored_head(wanted, self._request.url)
        kept = [head for head in fetch.nominated if head not in unread or head.key in read]
        return fetch._replace(
            known=tuple(read.get(head.key, head) for head in fetch.known),
            nominated=tuple(read.get(head.key, head) for head in kept),
        )

    def response(self, head: StoredHead) -> CachedResponse:
        """Give the response that a head describes, even if it has been removed since."""
        return self._read[head.key]

    def add(
        self, response: CachedResponse, head: StoredHead, index: Index | None, *replaced: str
    ) -> None:
        """Store another response, in the place of those under the keys `replaced`."""
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
        """Give the keys of those that may not be used and whose place a new response takes."""
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
    is_pair = isinstance(about, list | tuple) and len(about) == 2
    url, field = map(str, about) if is_pair else ("", "")
    stored = StoredHead(200, Headers([(_FIELD, field)]), "GET", url, 0.0, 0.0, alternate=True)
    return same_search(stored, request.url)


# What is stored for one URL: variants, parts, and answers to GET and HEAD

# So many responses of a URL are kept; of what `Vary` makes more, the least recently used go.
_MOST: Final = 32


class StoredSet:
    """The stored responses of one key, by the key under which each lies; empty before `load`.

    `grace` gives for how many seconds a response is kept after it has expired; None for ever.
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
        self, first: CachedResponse | None, headers: Headers, read: Read | None = None
    ) -> None:
        """Take what lies under the key, and read those of the others that a request selects.

        Without `read` they are read whole and at once.
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

    def read(self, keys: Iterable[str], read: Read | None = None) -> None:
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
        """Store another response, to which others give way; give the key under which it lies."""
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
        has_others = key == self.key and (self.unread or len(self.members) > 1)
        siblings = self._siblings() if has_others else []
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
        if first is not None:
            self._tell_of_siblings(self.key, first)
            self._cache.freshen_response(self.key, first, self.grace(first))

    def _key_for(self, response: CachedResponse) -> str:
        fields = response.record.fields
        identity = [self.key, fields.get("vary"), fields["request"]["method"], response.status_code]
        if fields.get("selected"):
            identity.append(fields["selected"])
        if response.status_code == 206:
            identity.append(response.headers.get("Content-Range"))
        return sha256(json.dumps(identity).encode("ascii")).hexdigest()


# What the first response of a URL tells of the others, its siblings


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
