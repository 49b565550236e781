"""Names of types for annotations; all of them can be evaluated when a program runs.

>>> from requests_cache.types import ExpirationTime
>>> lifetime: ExpirationTime | None = 60
"""

from __future__ import annotations

import re
from collections.abc import Callable, MutableMapping
from pathlib import Path
from typing import Any, TypeAlias

from requests import PreparedRequest, Request, Response

from .backends.base import BaseCache
from .expiration import ExpirationPattern, ExpirationPatterns, ExpirationTime
from .models.request import CachedRequest
from .models.response import CachedResponse, OriginalResponse
from .serializers import Serializer

__all__ = [
    "AnyPreparedRequest",
    "AnyRequest",
    "AnyResponse",
    "BackendSpecifier",
    "DecodedContent",
    "ExpirationPattern",
    "ExpirationPatterns",
    "ExpirationTime",
    "FilterCallback",
    "HeaderDict",
    "KeyCallback",
    "RegexPattern",
    "SerializerType",
    "StrOrPath",
]

AnyRequest: TypeAlias = Request | PreparedRequest | CachedRequest
AnyPreparedRequest: TypeAlias = PreparedRequest | CachedRequest
AnyResponse: TypeAlias = OriginalResponse | CachedResponse
DecodedContent: TypeAlias = dict[str, Any] | list[Any] | str | bool | int | float | None
BackendSpecifier: TypeAlias = str | BaseCache | type[BaseCache]
SerializerType: TypeAlias = str | Serializer
StrOrPath: TypeAlias = str | Path
HeaderDict: TypeAlias = MutableMapping[str, str]
RegexPattern: TypeAlias = re.Pattern[str]
FilterCallback: TypeAlias = Callable[[Response], bool]
KeyCallback: TypeAlias = Callable[..., str]
