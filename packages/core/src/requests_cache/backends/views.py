"""What the verbs that list give beside responses: sizes, URLs, rows of a table, and progress."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final, TypeAlias, TypedDict, TypeVar

from ..errors import ConfigurationError, RecordError

if TYPE_CHECKING:
    from ..models.record import Record
    from ..models.response import CachedResponse

_T = TypeVar("_T")

_CONTENT_TYPE: Final = re.compile(rb'(?i)\["content-type","([^"\\;\x80-\xff]*)[;"]')


class Size(int):
    """A number of bytes; version 1 has it as a method, so it may be called as well."""

    def __call__(self) -> int:
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


class Row(TypedDict):
    """One response; credentials were replaced when it was stored."""

    url: str
    method: str
    status: int
    content_type: str
    """Media type without parameters; "" where the response says none."""
    size: int
    """Bytes of the body as it is stored."""
    created_at: datetime
    """When it was received or last validated, in UTC."""
    expires: datetime | None
    """When it expires, in UTC; None for never."""
    is_expired: bool
    key: str


def row_of(response: CachedResponse) -> Row:
    """Give the row of a response; RecordError if what is stored has not the form of one."""
    record = response.record
    try:
        return Row(
            url=record.url,
            method=record.fields["request"]["method"] or "",
            status=record.status,
            content_type=media_type(record),
            size=record.size,
            created_at=response.created_at,
            expires=response.expires,
            is_expired=response.is_expired,
            key=response.cache_key or "",
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise RecordError(f"the record has not the form of a response: {error}") from error


def media_type(record: Record) -> str:
    """Give the media type that a response declares, without parameters; "" for none."""
    found = _glimpse(record.source)
    if found is not None:
        return found
    for name, value in record.fields["headers"]:
        if name.lower() == "content-type":
            return str(value).partition(";")[0].strip().lower()
    return ""


def _glimpse(source: bytes) -> str | None:
    """Find the media type in the text of a record without parsing it; None if that is not safe.

    A quote within a value is escaped, so what looks like a field here is one. The header fields of
    the request come after those of the response, which begin with a list if there are any.
    """
    start = source.find(b'"headers":[')
    if source[start + 11 : start + 12] != b"[":
        return None
    declared = _CONTENT_TYPE.search(source, start, source.find(b']],"', start))
    return declared[1].decode("ascii").strip().lower() if start >= 0 and declared else None


# How far long work on a whole cache has come

Progress: TypeAlias = Callable[[int, int], object]
"""Is told how many responses are done, and how many there were at the beginning.

It is called a hundred times at most before the end, and at the end, when both numbers are the same:
what was stored or deleted meanwhile no longer matters then. What it raises ends the work.
"""

_STEPS: Final = 100


def watched(items: Iterable[_T], total: int, progress: Progress | bool) -> Iterator[_T]:
    """Give the items, and tell `progress` how many of `total` were worked on; True shows a bar."""
    if isinstance(progress, bool):
        progress = _make_bar(total)
    step = max(1, total // _STEPS)
    for done, item in enumerate(items):
        if done and done % step == 0 and done < total:
            progress(done, total)
        yield item
    progress(total, total)


def _make_bar(total: int) -> Progress:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _print_percent
    bar = tqdm(total=total, unit="responses")

    def show(done: int, total: int) -> None:
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return show


def _print_percent(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} responses", end=end, file=sys.stderr, flush=True)  # noqa: T201  # asked for
