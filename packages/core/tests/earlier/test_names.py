"""The names of requests-cache 0.7.5 and 1.3: there, or refused with a sentence."""

from __future__ import annotations

import subprocess
import sys
from importlib import import_module

import pytest
import requests
import requests_cache
from requests_cache._earlier.names import NAMES
from requests_cache.errors import NotInstalledError, UnavailableAttributeError


def words(text: str) -> list[str]:
    return text.split()


# What `from requests_cache import *` gave, but for what those modules had imported themselves.
OF_0_7_5 = words(
    """
    ALL_METHODS AnyRequest AnyResponse BACKEND_CLASSES BACKEND_KWARGS BackendSpecifier
    BaseCache BaseStorage CACHE_NAME_KWARGS CacheMixin CachedHTTPResponse CachedRequest
    CachedResponse CachedSession CattrStage DbCache DbDict DbPickleDict DynamoDbCache
    DynamoDbDict ExpirationTime FileCache FileDict GridFSCache GridFSPickleDict MongoCache
    MongoDict MongoPickleDict OriginalSession RedisCache RedisDict SERIALIZERS SQLiteCache
    SQLiteDict SQLitePickleDict SerializerPipeline Stage bson_serializer clear disabled
    enabled get_cache get_placeholder_class get_valid_kwargs init_backend init_serializer
    install_cache is_installed json_serializer remove_expired_responses safe_pickle_serializer
    set_response_defaults uninstall_cache yaml_serializer pickle_serializer create_key
    """
)
OF_1_3 = words(
    """
    ALL_METHODS AUTH_HEADERS AUTH_PARAMS AnyPreparedRequest AnyRequest AnyResponse
    BACKEND_CLASSES BackendSpecifier BaseCache BaseStorage CACHE_NAME_KWARGS CacheActions
    CacheDirectives CacheMixin CacheSettings CachedHTTPResponse CachedRequest CachedResponse
    CachedSession CattrStage DEFAULT_CACHE_NAME DEFAULT_IGNORED_PARAMS DEFAULT_METHODS
    DEFAULT_STATUS_CODES DO_NOT_CACHE DecodedContent DictStorage DynamoDbCache DynamoDbDict
    EXPIRE_IMMEDIATELY ExpirationPattern ExpirationPatterns ExpirationTime FileCache FileDict
    FilterCallback GridFSCache GridFSDict HeaderDict KeyCallback LRUFileDict MongoCache
    MongoDict NEVER_EXPIRE OriginalResponse OriginalSession RedisCache RedisDict RedisHashDict
    RegexPattern RichMixin SERIALIZERS SQLiteCache SQLiteDict SerializerPipeline
    SerializerType Stage StrOrPath add_tzinfo bson_document_serializer bson_serializer clear
    create_key datetime delete dict_serializer disabled dynamodb_document_serializer enabled
    get_cache get_expiration_datetime get_expiration_seconds get_placeholder_class
    get_url_expiration get_valid_kwargs init_backend init_serializer install_cache
    is_installed json_serializer normalize_body normalize_headers normalize_params
    normalize_request normalize_url orjson_serializer pickle_serializer safe_pickle_serializer
    set_request_headers timedelta try_int ujson_serializer uninstall_cache utcnow utf8_encoder
    utf8_serializer yaml_serializer
    """
)
MODULES = words(
    """
    backends backends.base backends.dynamodb backends.filesystem backends.gridfs
    backends.mongo backends.mongodb backends.redis backends.sqlite cache_control cache_keys
    core models models.raw_response models.request models.response patcher policy
    policy.actions policy.directives policy.expiration policy.settings serializers
    serializers.cattrs serializers.pipeline serializers.preconf session
    """
)


def said_by(program: str) -> str:
    command = [sys.executable, "-c", program]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


