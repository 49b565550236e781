"""The arguments that commands share: the cache, and which of its responses are meant."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, NamedTuple, TypeVar

import click
from requests_cache import clock
from requests_cache.backends import BaseCache
from requests_cache.backends.selection import Criteria
from requests_cache.errors import RecordError
from requests_cache.models.response import CachedResponse

from .address import open_cache
from .output import show_warnings, shown

# Which responses are meant

_F = TypeVar("_F", bound=Callable[..., Any])

_UNITS: Final = {"s": 1, "min": 60, "m": 60, "h": 3600, "d": 86400, "w": 604800, "": 1}
_SIZES: Final = {"": 1, "b": 1, "kb": 1e3, "mb": 1e6, "gb": 1e9, "k": 1e3, "m": 1e6, "g": 1e9}


if TYPE_CHECKING:
    _ParamType = click.ParamType[Any]
else:
    # It has no parameters before click 8.3.
    _ParamType = click.ParamType


class Measure(_ParamType):
    """A number with a unit, such as 30min or 2MB."""

    def __init__(self, name: str, units: dict[str, float]) -> None:
        self.name = name
        self.units = units

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Give the number in seconds or bytes."""
        found = re.fullmatch(r"([0-9.]+)\s*([a-zA-Z]*)", str(value))
        if found is None or found[2].lower() not in self.units:
            units = ", ".join(unit for unit in self.units if unit)
            self.fail(f"{value!r}: give a number, and one of {units}", param, ctx)
        return float(found[1]) * self.units[found[2].lower()]


DURATION: Final = Measure("duration", dict(_UNITS))
SIZE: Final = Measure("size", _SIZES)


class Choice(NamedTuple):
    """Which responses of a cache are meant."""

    criteria: Criteria
    older_than: float | None = None
    expired: bool | None = None

    def __bool__(self) -> bool:
        """Say whether anything was asked for."""
        return bool(self.criteria) or self.older_than is not None or self.expired is not None

    def find(
        self, cache: BaseCache, progress: Callable[[int, int], object] | None = None
    ) -> Iterator[CachedResponse]:
        """Give the heads of the responses that are meant; their text is not parsed.

        What has not even a URL is left out, and warned of.
        """
        found = cache.select(
            valid=self.expired is not True,
            expired=self.expired is not False,
            older_than=self.older_than,
            criteria=self.criteria,
            check=False,
            progress=progress,
        )
        for head in found:
            try:
                _ = head.record.url
            except RecordError as error:
                cache.note_damage("response under", head.cache_key or "", error)
            else:
                yield head


_CHOOSING: Final = (
    click.option("--host", multiple=True, metavar="GLOB", help="By host; may be repeated."),
    click.option("--match", metavar="GLOB", help="By a glob that the whole URL matches."),
    click.option("--method", metavar="METHOD", help="By the method of the request."),
    click.option(
        "--status", multiple=True, metavar="CODE", help="By status: 404 or 4xx; may be repeated."
    ),
    click.option("--type", "content_type", metavar="GLOB", help="By media type: 'image/*'."),
    click.option("--larger-than", type=SIZE, metavar="SIZE", help="By size of the body: 2MB."),
    click.option("--smaller-than", type=SIZE, metavar="SIZE", help="By size of the body."),
    click.option("--older-than", type=DURATION, metavar="TIME", help="By age: 30min, 2h, 7d."),
    click.option("--newer-than", type=DURATION, metavar="TIME", help="By age."),
    click.option("--expired/--valid", default=None, help="Only what has expired, or has not."),
    click.option("--key-prefix", metavar="TEXT", help="By the beginning of the key."),
)


def choosing(command: _F) -> _F:
    """Give a command the options that choose responses; it gets them as `choice`."""
    from functools import wraps

    @wraps(command)
    def chosen(**arguments: Any) -> Any:
        older_than, expired = arguments.pop("older_than"), arguments.pop("expired")
        names = Criteria.__annotations__
        given = {name: arguments.pop(name) for name in names}
        criteria: Any = {name: value for name, value in given.items() if value not in (None, ())}
        return command(choice=Choice(criteria, older_than, expired), **arguments)

    result: Any = chosen
    for option in reversed(_CHOOSING):
        result = option(result)
    return result  # type: ignore[no-any-return]  # as it came


_SHORTEST = 4


def find_named(cache: BaseCache, name: str) -> list[CachedResponse]:
    """Give the heads of the responses of a URL, or of a key or the beginning of keys.

    The key of a URL depends on settings of the session that stored it, so URLs are compared as
    they were stored.
    """
    whole = cache.get_response(name) if "://" not in name else None
    if whole is not None:
        return [whole]
    if "://" not in name and len(name) >= _SHORTEST:
        return list(cache.select(criteria={"key_prefix": name}))
    heads = [(head.record.url, head) for head in Choice({}).find(cache)]
    return [head for url, head in heads if url == name] or [
        head for url, head in heads if url.rstrip("/") == name.rstrip("/")
    ]


def find_one(cache: BaseCache, name: str) -> CachedResponse | None:
    """Give the one response that is meant, with its body; None if there is none.

    Raises:
        UsageError: there are several.
    """
    found = find_named(cache, name)
    if len(found) > 1:
        keys = ", ".join((each.cache_key or "")[:16] for each in found)
        raise click.UsageError(
            f"{shown(name)}: {len(found)} responses are meant; give a key: {keys}"
        )
    return cache.read_response(found[0].cache_key or "") if found else None


# The cache

_OPENING: Final = (
    click.argument("cache", metavar="CACHE"),
    click.option("--serializer", metavar="NAME", help="The serializer that wrote the cache."),
    click.option(
        "--secret-key-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="File with the key that signs the cache.",
    ),
    click.option("-v", "--verbose", is_flag=True, help="Write all that the library logs."),
)


def with_cache(command: _F) -> _F:
    """Give a command the arguments that name a cache; it gets them as `opening`."""
    from functools import wraps

    @wraps(command)
    def opening(
        cache: str,
        serializer: str | None,
        secret_key_file: Path | None,
        verbose: bool,
        **arguments: Any,
    ) -> Any:
        options: dict[str, Any] = {}
        if serializer is not None:
            options["serializer"] = serializer
        if secret_key_file is not None:
            options["secret_key"] = secret_key_file.read_bytes().strip()
        with show_warnings(verbose):
            return command(opening=Opening(cache, options), **arguments)

    result: Any = opening
    for option in reversed(_OPENING):
        result = option(result)
    return result  # type: ignore[no-any-return]  # as it came


class Opening(NamedTuple):
    """A cache that was named on the command line."""

    address: str
    options: dict[str, Any]


@contextmanager
def opened(opening: Opening, *, create: bool = False) -> Iterator[BaseCache]:
    """Open a cache for a block."""
    cache = open_cache(opening.address, create=create, **opening.options)
    try:
        yield cache
    finally:
        cache.close()


as_json: Final = click.option("--json", "as_json", is_flag=True, help="Write JSON.")


def age_of(response: CachedResponse) -> float:
    """Give the seconds since a response was received or validated."""
    return max(0.0, clock.now() - response.record.created)
