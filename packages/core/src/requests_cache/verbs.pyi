# What type checkers know of the verbs of a session; the types of requests' arguments are those that
# it documents. Written by `hatch run docs` (tools/verbs.py).

from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import CookieJar
from os import PathLike
from typing import Any, Protocol, TypeAlias

import requests
import urllib3

from .expiration import ExpirationTime
from .models.response import CachedResponse, OriginalResponse

AnyResponse: TypeAlias = OriginalResponse | CachedResponse

class _Items(Protocol):
    def items(self) -> Any: ...

Params: TypeAlias = _Items | Iterable[Any] | None
Headers: TypeAlias = Mapping[str, str | bytes | None] | None
Cookies: TypeAlias = CookieJar | Mapping[str, Any] | None
Auth: TypeAlias = tuple[str | bytes, str | bytes] | Callable[[Any], Any] | None
Timeout: TypeAlias = float | tuple[float | None, float | None] | urllib3.Timeout | None
Proxies: TypeAlias = Mapping[str, Any] | None
FileName: TypeAlias = str | PathLike[str]

class Verbs(requests.Session):
    def get(
        self,
        url: str | bytes,
        params: Params = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
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
    ) -> AnyResponse: ...
    def options(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
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
    ) -> AnyResponse: ...
    def head(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        params: Params = None,
        data: Any = None,
        headers: Headers = None,
        cookies: Cookies = None,
        files: Any = None,
        auth: Auth = None,
        timeout: Timeout = None,
        allow_redirects: bool = False,
        proxies: Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | FileName | None = None,
        cert: FileName | tuple[FileName, FileName] | None = None,
        json: Any = None,
    ) -> AnyResponse: ...
    def post(
        self,
        url: str | bytes,
        data: Any = None,
        json: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        params: Params = None,
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
    ) -> AnyResponse: ...
    def put(
        self,
        url: str | bytes,
        data: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        params: Params = None,
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
    ) -> AnyResponse: ...
    def patch(
        self,
        url: str | bytes,
        data: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        params: Params = None,
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
    ) -> AnyResponse: ...
    def delete(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
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
    ) -> AnyResponse: ...
