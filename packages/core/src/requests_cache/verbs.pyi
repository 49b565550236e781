# What type checkers know of the verbs of a session; the types of requests' arguments are those that
# it documents. Written by `hatch run docs` (tools/verbs.py).

from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import CookieJar
from os import PathLike
from typing import Any, Protocol, TypeAlias

import requests
from urllib3 import Timeout

from .expiration import ExpirationTime
from .models.response import CachedResponse, OriginalResponse

AnyResponse: TypeAlias = OriginalResponse | CachedResponse

class _Items(Protocol):
    def items(self) -> Any: ...

_Params: TypeAlias = _Items | Iterable[Any] | None
_Headers: TypeAlias = Mapping[str, str | bytes | None] | None
_Cookies: TypeAlias = CookieJar | Mapping[str, Any] | None
_Auth: TypeAlias = tuple[str | bytes, str | bytes] | Callable[[Any], Any] | None
_Timeout: TypeAlias = float | tuple[float | None, float | None] | Timeout | None
_Proxies: TypeAlias = Mapping[str, Any] | None
_Path: TypeAlias = str | PathLike[str]

class Verbs(requests.Session):
    def request(
        self,
        method: str,
        url: str | bytes,
        params: _Params = None,
        data: Any = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
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
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
    ) -> AnyResponse: ...
    def get(
        self,
        url: str | bytes,
        params: _Params = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        data: Any = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
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
        params: _Params = None,
        data: Any = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
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
        params: _Params = None,
        data: Any = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = False,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
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
        params: _Params = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
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
        params: _Params = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
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
        params: _Params = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
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
        params: _Params = None,
        data: Any = None,
        headers: _Headers = None,
        cookies: _Cookies = None,
        files: Any = None,
        auth: _Auth = None,
        timeout: _Timeout = None,
        allow_redirects: bool = True,
        proxies: _Proxies = None,
        hooks: Mapping[str, Any] | None = None,
        stream: bool | None = None,
        verify: bool | _Path | None = None,
        cert: _Path | tuple[_Path, _Path] | None = None,
        json: Any = None,
    ) -> AnyResponse: ...
