"""A cache at a glance: whether something is in it, how many, how large, and how it is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from requests import Request

from .. import clock
from .._store.entry import NOTE_PREFIX, is_expired, is_key
from ..errors import StorageError
from .listing import Listing

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .views import Size

__all__ = ["Overview"]

# Public to the parts of this library and to authors of backends; a list of names for users, as
# completion shows it, is shorter without them.
_FOR_EXCHANGES = frozenset(
    [
        "OPTIONS",
        "OPTION_KINDS",
        "aliases",
        "asks_for_both",
        "compared",
        "contract",
        "create_body",
        "delete_responses",
        "earlier_place",
        "entries",
        "flights",
        "freshen_response",
        "keys_of",
        "limit_responses",
        "make_note",
        "make_opened",
        "make_response",
        "note_damage",
        "note_evicted",
        "open_either",
        "open_exactly",
        "read_either",
        "read_note",
        "refuse_large",
        "siblings_of",
        "storage_options",
        "stream_limit",
        "streams",
        "used_variants",
        "write_detached",
        "write_note",
        "write_redirect",
        "write_response",
    ]
)

_NEWEST = 10


class Overview(Listing):
    """What a cache says of all that it holds."""

    cache_name: str

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
        return [name for name in super().__dir__() if name not in _FOR_EXCHANGES]
