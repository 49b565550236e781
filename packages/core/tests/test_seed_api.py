"""Every row of the seed API: names, parameters, defaults, methods, base classes."""

from __future__ import annotations

import re
from collections.abc import MutableMapping
from importlib import import_module
from importlib.util import find_spec
from inspect import Parameter, isfunction, signature
from typing import Any, NamedTuple

import pytest

P = "requests_cache.backends"


class Row(NamedTuple):
    """A callable of the seed."""

    module: str
    name: str
    parameters: str
    """As the seed writes them."""


FUNCTIONS = [
    Row(P, "get_valid_kwargs", "func, kwargs, extras=None"),
    Row(P, "init_backend", "backend=None, *args, **kwargs"),
    Row(f"{P}.sqlite", "chunkify", "iterable, max_size=999"),
    Row(
        f"{P}.sqlite",
        "sqlite_template",
        "timeout=5.0, detect_types=0, isolation_level=None, check_same_thread=True,"
        " factory=None, cached_statements=100, uri=False",
    ),
]

CLASSES = [
    Row(
        f"{P}.base",
        "BaseCache",
        "*args, include_get_headers=False, ignored_parameters=None, **kwargs",
    ),
    Row(f"{P}.base", "BaseStorage", "serializer=None, **kwargs"),
    Row(f"{P}.base", "DictStorage", "dict=None, /, **kwargs"),
    Row(f"{P}.dynamodb", "DynamoDbCache", "table_name='http_cache', connection=None, **kwargs"),
    Row(
        f"{P}.dynamodb",
        "DynamoDbDict",
        "table_name, namespace='http_cache', connection=None, read_capacity_units=1,"
        " write_capacity_units=1, **kwargs",
    ),
    Row(f"{P}.filesystem", "FileCache", "cache_name='http_cache', use_temp=False, **kwargs"),
    Row(f"{P}.filesystem", "FileDict", "cache_name, use_temp=False, extension=None, **kwargs"),
    Row(f"{P}.gridfs", "GridFSCache", "db_name, **kwargs"),
    Row(
        f"{P}.gridfs",
        "GridFSPickleDict",
        "db_name, collection_name=None, connection=None, **kwargs",
    ),
    Row(f"{P}.mongo", "MongoCache", "db_name='http_cache', connection=None, **kwargs"),
    Row(
        f"{P}.mongo",
        "MongoDict",
        "db_name, collection_name='http_cache', connection=None, **kwargs",
    ),
    Row(
        f"{P}.mongo",
        "MongoPickleDict",
        "db_name, collection_name='http_cache', connection=None, **kwargs",
    ),
    Row(f"{P}.redis", "RedisCache", "namespace='http_cache', connection=None, **kwargs"),
    Row(
        f"{P}.redis",
        "RedisDict",
        "namespace, collection_name='http_cache', connection=None, **kwargs",
    ),
    Row(
        f"{P}.sqlite",
        "DbCache",
        "db_path='http_cache', use_temp=False, fast_save=False, **kwargs",
    ),
    Row(
        f"{P}.sqlite",
        "DbDict",
        "db_path, table_name='http_cache', fast_save=False, use_temp=False, **kwargs",
    ),
    Row(
        f"{P}.sqlite",
        "DbPickleDict",
        "db_path, table_name='http_cache', fast_save=False, use_temp=False, **kwargs",
    ),
]

METHODS = [
    Row(f"{P}.base", "BaseCache.bulk_delete", "keys"),
    Row(f"{P}.base", "BaseCache.clear", ""),
    Row(f"{P}.base", "BaseCache.create_key", "request, **kwargs"),
    Row(f"{P}.base", "BaseCache.delete", "key"),
    Row(f"{P}.base", "BaseCache.delete_url", "url"),
    Row(f"{P}.base", "BaseCache.delete_urls", "urls"),
    Row(f"{P}.base", "BaseCache.get_response", "key, default=None"),
    Row(f"{P}.base", "BaseCache.has_key", "key"),
    Row(f"{P}.base", "BaseCache.has_url", "url"),
    Row(f"{P}.base", "BaseCache.keys", "check_expiry=False"),
    Row(f"{P}.base", "BaseCache.remove_expired_responses", "expire_after=None"),
    Row(f"{P}.base", "BaseCache.remove_old_entries", "*args, **kwargs"),
    Row(f"{P}.base", "BaseCache.response_count", "check_expiry=False"),
    Row(f"{P}.base", "BaseCache.save_redirect", "request, response_key"),
    Row(f"{P}.base", "BaseCache.save_response", "response, cache_key=None, expires=None"),
    Row(f"{P}.base", "BaseCache.values", "check_expiry=False"),
    Row(f"{P}.base", "BaseStorage.bulk_delete", "keys"),
    Row(f"{P}.dynamodb", "DynamoDbDict.bulk_delete", "keys"),
    Row(f"{P}.dynamodb", "DynamoDbDict.clear", ""),
    Row(f"{P}.dynamodb", "DynamoDbDict.composite_key", "key"),
    Row(f"{P}.filesystem", "FileCache.clear", ""),
    Row(f"{P}.filesystem", "FileDict.clear", ""),
    Row(f"{P}.filesystem", "FileDict.keys", ""),
    Row(f"{P}.filesystem", "FileDict.paths", ""),
    Row(f"{P}.gridfs", "GridFSPickleDict.clear", ""),
    Row(f"{P}.mongo", "MongoDict.bulk_delete", "keys"),
    Row(f"{P}.mongo", "MongoDict.clear", ""),
    Row(f"{P}.redis", "RedisDict.bulk_delete", "keys"),
    Row(f"{P}.redis", "RedisDict.clear", ""),
    Row(f"{P}.sqlite", "DbCache.bulk_delete", "keys"),
    Row(f"{P}.sqlite", "DbCache.clear", ""),
    Row(f"{P}.sqlite", "DbDict.bulk_commit", ""),
    Row(f"{P}.sqlite", "DbDict.bulk_delete", "keys=None, values=None"),
    Row(f"{P}.sqlite", "DbDict.clear", ""),
    Row(f"{P}.sqlite", "DbDict.close", ""),
    Row(f"{P}.sqlite", "DbDict.connection", "commit=False"),
    Row(f"{P}.sqlite", "DbDict.init_db", ""),
    Row(f"{P}.sqlite", "DbDict.vacuum", ""),
]

