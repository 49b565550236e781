"""A cache named by a path or a URL."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit, urlunsplit

from requests_cache.backends import BaseCache, init_backend
from requests_cache.errors import ConfigurationError
from requests_cache.settings import MATCHING

__all__ = ["NoSuchCacheError", "matching_of", "open_cache"]

_BOOLEANS: Final = {"true": True, "yes": True, "false": False, "no": False}
# Options of every cache; those that are left in the URL of a server are its driver's.
_OF_CACHE: Final = frozenset(
    {
        "ignored_parameters",
        "match_credentials",
        "match_headers",
        "namespace",
        "salt",
        "serializer",
        "ttl",
    }
)
_LISTS: Final = frozenset({"ignored_parameters", "match_headers"})
# The first bytes of a SQLite file (https://www.sqlite.org/fileformat.html, 1.3).
_SQLITE: Final = b"SQLite format 3\x00"


class NoSuchCacheError(ConfigurationError):
    """There is no cache at a path, and none was to be made."""


def open_cache(address: str, *, create: bool = False, **options: Any) -> BaseCache:
    """Open the cache at a path or a URL.

    Args:
        address: a SQLite file, a folder, a name as `CachedSession` takes it, or a URL:
            `sqlite:///relative.sqlite`, `sqlite:////absolute.sqlite`, `filesystem:///folder`,
            `redis://host:port/db?namespace=name`, `mongodb://host/name`, `gridfs://host/name`,
            `dynamodb://table?region=eu-central-1`, or `BACKEND://NAME?OPTION=VALUE` for a backend
            of somebody else. Options of the cache may follow `?`.
        create: make a cache that is not there; only for files, folders and tables.
        options: options of the cache that go before those of the URL.

    Raises:
        NoSuchCacheError: there is nothing at the path.
        ConfigurationError: the address names no backend, or has options that it does not take.
        StorageError: the store cannot be opened.
    """
    scheme, mark, rest = address.partition("://")
    if not mark:
        return _open_path(Path(address), create, options)
    name, query = rest.partition("?")[::2]
    given = _options(query)
    match scheme.lower():
        case "sqlite" | "filesystem" | "file" as kind:
            path = Path(unquote(name.removeprefix("/")))
            if kind == "file":
                return _open_path(path, create, {**given, **options})
            return _open_files(kind, path, create, {**given, **options})
        case "redis" | "rediss" | "unix":
            return _open_redis(address, {**_of_cache(given), **options})
        case "mongodb" | "mongodb+srv" | "gridfs" as kind:
            return _open_mongo(kind, address, {**_of_cache(given), **options})
        case "dynamodb":
            given |= {"region_name": given.pop("region")} if "region" in given else {}
            merged = {"create_table": create, **given, **options}
            return init_backend("dynamodb", unquote(name), **merged)
        case other:
            return init_backend(other, unquote(name), **given, **options)


def matching_of(address: str) -> dict[str, Any]:
    """Give those options of an address that say which requests are the same."""
    _, mark, rest = address.partition("://")
    given = _options(rest.partition("?")[2]) if mark else {}
    return {name: value for name, value in given.items() if name in MATCHING}


def _options(query: str) -> dict[str, Any]:
    return {key: _value(key, text) for key, text in parse_qsl(query, keep_blank_values=True)}


def _open_path(path: Path, create: bool, options: dict[str, Any]) -> BaseCache:
    path = path.expanduser()
    beside = Path(f"{path}.sqlite")
    if path.is_dir():
        return init_backend("filesystem", path, **options)
    if not path.exists() and not path.suffix and beside.is_file():
        path = beside
    return _open_files("sqlite", path, create, options)


def _open_files(kind: str, path: Path, create: bool, options: dict[str, Any]) -> BaseCache:
    path = path.expanduser()
    is_there = path.is_dir() if kind == "filesystem" else path.is_file()
    if not is_there and not create:
        what = "folder" if kind == "filesystem" else "SQLite file"
        raise NoSuchCacheError(f"{path}: there is no such {what}")
    if is_there and kind == "sqlite" and not _may_be_sqlite(path):
        raise NoSuchCacheError(f"{path}: this is not a SQLite file")
    return init_backend(kind, path, **options)


def _may_be_sqlite(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(_SQLITE)) in {_SQLITE, b""}


def _open_redis(address: str, options: dict[str, Any]) -> BaseCache:
    namespace = options.pop("namespace", "http_cache")
    return init_backend("redis", namespace, url=_without(address, _OF_CACHE), **options)


def _open_mongo(kind: str, address: str, options: dict[str, Any]) -> BaseCache:
    parts = urlsplit(_without(address, _OF_CACHE))
    scheme = "mongodb" if kind == "gridfs" else kind
    # The database of the URL is the cache; users are looked up in `admin` as a rule.
    host = urlunsplit(parts._replace(scheme=scheme, path="/"))
    name = unquote(parts.path.strip("/")) or options.pop("namespace", "http_cache")
    backend = "gridfs" if kind == "gridfs" else "mongo"
    return init_backend(backend, name, host=host, **options)


def _of_cache(given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if name in _OF_CACHE}


def _without(address: str, names: frozenset[str]) -> str:
    parts = urlsplit(address)
    kept = [item for item in parse_qsl(parts.query) if item[0] not in names]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _value(name: str, text: str) -> Any:
    if text.lower() in _BOOLEANS:
        return _BOOLEANS[text.lower()]
    if name in _LISTS:
        return text.split(",")
    return int(text) if text.isdecimal() else text
