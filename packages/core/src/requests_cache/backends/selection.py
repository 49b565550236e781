"""Which responses of a cache are meant: by host, URL, status, size, age, expiry, key."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import timedelta
from fnmatch import translate
from re import IGNORECASE
from re import compile as compile_pattern
from typing import TYPE_CHECKING, Any, Final, TypedDict

from .. import clock
from ..errors import ConfigurationError, RecordError
from ..expiration import relative_seconds
from ..options import reject_unknown
from .arguments import check_arguments, listed
from .views import media_type

if TYPE_CHECKING:
    from ..models.record import Record

__all__ = ["Criteria", "Selection", "is_choosing"]

_AUTHORITY: Final = compile_pattern(r"[^:/?#]*://(?:[^/?#]*@)?(\[[^\]]*\]|[^:/?#]*)")
_Test = Callable[[str, "Record"], bool]


class Criteria(TypedDict, total=False):
    """What a response has to be; each criterion that is given has to hold.

    Raises ConfigurationError where one is unknown or has a wrong value.
    """

    host: str | Iterable[str]
    """Host of the URL, or several; a glob such as `"*.example.org"`. Ports do not count."""
    match: str
    """Glob that the whole URL matches, such as `"*/image/*"`."""
    method: str
    """Method of the request."""
    status: int | str | Iterable[int | str]
    """Status code, or several; `"4xx"` stands for all from 400 to 499."""
    content_type: str
    """Glob that the media type matches, such as `"image/*"`."""
    larger_than: float
    """Bytes that the body has more than."""
    smaller_than: float
    """Bytes that the body has less than."""
    newer_than: float | timedelta
    """Received less long ago than this: seconds or timedelta."""
    key_prefix: str
    """How the key begins, such as what a `key_fn` puts there."""


def is_choosing(criteria: Criteria) -> bool:
    """Say whether there is a criterion that is not None; raise UnknownOptionError for another."""
    reject_unknown("the selection", criteria, _TESTS)
    return any(value is not None for value in criteria.values())


class Selection:
    """Decides about one response after another; none of its bodies is looked at."""

    def __init__(
        self, criteria: Criteria | None = None, older_than: float | timedelta | None = None
    ) -> None:
        given: dict[str, Any] = {"older_than": older_than, **(criteria or {})}
        reject_unknown("the selection", given, _TESTS)
        now = clock.now()
        self._tests = [
            make(given[name], now) for name, make in _TESTS.items() if given.get(name) is not None
        ]

    def takes(self, key: str, record: Record) -> bool:
        """Say whether a response is meant; one that cannot be read is not."""
        try:
            return not self._tests or all(test(key, record) for test in self._tests)
        except (RecordError, KeyError, TypeError, ValueError):
            # What is in a record that was listed may be anything.
            return False


def _host(value: Any, now: float) -> _Test:
    patterns = [_glob(each, "host") for each in listed("host", value)]

    def test(key: str, record: Record) -> bool:
        host = host_of(record.url)
        return any(pattern(host) for pattern in patterns)

    return test


def host_of(url: str) -> str:
    """Give the host of a URL, without port and brackets; "" if there is none.

    `urllib.parse` takes ten times as long, and there are many.
    """
    authority = _AUTHORITY.match(url)
    return authority[1].strip("[]").lower() if authority else ""


def _match(value: Any, now: float) -> _Test:
    pattern = _glob(value, "match", 0)
    return lambda key, record: pattern(record.url) is not None


def _method(value: Any, now: float) -> _Test:
    wanted = {each.upper() for each in listed("method", value)}
    return lambda key, record: record.fields["request"]["method"] in wanted


def _status(value: Any, now: float) -> _Test:
    several = [value] if isinstance(value, str | int) else listed("status", value)
    ranges = [_codes(each) for each in several]
    return lambda key, record: any(record.status in codes for codes in ranges)


def _codes(value: Any) -> range:
    text = str(value).lower()
    if len(text) == 3 and text[0].isdigit() and (text.isdigit() or text[1:] == "xx"):
        first = int(text.replace("x", "0"))
        return range(first, first + (1 if text.isdigit() else 100))
    raise ConfigurationError(f'status={value!r}: give a code such as 404, or a class such as "4xx"')


def _content_type(value: Any, now: float) -> _Test:
    pattern = _glob(value, "content_type")
    return lambda key, record: pattern(media_type(record)) is not None


def _larger_than(value: Any, now: float) -> _Test:
    size = _number(value, "larger_than")
    return lambda key, record: record.size > size


def _smaller_than(value: Any, now: float) -> _Test:
    size = _number(value, "smaller_than")
    return lambda key, record: record.size < size


def _older_than(value: Any, now: float) -> _Test:
    latest = now - relative_seconds(value, "older_than")
    return lambda key, record: record.created <= latest


def _newer_than(value: Any, now: float) -> _Test:
    earliest = now - relative_seconds(value, "newer_than")
    return lambda key, record: record.created > earliest


def _key_prefix(value: Any, now: float) -> _Test:
    check_arguments(key_prefix=value)
    return lambda key, record: key.startswith(value)


# Those last that have to parse the text of a record.
_TESTS: Final[dict[str, Callable[[Any, float], _Test]]] = {
    "key_prefix": _key_prefix,
    "status": _status,
    "larger_than": _larger_than,
    "smaller_than": _smaller_than,
    "older_than": _older_than,
    "newer_than": _newer_than,
    "match": _match,
    "host": _host,
    "method": _method,
    "content_type": _content_type,
}


def _glob(value: Any, name: str, flags: int = IGNORECASE) -> Callable[[str], object]:
    if not isinstance(value, str):
        raise ConfigurationError(f"{name}={value!r}: give a text, in which * stands for any text")
    return compile_pattern(translate(value), flags).match


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ConfigurationError(f"{name}={value!r}: give a number of bytes")
    return value