@pytest.mark.parametrize("name", sorted({*OF_0_7_5, *OF_1_3}))
def test_a_name_of_the_top_is_there_or_says_what_to_use(name: str) -> None:
    try:
        found = getattr(requests_cache, name)
    except UnavailableAttributeError:
        with pytest.raises(ImportError, match=f"{name} of requests-cache is not here: ..."):
            exec(f"from requests_cache import {name}")
    else:
        assert found is not None
        assert name in dir(requests_cache)


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_also_where_its_package_had_it(name: str) -> None:
    package = import_module(f"requests_cache.{NAMES[name].package}")
    try:
        at_the_top = getattr(requests_cache, name)
    except UnavailableAttributeError:
        with pytest.raises(UnavailableAttributeError, match=name):
            getattr(package, name)
    else:
        in_the_package = getattr(package, name)
        assert type(in_the_package) is type(at_the_top)


@pytest.mark.parametrize("name", MODULES)
def test_a_module_can_be_imported(name: str) -> None:
    module = import_module(f"requests_cache.{name}")
    assert not hasattr(module, "_private")


def test_the_top_is_also_where_it_was_at_first() -> None:
    core = import_module("requests_cache.core")
    assert core.CachedSession is requests_cache.CachedSession


@pytest.mark.parametrize(
    "name",
    ["AnyRequest", "AnyResponse", "AnyPreparedRequest", "ExpirationTime", "ExpirationPattern"],
)
def test_a_type_can_be_joined_with_another_when_a_program_runs(name: str) -> None:
    assert getattr(requests_cache, name) | None


@pytest.mark.parametrize(
    ("name", "backend", "extra"),
    [
        ("RedisCache", "redis", "redis"),
        ("SQLiteCache", "sqlite", "sqlite"),
        ("DbDict", "sqlite", "sqlite"),
        ("GridFSCache", "gridfs", "mongo"),
        ("DynamoDbCache", "dynamodb", "dynamodb"),
    ],
)
@pytest.mark.parametrize("package", ["requests_cache", "requests_cache.backends"])
def test_the_class_of_a_backend_that_is_missing_says_what_to_install(
    package: str, name: str, backend: str, extra: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, f"requests_cache.backends.{backend}", None)
    monkeypatch.delitem(vars(import_module(package)), name, raising=False)
    with pytest.raises(NotInstalledError, match=rf'pip install "requests-cache-core\[{extra}\]"'):
        exec(f"from {package} import {name}")


def test_a_driver_that_is_missing_is_not_taken_for_the_backend() -> None:
    """What cannot be imported is named by the error, be it ours or not."""
    program = (
        "import sys; sys.modules['redis'] = None\n"
        "try: from requests_cache import RedisCache\n"
        "except ImportError as error: print(error)"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert "redis" in run.stdout


def test_the_names_at_the_top_import_no_backend() -> None:
    program = (
        "import sys, requests_cache; dir(requests_cache); requests_cache.ALL_METHODS\n"
        "print([name for name in sys.modules if name.startswith('requests_cache.backends.sqlite')])"
    )
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"


def test_a_misspelt_name_is_an_attribute_error() -> None:
    assert not hasattr(requests_cache, "SqliteCache")
    assert not hasattr(requests_cache.backends, "create_key")


def test_the_original_session_is_that_of_requests_while_a_cache_is_installed() -> None:
    with requests_cache.enabled(backend="memory"):
        assert requests_cache.OriginalSession is not requests.Session
    assert requests_cache.OriginalSession is requests.Session


def test_a_star_gives_the_names_of_earlier_versions() -> None:
    said = said_by("from requests_cache import *; print(*globals())").split()
    refused = {name for name, found in NAMES.items() if not found.here}
    assert {*OF_0_7_5, *OF_1_3} - refused <= {*said}


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("backends.base", "CachedResponse"),
        ("backends.base", "create_key"),
        ("backends.base", "init_serializer"),
        ("backends.dynamodb", "BaseCache"),
        ("backends.filesystem", "SQLiteDict"),
        ("backends.gridfs", "MongoDict"),
        ("backends.mongo", "BaseStorage"),
        ("backends.redis", "get_valid_kwargs"),
        ("backends.sqlite", "BaseCache"),
        ("models.response", "CachedRequest"),
        ("models.response", "utcnow"),
        ("session", "CachedResponse"),
        ("session", "init_backend"),
    ],
)
def test_a_module_gives_what_it_imported_itself(module: str, name: str) -> None:
    found = getattr(import_module(f"requests_cache.{module}"), name)
    assert found is getattr(requests_cache, name)
