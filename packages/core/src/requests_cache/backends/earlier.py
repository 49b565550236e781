"""Verbs of a cache by the names and arguments that earlier versions gave them."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

from .._store.entry import NOTE_PREFIX
from ..errors import ConfigurationError, StorageError

if TYPE_CHECKING:
    from requests import PreparedRequest, Request

    from ..models.response import CachedResponse
    from .cache import BaseCache

__all__ = ["Earlier", "Size", "Urls", "sort_responses"]

logger = logging.getLogger("requests_cache")


class Size(int):
    """A number of bytes; version 1 has it as a method, so it may be called as well."""

    def __call__(self) -> int:
        """Give the number."""
        return int(self)


class Urls(Iterator[str]):
    """The URLs of a cache, one after the other; called, all of them, as version 1 gives them."""

    def __init__(self, cache: BaseCache, urls: Iterator[str]) -> None:
        self._cache = cache
        self._urls = urls

    def __next__(self) -> str:
        return next(self._urls)

    def __call__(self, **criteria: Any) -> list[str]:
        """Give each URL once, sorted; the arguments are those of `BaseCache.filter`."""
        if not criteria:
            return sorted(set(self._cache.urls))
        return sorted({response.url for response in self._cache.filter(**criteria)})


class Earlier:
    """What versions 0.7 to 1.3 call otherwise, or have besides."""

    def keys_of(
        self: BaseCache, request: Request | PreparedRequest, verify: bool | None = None
    ) -> list[str]:
        """Give the keys that a request may have: with verified certificates, and without."""
        ways = (True, False) if verify is None else (verify,)
        return list(dict.fromkeys(self.create_key(request, verify=way) for way in ways))

    def __str__(self: BaseCache) -> str:
        """Name the cache, and say how many responses and redirects are in it."""
        try:
            held = f"{len(self.responses)} responses, {self.redirect_count()} redirects"
        except StorageError as error:
            held = f"not readable: {error}"
        return f"{self!r:.200}: {held}"

    def count(self: BaseCache, expired: bool = True) -> int:
        """Count the responses; with `expired=False` those that have not expired."""
        return self.response_count(check_expiry=not expired)

    def sorted(
        self: BaseCache,
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
        return iter(sort_responses(self.filter(expired=expired), key, reversed, limit))

    def recreate_keys(self: BaseCache) -> int:
        """Give each response the key that its request has now, after a change of the matching.

        One that belongs to somebody stays as it is, for what said so is not stored; so does a
        variant. Nothing but the key tells that a response was fetched without verifying
        certificates: where there are such, delete them first (`delete(urls=..., verify=False)`).

        Returns how many stay as they are for one of these reasons.
        """
        kept = 0
        moved: dict[str, str] = {}
        variants = set(self.siblings_of(list(self.responses)))
        for key, response in list(self.read_responses(list(self.responses))):
            names = self.keys_of(response.request)
            if key == names[0]:
                continue
            if key in names or key in variants or _is_somebodys(response):
                kept += 1
                continue
            self.write_response(names[0], response)
            self.delete_responses([key])
            moved[key] = names[0]
        _redirect(self, moved)
        logger.info("%r: %d keys are new, %d stay as they are", self, len(moved), kept)
        return kept


def _is_somebodys(response: CachedResponse) -> bool:
    """Say whether the request had something secret, of which the key knows and nothing else."""
    fields = response.record.fields["request"]
    return "REDACTED" in repr(fields) or response.request.headers.keys() & {"Cookie"} != set()


def _redirect(cache: BaseCache, moved: dict[str, str]) -> None:
    for key, alias in cache.redirects.scan(bodies=True):
        if key.startswith(NOTE_PREFIX):
            continue
        target = cache.redirects.serializer.decode(alias.head, b"")
        if target in moved:
            history: Any = cache.redirects.serializer.loads(alias.body) if alias.body else None
            cache.write_redirect(key, moved[str(target)], history, alias.keep_until)


def sort_responses(
    responses: Iterable[CachedResponse], key: str, descending: bool, limit: int | None
) -> list[CachedResponse]:
    """Sort responses by when they expire, those that never do last; by size; or by key."""
    orders = {
        "expires": lambda response: response.record.expires,
        "size": lambda response: response.size,
        "key": lambda response: response.cache_key or "",
    }
    if key not in orders:
        raise ConfigurationError(f"sorted(key={key!r}): choose {', '.join(map(repr, orders))}")
    return sorted(responses, key=orders[key], reverse=descending)[:limit]
