"""What the verbs of a cache are called with: one value or several, each of its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from os import PathLike
from types import NoneType
from typing import Any, Final

from ..option_types import FLAG_OR_NONE, Kind, check_options

# requests takes whatever has a text, such as the URL objects of other libraries.
_NO_URLS: Final = (int, float, list, tuple, set, frozenset, dict)


def _is(*kinds: Any) -> Callable[[object], bool]:
    return lambda value: isinstance(value, kinds)


def _has(*names: str) -> Callable[[object], bool]:
    return lambda value: all(hasattr(value, name) for name in names)


def _is_url(value: object) -> bool:
    return value is not None and type(value) is not object and not isinstance(value, _NO_URLS)


def _is_count(value: object) -> bool:
    return value is None or (isinstance(value, int) and not isinstance(value, bool) and value >= 0)


VERBS: Final[Mapping[str, Kind]] = {
    "keys": Kind(_is(str), "keys, which are texts, one by one"),
    "key": Kind(_is(str), "a key, which is a text"),
    "urls": Kind(_is_url, "a URL, or a list of URLs"),
    "url": Kind(_is_url, "a URL"),
    "requests": Kind(
        _has("url", "headers"), "a Request or PreparedRequest of requests, or a list of these"
    ),
    "request": Kind(_has("url", "headers"), "a Request or PreparedRequest of requests"),
    "response": Kind(_has("request", "headers"), "a Response of requests"),
    "original_session": Kind(_has("adapters", "headers"), "a Session of requests"),
    "method": Kind(_is(str), 'a method, such as "GET"'),
    "host": Kind(_is(str), "a text, in which * stands for any text, or a list of these"),
    "status": Kind(_is(str, int), 'a code such as 404, a class such as "4xx", or a list of these'),
    "key_prefix": Kind(_is(str), "a text"),
    "verify": Kind(
        _is(NoneType, bool, str, PathLike), "True, False or None, or the path of certificates"
    ),
    "valid": FLAG_OR_NONE,
    "expired": FLAG_OR_NONE,
    "invalid": FLAG_OR_NONE,
    "check_expiry": FLAG_OR_NONE,
    "limit": Kind(_is_count, "a whole number, or None for all"),
    "progress": Kind(_is(NoneType, bool, Callable), "a function, True or False"),
}
"""What the arguments of verbs may be, by their names."""


def check_arguments(**arguments: object) -> None:
    """Raise ConfigurationError if an argument of a verb is of another type than its name says."""
    check_options(arguments, VERBS)


def listed(name: str, value: Any) -> list[Any]:
    """Give what is one value or several, each of its type, as a list; None is none at all.

    A text is one value and never a list of its letters.
    """
    if value is None:
        return []
    if not isinstance(value, Iterable) or isinstance(value, str | bytes):
        check_arguments(**{name: value})
        return [value]
    values = list(value)
    for each in values:
        check_arguments(**{name: each})
    return values
