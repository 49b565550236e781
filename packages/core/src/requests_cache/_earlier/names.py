"""The public names of requests-cache 0.7 to 1.3, and where they are here."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from importlib import import_module
from opcode import opmap
from types import FrameType
from typing import Any, Final, NamedTuple

from ..errors import UnavailableAttributeError, UnavailableNameError

# Names that were in modules alone

_MODULES = """
    backends backends.base backends.dynamodb backends.filesystem backends.gridfs backends.mongo
    backends.mongodb backends.redis backends.sqlite cache_control cache_keys models models.base
    models.raw_response models.request models.response patcher policy policy.actions
    policy.directives policy.expiration policy.settings serializers serializers.cattrs
    serializers.pipeline serializers.preconf session
"""
MODULES: Final = frozenset(_MODULES.split())
"""Modules that were there after `import requests_cache` alone, as `requests_cache.session` was."""

PARENTS: Final[Mapping[str, str]] = {
    "cache_control": "policy",
    "models.base": "models",
    "models.response": "models",
    "policy.actions": "policy",
    "policy.directives": "policy",
    "serializers.cattrs": "serializers",
    "serializers.preconf": "serializers",
    "session": "policy",
}
"""Modules, and the packages whose names they had as well."""

_PARSE: Final = "requests_cache.policy.directives has `parse_response_directives` and its like"
_NORMALIZE: Final = "a part of normalize_body(), normalize_params() and normalize_url()"
_STRUCTURE: Final = "a part of the machinery; CattrStage(factory) takes a converter of your own"
_REDACT: Final = (
    "credentials are never stored; name in ignored_parameters= what else is none of the cache's"
)

INNER: Final[Mapping[str, Mapping[str, str]]] = {
    "_utils": {
        "chunkify": "itertools.batched() does it, from Python 3.12",
        "coalesce": "a part of the machinery",
        "decode": "bytes.decode() and str.encode() do it",
        "encode": "bytes.decode() and str.encode() do it",
        "get_placeholder_class": "ask `requests_cache.available()`",
        "is_json_content_type": "normalize_body(request) knows JSON",
        "patch_form_boundary": "boundaries are left out of keys as they are",
        "split_kwargs": "get_valid_kwargs(function, options) gives those that a function takes",
        "try_int": "a part of the machinery",
    },
    "backends.base": {
        "DEFAULT_CACHE_NAME": "_earlier.constants:DEFAULT_CACHE_NAME",
        "DESERIALIZE_ERRORS": "whatever a serializer raises becomes requests_cache.errors"
        ".RecordError",
    },
    "backends.filesystem": {
        "LRUDict": "give max_size= to FileCache",
        "LRUFileDict": "give max_size= to FileCache",
    },
    "backends.mongodb": {"NEVER_EXPIRE": "expiration:NEVER_EXPIRE"},
    "backends.redis": {"DEFAULT_TTL_OFFSET": "what has expired is kept as long as it is needed"},
    "backends.sqlite": {
        "MEMORY_URI": 'give ":memory:" as the name',
        "SQLITE_MAX_VARIABLE_NUMBER": "a part of the machinery; chunkify() has the number",
        "get_cache_path": "SQLiteCache(...).db_path is the path",
    },
    "cache_control": {
        "CACHE_DIRECTIVES": _PARSE,
        "REQUEST_CACHE_HEADERS": _PARSE,
        "RESPONSE_CACHE_HEADERS": _PARSE,
        "coalesce": "a part of the machinery",
        "get_cache_directives": _PARSE,
        "has_cache_headers": _PARSE,
        "parse_http_date": "email.utils.parsedate_to_datetime() reads such a date",
        "split_kv_directive": _PARSE,
        "to_utc": "times have a zone: datetime.astimezone(UTC)",
        "url_match": "get_url_expiration(url, patterns) matches a URL with patterns",
    },
    "cache_keys": {
        "MAX_NORM_BODY_SIZE": "bodies of any size are normalized",
        "decode": "bytes.decode() and str.encode() do it",
        "encode": "bytes.decode() and str.encode() do it",
        "filter_sort_dict": _NORMALIZE,
        "filter_sort_json": _NORMALIZE,
        "filter_sort_list": _NORMALIZE,
        "filter_sort_multidict": _NORMALIZE,
        "filter_url": "normalize_url(url, ignored_parameters) does it",
        "get_matched_headers": "normalize_headers(request.headers) has the fields to choose from",
        "normalize_dict": "normalize_params() does it for a query or a form",
        "normalize_json_body": "normalize_body(request, ignored_parameters) does it",
        "redact_response": _REDACT,
        "remove_ignored_body_params": "normalize_body(request, ignored_parameters) does it",
        "remove_ignored_headers": "normalize_headers(headers, ignored_parameters) does it",
        "remove_ignored_params": "normalize_request(request, ignored_parameters) does it",
        "remove_ignored_url_params": "normalize_url(url, ignored_parameters) does it",
        "url_to_key": 'create_key(requests.Request("GET", url)) does it',
    },
    "models.response": {
        "DATETIME_FORMAT": "str(response) writes the times of a response",
        "format_datetime": "str(response) writes the times of a response",
        "format_file_size": "notebook:size_text",
    },
    "policy.actions": {
        "METHOD_OVERRIDE_HEADERS": "a POST with X-HTTP-Method-Override is known as what it says",
    },
    "serializers.cattrs": {
        "init_converter": _STRUCTURE,
        "make_decimal_timedelta_converter": _STRUCTURE,
    },
    "serializers.preconf": {"make_stage": "CattrStage(factory), or Stage(dumps=, loads=)"},
    "session": {
        "get_504_response": "a request with only_if_cached=True gets one",
        "patch_form_boundary": "boundaries are left out of keys as they are",
    },
}
"""For each module its names: module:attribute below `requests_cache`, or what to use instead."""


# Names that were at the top, and in the package of their group


class Name(NamedTuple):
    """A name that earlier versions had at the top, and in the package of its group."""

    package: str
    """The package that had it, beside the top: "backends", "models" and so on."""
    since: str
    """The first version that had it."""
    here: str
    """Where it is, as module:attribute below `requests_cache`; empty if it is nowhere."""
    says: str = ""
    """What to use, where there is nothing of this name."""


def _group(package: str, since: str, module: str, names: str) -> dict[str, Name]:
    return {name: Name(package, since, f"{module}:{name}") for name in names.split()}


def _gone(package: str, since: str, says: str, names: str) -> dict[str, Name]:
    return {name: Name(package, since, "", says) for name in names.split()}


_INNER = "it was a part of the machinery; nothing takes its place"

NAMES: Final[dict[str, Name]] = {
    **_group("backends", "0.7", "backends.sqlite", "DbCache DbDict DbPickleDict"),
    **_group("backends", "0.7", "backends.sqlite", "SQLiteCache SQLiteDict SQLitePickleDict"),
    **_group("backends", "0.7", "backends.filesystem", "FileCache FileDict"),
    **_group("backends", "0.7", "backends.redis", "RedisCache RedisDict"),
    **_group("backends", "1.0", "backends.redis", "RedisHashDict"),
    **_group("backends", "0.7", "backends.mongo", "MongoCache MongoDict MongoPickleDict"),
    **_group("backends", "0.7", "backends.gridfs", "GridFSCache GridFSPickleDict"),
    **_group("backends", "1.0", "backends.gridfs", "GridFSDict"),
    **_group("backends", "0.7", "backends.dynamodb", "DynamoDbCache DynamoDbDict"),
    **_group("backends", "0.7", "_earlier.constants", "BACKEND_CLASSES"),
    **_group("backends", "0.7", "types", "BackendSpecifier"),
    **_group("backends", "1.2", "types", "StrOrPath"),
    **_gone("backends", "1.3", "give max_size= to FileCache", "LRUFileDict"),
    **_gone("backends", "0.7", "ask `requests_cache.available()`", "get_placeholder_class"),
    **_gone("backends", "0.5", "init_backend(name, cache_name) makes a cache", "create_backend"),
    **_gone("policy", "0.5", "call install_cache()", "configure"),
    **_gone("backends", "0.7", "caches name their options in OPTIONS", "BACKEND_KWARGS"),
    **_gone("backends", "0.7", "cache_name= stands for each of them", "CACHE_NAME_KWARGS"),
    **_group("serializers", "0.7", "serializers.pipeline", "SerializerPipeline Stage"),
    **_group("serializers", "0.7", "serializers.cattrs", "CattrStage"),
    **_gone("serializers", "0.7", "ask init_serializer(name)", "SERIALIZERS"),
    **_group("serializers", "1.0", "types", "SerializerType"),
    **_group("serializers", "0.7", "serializers.preconf", "bson_serializer json_serializer"),
    **_group("serializers", "0.7", "serializers.preconf", "pickle_serializer yaml_serializer"),
    **_group("serializers", "0.7", "serializers.preconf", "safe_pickle_serializer"),
    **_group("serializers", "1.0", "serializers.preconf", "utf8_encoder"),
    **_gone(
        "serializers",
        "1.0",
        "documents are serializer='bson' here, a value that MongoDB and DynamoDB keep whole",
        "bson_document_serializer dynamodb_document_serializer dict_serializer",
    ),
    **_gone(
        "serializers",
        "1.3",
        "use serializer='json', or hand in an object with dumps and loads",
        "orjson_serializer ujson_serializer utf8_serializer",
    ),
    **_group("models", "0.7", "types", "AnyRequest AnyResponse"),
    **_group("models", "1.0", "types", "AnyPreparedRequest DecodedContent"),
    **_group("models", "0.7", "models.raw_response", "CachedHTTPResponse"),
    **_gone("models", "0.7", "make a CachedResponse(...)", "set_response_defaults"),
    **_gone("models", "1.0", _INNER, "RichMixin"),
    **_group("policy", "0.7", "types", "ExpirationTime"),
    **_group("policy", "1.0", "types", "ExpirationPattern ExpirationPatterns"),
    **_group("policy", "1.0", "types", "FilterCallback KeyCallback HeaderDict RegexPattern"),
    **_group("policy", "0.7", "_earlier.constants", "ALL_METHODS"),
    **_group("policy", "1.0", "_earlier.constants", "DEFAULT_CACHE_NAME DEFAULT_IGNORED_PARAMS"),
    **_group("policy", "1.0", "_earlier.constants", "DEFAULT_METHODS DEFAULT_STATUS_CODES"),
    **_group("policy", "1.3", "_earlier.constants", "AUTH_HEADERS AUTH_PARAMS"),
    **_group("policy", "1.0", "policy.expiration", "get_expiration_datetime get_url_expiration"),
    **_group("policy", "1.0", "policy.expiration", "get_expiration_seconds"),
    **_group("policy", "1.2", "policy.expiration", "add_tzinfo utcnow"),
    **_group("policy", "1.0", "expiration", "DO_NOT_CACHE EXPIRE_IMMEDIATELY NEVER_EXPIRE"),
    **_group("policy", "1.0", "settings", "CacheSettings"),
    **_gone("policy", "0.8", "the rules are requests_cache.policy.decide()", "CacheActions"),
    **_gone(
        "policy",
        "1.0",
        "requests_cache.policy.directives has those of requests and of responses",
        "CacheDirectives",
    ),
    **_gone(
        "policy", "1.0", "give expire_after=, refresh= ... to a request", "set_request_headers"
    ),
    **_gone("policy", "0.7", _INNER, "try_int"),
    **_group("cache_keys", "0.7", "cache_keys", "create_key"),
    **_group("cache_keys", "0.8", "cache_keys", "normalize_request normalize_url normalize_body"),
    **_group("cache_keys", "0.8", "cache_keys", "normalize_headers normalize_params"),
    "OriginalSession": Name("session", "0.7", "session:OriginalSession"),
    # Not ours, and yet what programs import from here.
    "timedelta": Name("policy", "0.7", "/datetime:timedelta"),
    "datetime": Name("policy", "0.7", "/datetime:datetime"),
}
"""Old names and what they are here."""


_IMPORT_FROM: Final = opmap["IMPORT_FROM"]
# Their `__init__` had what they gave; any other module had what it imported itself, as well.
_PACKAGES: Final = frozenset(("backends", "models", "policy", "serializers"))


def find(package: str, name: str) -> Any:
    """Give what a package of earlier versions had under a name.

    Args:
        package: full name of the package that is asked; each name is at the top, too.
        name: the name.

    Raises:
        AttributeError: earlier versions had no such name; or an `UnavailableAttributeError`: see
            below, where no `import` asks for it.
        ImportError: it is a module that cannot be imported.
        UnavailableNameError: they had, and there is nothing like it here; it says what to use.
        NotInstalledError: it belongs to a backend that is not installed.
    """
    _, _, below = package.partition(".")
    inner = INNER.get(below, {}).get(name)
    found = NAMES.get(name) if inner is None else _inner_name(below, inner)
    if f"{below}.{name}".strip(".") in MODULES:
        return import_module(f"{package}.{name}")
    if found is None or (below in _PACKAGES and below != found.package):
        return _from_the_top(package, name)
    if not found.here:
        kind = UnavailableNameError if _is_imported(sys._getframe(2)) else UnavailableAttributeError
        raise kind(f"{package}.{name} of requests-cache is not here: {found.says}")
    module, _, attribute = found.here.partition(":")
    if module.startswith("backends."):
        from ..backends.registry import import_backend

        return getattr(import_backend(module.removeprefix("backends.")), attribute)
    place = module[1:] if module.startswith("/") else f"requests_cache.{module}"
    return getattr(import_module(place), attribute)


def _is_imported(caller: FrameType) -> bool:
    """Say whether a name is asked for by `from ... import`; else `hasattr` has to be an answer."""
    code = caller.f_code
    return code.co_name == "_handle_fromlist" or code.co_code[caller.f_lasti] == _IMPORT_FROM


def _from_the_top(package: str, name: str) -> Any:
    """Give a name of ours that is at the top: editors import names from wherever they are."""
    top = import_module("requests_cache")
    place = top._PLACES.get(name)  # the other half of looking up a name
    is_package = package.removeprefix("requests_cache.") in _PACKAGES
    if place is None or is_package or package in ("requests_cache", f"requests_cache.{place}"):
        raise AttributeError(f"module {package!r} has no attribute {name!r}")
    return getattr(top, name)


def _inner_name(module: str, place: str) -> Name:
    is_place = re.fullmatch(r"[\w.]+:\w+", place) is not None
    package = PARENTS.get(module, module)
    return Name(package, "", place) if is_place else Name(package, "", "", place)


def names_of(package: str) -> list[str]:
    """List the names that `find` knows in a package, of backends only those that are installed."""
    from ..backends.registry import is_installed

    _, _, below = package.partition(".")
    return [
        name
        for name, found in NAMES.items()
        if below in ("", found.package)
        and found.here
        and is_installed(found.here.partition(":")[0])
    ]
