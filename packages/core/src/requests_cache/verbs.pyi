# What type checkers know of our sessions: each verb takes our options, and tells our attributes.
#
# There is no such module when a program runs; the verbs are those of `requests.Session`, which hand
# everything on to `request`.

from typing import Any, TypeAlias

import requests

from .expiration import ExpirationTime
from .models.response import CachedResponse, OriginalResponse

AnyResponse: TypeAlias = OriginalResponse | CachedResponse

class Session(requests.Session):
    def request(
        self,
        method: str,
        url: str | bytes,
        *args: Any,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AnyResponse: ...
    def send(
        self,
        request: requests.PreparedRequest,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AnyResponse: ...
    def get(
        self,
        url: str | bytes,
        params: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AnyResponse: ...
    def options(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AnyResponse: ...
    def head(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
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
        **kwargs: Any,
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
        **kwargs: Any,
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
        **kwargs: Any,
    ) -> AnyResponse: ...
    def delete(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> AnyResponse: ...
