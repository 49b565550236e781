"""Write what type checkers know of `CachedSession(...)`: every option by its name.

What runs takes any option and looks for it in the backend and in the session class below. A program
that mixes our session with others goes on so; for `CachedSession` itself all options are known.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Any

import verbs
from requests_cache import option_types
from requests_cache._earlier.options import OPTIONS
from requests_cache.backends.base import BaseCache
from requests_cache.backends.registry import find_cache
from requests_cache.option_types import OF_CACHES, Kind
from requests_cache.options import parameters_of
from requests_cache.settings import ALIASES

_BACKENDS = ("memory", "sqlite", "filesystem", "redis", "mongo", "gridfs", "dynamodb")
_OF_REDIS = """cache cache_config client_name cluster connection_pool credential_provider db
decode_responses driver_info encoding encoding_errors event_dispatcher health_check_interval host
lib_name lib_version max_connections password port protocol redis_connect_func retry retry_on_error
retry_on_timeout single_connection_client socket_connect_timeout socket_keepalive
socket_keepalive_options socket_read_size socket_timeout ssl ssl_ca_certs ssl_ca_data ssl_ca_path
ssl_cert_reqs ssl_certfile ssl_check_hostname ssl_ciphers ssl_exclude_verify_flags
ssl_include_verify_flags ssl_keyfile ssl_min_version ssl_ocsp_context ssl_ocsp_expected_cert
ssl_password ssl_validate_ocsp ssl_validate_ocsp_stapled unix_socket_path url username"""
_OF_PYMONGO = """appname authMechanism authMechanismProperties authSource auto_encryption_opts
compressors connect connectTimeoutMS datetime_conversion directConnection document_class driver
event_listeners heartbeatFrequencyMS host journal loadBalanced localThresholdMS maxConnecting
maxIdleTimeMS maxPoolSize maxStalenessSeconds minPoolSize password port readConcernLevel
readPreference readPreferenceTags read_preference replicaSet retryReads retryWrites server_api
serverMonitoringMode serverSelectionTimeoutMS server_selector socketTimeoutMS srvMaxHosts
srvServiceName timeoutMS tls tlsAllowInvalidCertificates tlsAllowInvalidHostnames tlsCAFile
tlsCertificateKeyFile tlsCertificateKeyFilePassword tlsCRLFile tlsDisableOCSPEndpointCheck
tlsInsecure type_registry tz_aware tzinfo unicode_decode_error_handler username uuidRepresentation w
waitQueueTimeoutMS wTimeoutMS zlibCompressionLevel"""
_OF_BOTO3 = """api_version aws_access_key_id aws_secret_access_key aws_session_token
botocore_session config endpoint_url profile_name read_capacity_units region_name use_ssl verify
write_capacity_units"""
_DRIVERS = f"{_OF_REDIS} {_OF_PYMONGO} {_OF_BOTO3}".split()
"""Options that are handed to a driver, whose types are its own. Written down: what is known to
type checkers should not depend on which version of a driver is installed here."""

_NAMES = "Iterable[str] | None"
_TYPES = {
    "ignored_parameters": _NAMES,
    "match_headers": "bool | Iterable[str]",
    "include_get_headers": "bool | Iterable[str]",
    "key_fn": "Callable[..., str] | None",
    "secret_key": "str | bytes | Sequence[str | bytes] | None",
    "salt": "str | bytes | None",
    "extension": "str",
}
_BY_KIND = {
    option_types.FLAG: "bool",
    option_types.FLAG_OR_NONE: "bool | None",
    option_types.NAME: "str | PathLike[str]",
    option_types.SECONDS: "float | None",
    option_types.SIZE: "int | None",
}

_HEAD = """\
# What type checkers know of the options of `CachedSession`; for a backend that is not ours make its
# cache: `backend=Mine(...)`. Written by `hatch run docs` (tools/constructor.py).

{imports}
class Options(TypedDict, total=False):
{options}
class Constructed(CacheMixin):
    def __init__(
        self,
{parameters}        **kwargs: Unpack[Options],
    ) -> None: ...
{methods}"""
_IMPORTS = """import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import timedelta
from os import PathLike
from pathlib import Path
from typing import Any, Literal, TypedDict, Unpack

import requests
from requests import Response

from .backends.base import BaseCache
from .backends.statistics import Listener
from .expiration import ExpirationTime
from .session import CacheMixin
from .verbs import AnyResponse, Auth, Cookies, FileName, Headers, Params, Proxies, Timeout
"""


def generated() -> list[tuple[str, str]]:
    """Give the stub, by name."""
    parameters = dict(_parameters())
    options = {name: typed for name, typed in sorted(_options()) if name not in parameters}
    text = _HEAD.format(
        imports=_IMPORTS,
        options="".join(f"    {name}: {typed}\n" for name, typed in options.items()),
        methods=verbs.of_session(),
        parameters="".join(f"        {typed},\n" for typed in parameters.values()),
    )
    return [("constructed.pyi", text.replace("'", '"'))]


def _parameters() -> Iterator[tuple[str, str]]:
    """Give the parameters of `CacheMixin`, which stand in `session` alone."""
    tree = ast.parse((verbs.CORE / "session.py").read_text("utf-8"))
    mixin = next(n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "CacheMixin")
    init = next(n for n in mixin.body if isinstance(n, ast.FunctionDef) and n.name == "__init__")
    placed = init.args.args[1:]
    for argument, default in zip(placed, init.args.defaults, strict=True):
        yield argument.arg, f"{ast.unparse(argument)} = {ast.unparse(default)}"
    yield "*", "*"
    for argument, given in zip(init.args.kwonlyargs, init.args.kw_defaults, strict=True):
        assert given is not None
        yield argument.arg, f"{ast.unparse(argument)} = {ast.unparse(given)}"


def _options() -> Iterator[tuple[str, str]]:
    kinds: dict[str, Kind] = dict(OF_CACHES)
    names = {*_DRIVERS, *OPTIONS, *ALIASES, *OF_CACHES, "serializer"}
    caches: list[Any] = [BaseCache, *map(find_cache, _BACKENDS)]
    for cls in caches:
        names |= {*parameters_of(cls), *cls.OPTIONS, *cls.OPTION_KINDS}
        kinds.update(cls.OPTION_KINDS)
    for name in names:
        kind = kinds.get(name)
        yield name, _TYPES.get(name) or (_BY_KIND.get(kind, "Any") if kind else "Any")
