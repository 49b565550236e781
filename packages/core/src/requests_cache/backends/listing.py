"""The responses of a cache, one after the other and at a glance, with no more read than needed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from requests import Request

from .. import clock
from .._store.entry import NOTE_PREFIX, is_expired, is_key
from ..errors import RecordError, StorageError
from ..models.base import attributes_of
from ..models.record import HeadRecord
from .responses import Responses

if TYPE_CHECKING:
    from typing import Unpack

    from requests import PreparedRequest

    from .._store.entry import Entry
    from ..models.response import CachedResponse
    from .selection import Criteria, Selection
    from .storage import BaseStorage
    from .views import Progress, Row, Size, Urls

_T = TypeVar("_T")

# Public to the parts of this library and to authors of backends; a list of names for users, as
# completion shows it, is shorter without them.
_FOR_EXCHANGES = (
    "OPTIONS OPTION_KINDS aliases asks_for_both compared contract create_body delete_responses"
    " earlier_place entries flights freshen_response keys_of limit_responses make_note"
    " make_opened make_response note_damage note_evicted open_either open_exactly read_either"
    " read_note refuse_large siblings_of storage_options stream_limit streams used_variants"
    " write_detached write_note write_redirect write_response"
)

_NEWEST = 10


class Listing(Responses):
    """The verbs of a cache that list, and what it says of all that it holds."""

    cache_name: str

    def keys(self, check_expiry: bool = False) -> Iterator[str]:
        """Iterate over the keys of redirects and of valid responses.

        Args:
            check_expiry: leave out responses that have expired.
        """
        yield from (k for k in self.redirects if is_key(k) and not k.startswith(NOTE_PREFIX))
        if not check_expiry:
            yield from self.responses
            return
        now = clock.now()
        yield from (key for key, entry in self.entries() if not is_expired(entry, now))

    def values(self, check_expiry: bool = False) -> Iterator[CachedResponse]:
        """Iterate over the responses that can be read.

        Args:
            check_expiry: leave out those that have expired.
        """
        return self.filter(expired=not check_expiry)

    def filter(
        self,
        valid: bool = True,
        expired: bool = True,
        invalid: bool = False,
        older_than: float | timedelta | None = None,
        **criteria: Unpack[Criteria],
    ) -> Iterator[CachedResponse]:
        """Iterate over the responses that are of one of the kinds asked for.

        Args:
            valid: those that have not expired.
            expired: those that have expired.
            invalid: none: what cannot be read is no response. `delete(invalid=True)` removes it.
            older_than: only those received at least this long ago (seconds or timedelta).
            criteria: what else a response has to be: `host`, `match`, `method`, `status`,
                `content_type`, `larger_than`, `smaller_than`, `newer_than`, `key_prefix`; see
                `requests_cache.backends.selection.Criteria`.
        """
        from .selection import is_choosing

        if is_choosing(criteria):
            # Few are chosen of many: the bodies of the others need not be read.
            chosen = self.select(False, valid, expired, older_than, criteria)
            keys = (each.cache_key or "" for each in chosen)
            return (found for _, found in self.read_responses(keys))
        return self.select(True, valid, expired, older_than, criteria)

    def heads(
        self,
        valid: bool = True,
        expired: bool = True,
        older_than: float | timedelta | None = None,
        **criteria: Unpack[Criteria],
    ) -> Iterator[CachedResponse]:
        """Iterate over the responses that can be read, without reading their bodies.

        To ask one of them for its body raises BodyNotReadError. The arguments are those of
        `filter`.
        """
        return self.select(False, valid, expired, older_than, criteria)

    def select(
        self,
        bodies: bool = False,
        valid: bool = True,
        expired: bool = True,
        older_than: float | timedelta | None = None,
        criteria: Criteria | None = None,
        *,
        check: bool = True,
        progress: Progress | bool | None = None,
    ) -> Iterator[CachedResponse]:
        """Iterate over responses: the one road of all verbs that list.

        Args:
            bodies: read the bodies, too.
            valid: those that have not expired.
            expired: those that have expired.
            older_than: only those received at least this long ago (seconds or timedelta).
            criteria: what else a response has to be.
            check: leave out what has not the form of a response. False saves parsing its text,
                which takes most of the time of a long list: an attribute that is read may then
                raise RecordError, and the times may be any.
            progress: told how many responses have been looked at, and of how many.
        """
        # Imported for who asks; what is wrong is said at once.
        from .selection import Selection

        self._check(valid=valid, expired=expired, progress=progress)
        if older_than is not None and not (valid or expired):
            # So version 1 asks for what is old alone, whether it has expired or not.
            valid = expired = True
        selection = Selection(criteria, older_than)
        found = watch(self.entries(bodies=bodies), self.responses, progress)
        return self._chosen(found, bodies, valid, expired, selection, peek=not check)

    def _chosen(
        self,
        found: Iterable[tuple[str, Entry]],
        bodies: bool,
        valid: bool,
        expired: bool,
        selection: Selection,
        *,
        peek: bool,
    ) -> Iterator[CachedResponse]:
        now = clock.now()
        for key, entry in found:
            if not (expired if is_expired(entry, now) else valid):
                continue
            response = self._load(key, entry, bodies, peek=peek)
            if response is None or not selection.takes(key, response.record):
                continue
            yield response if bodies else self._without_body(response)

    def _without_body(self, response: CachedResponse) -> CachedResponse:
        # Of a format without parts the body has been read.
        if self.serializer.splits:
            response.record.__class__ = HeadRecord
            attributes_of(response).pop("_content", None)
        return response

    def rows(
        self,
        valid: bool = True,
        expired: bool = True,
        older_than: float | timedelta | None = None,
        **criteria: Unpack[Criteria],
    ) -> Iterator[Row]:
        """Iterate over what a table of the responses says of each; no body is read.

        `pandas.DataFrame(cache.rows())` is a table of the whole cache. The arguments are those of
        `filter`.
        """
        from .views import row_of

        for response in self.select(False, valid, expired, older_than, criteria, check=False):
            try:
                yield row_of(response)
            except RecordError as error:
                self.note_damage("response under", response.cache_key or "", error)

    def sorted(
        self,
        key: str = "expires",
        reversed: bool = False,  # noqa: A002  # the name that version 1 has
        limit: int | None = None,
        expired: bool = True,
    ) -> Iterator[CachedResponse]:
        """Give the responses in an order.

        Args:
            key: what they are sorted by: "expires", "size" or "key".
            reversed: the largest first.
            limit: so many at most.
            expired: those that have expired, too.

        Raises:
            ConfigurationError: there is no such key.
        """
        from .views import sort_responses

        self._check(limit=limit)
        return iter(sort_responses(self.filter(expired=expired), key, reversed, limit))

    @property
    def urls(self) -> Urls:
        """Iterate over the URLs of the responses, without redirects; `urls()` is a sorted list."""
        from .views import Urls

        return Urls(self._each_url(), self._all_urls)

    def _all_urls(self, **criteria: Any) -> list[str]:
        if not criteria:
            return sorted(set(self._each_url()))
        return sorted({response.url for response in self.filter(**criteria)})

    def _each_url(self) -> Iterator[str]:
        read, whole = self.serializer.url_of, not self.serializer.splits
        for key, entry in self.entries():
            url = self._made_of(entry, "response under", key, read, whole)
            if url is not None:
                yield url

    # At a glance

    def contains(
        self,
        key: str | None = None,
        request: Request | PreparedRequest | None = None,
        url: str | None = None,
        verify: bool | None = None,
    ) -> bool:
        """Say whether there is a response or a redirect for a key, a request or a GET of a URL.

        Args:
            key: the key.
            request: the request.
            url: the URL.
            verify: whether it was fetched with verified certificates; None for either.

        Raises:
            ConfigurationError: an argument is of a wrong type.
        """
        asked = {"key": key, "request": request, "url": url, "verify": verify}
        self._check(**{name: value for name, value in asked.items() if value is not None})
        if url is not None:
            keys = self.keys_of(Request("GET", url), verify)
        elif request is not None:
            keys = self.keys_of(request, verify)
        else:
            keys = [] if key is None else [key]
        return any(key in self.responses or key in self.redirects for key in keys)

    def has_key(self, key: str) -> bool:
        """Say whether there is a response or a redirect under `key`."""
        return self.contains(key)

    def has_url(self, url: str, method: str = "GET", **options: Any) -> bool:
        """Say whether there is a response or a redirect for a GET, or another method, of `url`.

        Args:
            url: the URL.
            method: the method.
            options: further arguments of `requests.Request`.
        """
        self._check(url=url, method=method)
        return self.contains(request=Request(method, url, **options))

    def __len__(self) -> int:
        """Count the responses, expired ones and variants too; redirects do not count."""
        return len(self.responses)

    def __bool__(self) -> bool:
        """Be true, also without a response: `cache or other` means that there is a cache."""
        return True

    def redirect_count(self) -> int:
        """Count the redirects to responses."""
        return sum(is_key(k) and not k.startswith(NOTE_PREFIX) for k in self.redirects)

    def response_count(self, check_expiry: bool = False) -> int:
        """Count the responses that can be read; `len(cache.responses)` counts without looking.

        Args:
            check_expiry: leave out those that have expired.
        """
        now = clock.now()
        return sum(
            not (check_expiry and is_expired(entry, now))
            and self._load(key, entry, bodies=False, peek=True) is not None
            for key, entry in self.entries()
        )

    def count(self, expired: bool = True) -> int:
        """Count the responses; with `expired=False` those that have not expired."""
        return self.response_count(check_expiry=not expired)

    @property
    def size(self) -> Size:
        """The bytes that the responses take: heads and bodies; of files what is on the disk.

        It is found by listing all of them, unless the cache is in files.
        """
        from .views import Size

        return Size(
            sum(
                len(entry.head) + (response.record.size if self.serializer.splits else 0)
                for key, entry in self.entries()
                if (response := self._load(key, entry, bodies=False, peek=True)) is not None
            )
        )

    @property
    def name(self) -> str:
        """Give the name of the cache, as versions before 1.0 called it."""
        return self.cache_name

    def __repr__(self) -> str:
        """Name the cache; what it holds is not shown, for that would read it."""
        return f"<{type(self).__name__}(cache_name={self.cache_name!r})>"

    def __str__(self) -> str:
        """Name the cache, and say how many responses and redirects are in it."""
        try:
            held = f"{len(self.responses)} responses, {self.redirect_count()} redirects"
        except StorageError as error:
            held = f"not readable: {error}"
        return f"{self!r:.200}: {held}"

    def _repr_html_(self) -> str:
        """Show the cache in a notebook: its totals and its newest responses."""
        from heapq import nlargest

        from ..notebook import size_text, table

        newest = nlargest(_NEWEST, self.rows(), key=lambda row: row["created_at"])
        totals = {"Responses": str(len(self)), "Size": size_text(self.size)}
        shown = ((row["url"], f"{row['status']}, {size_text(row['size'])}") for row in newest)
        return table(repr(self), totals.items()) + table("Newest", shown)

    def __dir__(self) -> list[str]:
        """List what a user of a cache may want; what exchanges and stores call is left out."""
        hidden = frozenset(_FOR_EXCHANGES.split())
        return [name for name in super().__dir__() if name not in hidden]


def watch(
    items: Iterable[_T], storage: BaseStorage, progress: Progress | bool | None
) -> Iterable[_T]:
    """Give the items; if somebody asks how far the work is, tell them."""
    if not progress:
        return items
    # Imported for who asks. Counting may take long, too.
    from .views import watched

    return watched(items, len(storage), progress)