# Class -> what it is a subclass of.
BASES = {
    f"{P}.base:BaseStorage": "collections.abc:MutableMapping",
    f"{P}.base:DictStorage": f"collections:UserDict {P}.base:BaseStorage",
    f"{P}.dynamodb:DynamoDbCache": f"{P}.base:BaseCache",
    f"{P}.dynamodb:DynamoDbDict": f"{P}.base:BaseStorage",
    f"{P}.filesystem:FileCache": f"{P}.base:BaseCache",
    f"{P}.filesystem:FileDict": f"{P}.base:BaseStorage",
    f"{P}.gridfs:GridFSCache": f"{P}.base:BaseCache",
    f"{P}.gridfs:GridFSPickleDict": f"{P}.base:BaseStorage",
    f"{P}.mongo:MongoCache": f"{P}.base:BaseCache",
    f"{P}.mongo:MongoDict": f"{P}.base:BaseStorage",
    f"{P}.mongo:MongoPickleDict": f"{P}.mongo:MongoDict",
    f"{P}.redis:RedisCache": f"{P}.base:BaseCache",
    f"{P}.redis:RedisDict": f"{P}.base:BaseStorage",
    f"{P}.sqlite:DbCache": f"{P}.base:BaseCache",
    f"{P}.sqlite:DbDict": f"{P}.base:BaseStorage",
    f"{P}.sqlite:DbPickleDict": f"{P}.sqlite:DbDict",
}


def imported(module: str) -> Any:
    """Import a module of the seed, or say that its distribution is not installed."""
    if find_spec(module) is None:
        pytest.skip(f"{module} is not installed")
    try:
        return import_module(module)
    except ImportError as error:
        pytest.skip(f"{module} needs what is not installed: {error}")


def found(place: str) -> Any:
    module, _, name = place.partition(":")
    value = imported(module)
    for part in name.split("."):
        value = getattr(value, part)
    return value


def written(row: Row) -> list[tuple[str, str | None]]:
    """Give names and defaults of the parameters as the seed writes them."""
    items = [item.strip() for item in row.parameters.split(",") if item.strip()]
    pairs = [item.partition("=") for item in items if item != "/"]
    return [(name, default if equals else None) for name, equals, default in pairs]


_STARS: dict[object, str] = {Parameter.VAR_POSITIONAL: "*", Parameter.VAR_KEYWORD: "**"}


def actual(function: Any) -> list[tuple[str, str | None]]:
    return [
        (
            _STARS.get(parameter.kind, "") + parameter.name,
            None if parameter.default is Parameter.empty else repr(parameter.default),
        )
        for parameter in signature(function).parameters.values()
        if parameter.name != "self"
    ]


def identify(row: Row) -> str:
    return f"{row.module.removeprefix(P).lstrip('.') or 'backends'}:{row.name}"


@pytest.mark.parametrize("row", FUNCTIONS, ids=identify)
def test_a_function_has_the_parameters_of_the_seed(row: Row) -> None:
    function = found(f"{row.module}:{row.name}")
    assert actual(function)[: len(written(row))] == written(row)
    assert function.__doc__


@pytest.mark.parametrize("row", CLASSES, ids=identify)
def test_a_class_is_made_with_the_parameters_of_the_seed(row: Row) -> None:
    cls = found(f"{row.module}:{row.name}")
    ours = actual(cls.__init__)
    theirs = written(row)
    # Options of our own come after those of the seed, before **kwargs.
    assert [item for item in ours if item in theirs] == theirs
    positions = [ours.index(item) for item in theirs if not item[0].startswith("**")]
    assert positions == list(range(len(positions)))
    assert cls.__doc__


@pytest.mark.parametrize("row", METHODS, ids=identify)
def test_a_method_can_be_called_as_the_seed_does(row: Row) -> None:
    method = found(f"{row.module}:{row.name}")
    assert isfunction(method)
    assert method.__doc__ or row.name.endswith("keys")
    binding: dict[str, object] = {}
    positional: list[object] = []
    for name, default in written(row):
        if name.startswith("*"):
            continue
        parameter = signature(method).parameters.get(name)
        if default is None:
            positional.append(name)
        else:
            assert parameter is not None, name
            assert repr(parameter.default) == default
            binding[name] = default
    bound = signature(method).bind("self", *positional, **binding)
    assert bound.args[0] == "self"


@pytest.mark.parametrize(("place", "bases"), BASES.items(), ids=lambda value: str(value)[-40:])
def test_a_class_has_the_bases_of_the_seed(place: str, bases: str) -> None:
    cls = found(place)
    for base in bases.split():
        module, _, name = base.partition(":")
        assert issubclass(cls, getattr(import_module(module), name))
    assert re.search(r"Cache$", cls.__name__) or issubclass(cls, MutableMapping)


def test_urls_is_a_property() -> None:
    assert isinstance(found(f"{P}.base:BaseCache.urls"), property)
