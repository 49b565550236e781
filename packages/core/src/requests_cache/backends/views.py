"""What a listing gives: a size and URLs that may also be called, as in version 1; an order."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any

from ..errors import ConfigurationError

if TYPE_CHECKING:
    from ..models.response import CachedResponse

__all__ = ["Size", "Urls", "sort_responses"]


class Size(int):
    """A number of bytes; version 1 has it as a method, so it may be called as well."""

    def __call__(self) -> int:
        """Give the number."""
        return int(self)


class Urls(Iterator[str]):
    """The URLs of a cache, one after the other; called, all of them, as version 1 gives them."""

    def __init__(self, urls: Iterator[str], all_urls: Callable[..., list[str]]) -> None:
        self._urls = urls
        self._all_urls = all_urls

    def __iter__(self) -> Iterator[str]:  # noqa: PYI034  # there may be a million to step through
        return self._urls

    def __next__(self) -> str:
        return next(self._urls)

    def __call__(self, **criteria: Any) -> list[str]:
        """Give each URL once, sorted; the arguments are those of `BaseCache.filter`."""
        return self._all_urls(**criteria)


def sort_responses(
    responses: Iterable[CachedResponse], key: str, descending: bool, limit: int | None
) -> list[CachedResponse]:
    """Sort responses by when they expire, those that never do last; by size; or by key."""
    orders = {
        "expires": lambda response: response.record.expires,
        "size": lambda response: response.size,
        "key": lambda response: response.cache_key or "",
    }
    if not isinstance(key, str) or key not in orders:
        raise ConfigurationError(f"sorted(key={key!r}): choose {', '.join(map(repr, orders))}")
    return sorted(responses, key=orders[key], reverse=descending)[:limit]
