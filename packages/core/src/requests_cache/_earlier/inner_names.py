"""Names that requests-cache 0.7 to 1.3 had in its modules alone, and what they are here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

__all__ = ["INNER", "MODULES", "PARENTS"]

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
