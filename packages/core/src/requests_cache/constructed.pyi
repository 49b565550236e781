# What type checkers know of the options of `CachedSession`; for a backend that is not ours make its
# cache: `backend=Mine(...)`. Written by `hatch run docs` (tools/constructor.py).

import re
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

class Options(TypedDict, total=False):
    api_version: Any
    appname: Any
    authMechanism: Any
    authMechanismProperties: Any
    authSource: Any
    auto_encryption_opts: Any
    aws_access_key_id: Any
    aws_secret_access_key: Any
    aws_session_token: Any
    block_bytes: Any
    botocore_session: Any
    busy_timeout: Any
    cache: Any
    cache_config: Any
    cached_statements: Any
    check_same_thread: Any
    client_name: Any
    cluster: bool
    collection_name: str | PathLike[str]
    compressors: Any
    config: Any
    connect: Any
    connectTimeoutMS: Any
    connection: Any
    connection_pool: Any
    consistent_reads: bool
    content_root_key: Any
    create_table: bool
    credential_provider: Any
    datetime_conversion: Any
    db: Any
    db_name: str | PathLike[str]
    db_path: str | PathLike[str]
    decode_content: Any
    decode_responses: Any
    detect_types: Any
    directConnection: Any
    document_class: Any
    driver: Any
    driver_info: Any
    encoding: Any
    encoding_errors: Any
    endpoint_url: Any
    event_dispatcher: Any
    event_listeners: Any
    extension: str
    factory: Any
    fast_save: bool
    fsync: bool
    health_check_interval: Any
    heartbeatFrequencyMS: Any
    host: Any
    ignored_parameters: Iterable[str] | None
    include_get_headers: bool | Iterable[str]
    isolation_level: Any
    journal: Any
    keep_statistics: bool
    key_fn: Callable[..., str] | None
    lib_name: Any
    lib_version: Any
    loadBalanced: Any
    localThresholdMS: Any
    lock: Any
    match_credentials: bool
    match_headers: bool | Iterable[str]
    maxConnecting: Any
    maxIdleTimeMS: Any
    maxPoolSize: Any
    maxStalenessSeconds: Any
    max_cache_bytes: Any
    max_connections: Any
    max_entries: int | None
    max_file_bytes: Any
    max_response_size: int | None
    max_size: int | None
    maximum_cache_bytes: Any
    maximum_file_bytes: Any
    minPoolSize: Any
    namespace: str | PathLike[str]
    old_data_on_error: Any
    password: Any
    port: Any
    profile_name: Any
    protocol: Any
    readConcernLevel: Any
    readPreference: Any
    readPreferenceTags: Any
    read_capacity_units: Any
    read_preference: Any
    redis_connect_func: Any
    region_name: Any
    replicaSet: Any
    retry: Any
    retryReads: Any
    retryWrites: Any
    retry_on_error: Any
    retry_on_timeout: Any
    salt: str | bytes | None
    secret_key: str | bytes | Sequence[str | bytes] | None
    serverMonitoringMode: Any
    serverSelectionTimeoutMS: Any
    server_api: Any
    server_selector: Any
    single_connection_client: Any
    socketTimeoutMS: Any
    socket_connect_timeout: Any
    socket_keepalive: Any
    socket_keepalive_options: Any
    socket_read_size: Any
    socket_timeout: Any
    srvMaxHosts: Any
    srvServiceName: Any
    ssl: Any
    ssl_ca_certs: Any
    ssl_ca_data: Any
    ssl_ca_path: Any
    ssl_cert_reqs: Any
    ssl_certfile: Any
    ssl_check_hostname: Any
    ssl_ciphers: Any
    ssl_exclude_verify_flags: Any
    ssl_include_verify_flags: Any
    ssl_keyfile: Any
    ssl_min_version: Any
    ssl_ocsp_context: Any
    ssl_ocsp_expected_cert: Any
    ssl_password: Any
    ssl_validate_ocsp: Any
    ssl_validate_ocsp_stapled: Any
    sync_index: Any
    table_name: str | PathLike[str]
    timeout: float | None
    timeoutMS: Any
    tls: Any
    tlsAllowInvalidCertificates: Any
    tlsAllowInvalidHostnames: Any
    tlsCAFile: Any
    tlsCRLFile: Any
    tlsCertificateKeyFile: Any
    tlsCertificateKeyFilePassword: Any
    tlsDisableOCSPEndpointCheck: Any
    tlsInsecure: Any
    ttl: bool
    ttl_offset: Any
    type_registry: Any
    tz_aware: Any
    tzinfo: Any
    unicode_decode_error_handler: Any
    unix_socket_path: Any
    uri: bool | None
    url: Any
    use_cache_dir: bool
    use_memory: bool
    use_ssl: Any
    use_temp: bool
    username: Any
    uuidRepresentation: Any
    verify: Any
    w: Any
    wTimeoutMS: Any
    waitQueueTimeoutMS: Any
    wal: bool | None
    write_capacity_units: Any
    zlibCompressionLevel: Any

class Constructed(CacheMixin):
    def __init__(
        self,
        cache_name: str | Path = "http_cache",
        backend: str | type[BaseCache] | BaseCache | None = None,
        serializer: Any = None,
        expire_after: ExpirationTime = None,
        urls_expire_after: Mapping[str | re.Pattern[str], ExpirationTime] | None = None,
        *,
        allowable_codes: Iterable[int] = (200,),
        allowable_methods: Iterable[str] = ("GET", "HEAD"),
        filter_fn: Callable[[Response], bool] | None = None,
        stale_if_error: bool | float | timedelta = False,
        stale_while_revalidate: bool | float | timedelta = False,
        cache_control: bool = False,
        always_revalidate: bool = False,
        only_if_cached: bool = False,
        read_only: bool = False,
        match_cookies: Iterable[str] | None = None,
        replay_cookies: bool = False,
        partition: str | None = None,
        autoclose: bool = True,
        collapse: bool | Literal["processes"] = True,
        on_error: Literal["bypass", "raise"] = "bypass",
        disabled: bool = False,
        migrate: bool = False,
        on_event: Listener | None = None,
        **kwargs: Unpack[Options],
    ) -> None: ...
    def request(  # type: ignore[override]
        self,
        method: str,
        url: str | bytes,
        params: Params = None,
        data: Any = None,
        headers: Headers = None,
        cookies: Cookies = None,
        files: Any = None,
        auth: Auth = None,
        timeout: Timeout = None,
        allow_redirects: bool = True,
        proxies: Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | FileName | None = None,
        cert: FileName | tuple[FileName, FileName] | None = None,
        json: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
    ) -> AnyResponse: ...
    def send(  # type: ignore[override]
        self,
        request: requests.PreparedRequest,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        timeout: Timeout = None,
        allow_redirects: bool = True,
        proxies: Proxies = None,
        stream: bool | None = None,
        verify: bool | FileName | None = None,
        cert: FileName | tuple[FileName, FileName] | None = None,
    ) -> AnyResponse: ...
