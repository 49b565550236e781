"""What stands for an ordinary call: all of it that has a part in the key of its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from requests import PreparedRequest
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict

from .frozen import freeze

__all__ = ["has_wishes", "identify", "identify_prepared", "is_basic", "pair_of"]

# With these a request asks for something that is no part of the key; and whose a cookie is that
# the program sends as a field, only the long way can tell.
_WISHES: Final = frozenset(
    {
        "cookie",
        *("cache-control", "pragma", "range"),
        *("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"),
    }
)


def identify(method: str, url: object, kwargs: dict[str, Any]) -> Any:
    """Give a value that stands for what has a part in a call's key; None if it is not ordinary.

    Args:
        method: GET or POST.
        url: its URL.
        kwargs: the arguments of `Session.request`, without those of the cache.
    """
    if type(url) is not str:
        return None
    if method != "GET":
        return _identify_with_body(method, url, kwargs)
    # What `Session.get` makes of a URL alone, with the releases of requests that we support; and a
    # timeout, which concerns the network alone.
    if (
        kwargs.get("allow_redirects") is True
        and kwargs.get("params") is None
        and len(kwargs) == 1 + ("params" in kwargs) + ("timeout" in kwargs)
    ):
        return url
    return _identify_arguments(url, kwargs) if kwargs.keys() <= _ORDINARY else None


def _identify_with_body(method: str, url: str, kwargs: dict[str, Any]) -> Any:
    # Imported when there is one: most sessions only read.
    from .bodies import freeze_body

    if not kwargs.keys() <= _WITH_BODY:
        return None
    arguments = _identify_arguments(url, kwargs)
    if arguments is None:
        return None
    body = freeze_body(kwargs.get("data"), kwargs.get("json"))
    return None if body is None else (method, body, *arguments)


def _identify_arguments(url: str, kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    if kwargs.get("allow_redirects", True) is not True:
        return None
    auth, verify = pair_of(kwargs.get("auth")), kwargs.get("verify")
    if not is_basic(auth) or (verify is not None and type(verify) is not bool):
        return None
    params = freeze(kwargs.get("params"))
    headers = freeze(kwargs.get("headers"))
    if params is None or headers is None:
        return None
    # What is not said is what the session says; `stream` may be any value.
    stream = kwargs.get("stream")
    return (url, params, headers, auth, verify, None if stream is None else bool(stream))


_ORDINARY: Final = frozenset(
    {"allow_redirects", "auth", "headers", "params", "stream", "timeout", "verify"}
)
_WITH_BODY: Final = _ORDINARY | {"data", "json"}


def pair_of(auth: object) -> Any:
    """Give name and password, which always make the same header field; anything else as it is."""
    if type(auth) is not HTTPBasicAuth:
        return auth
    # It may be changed where it is.
    return auth.username, auth.password


def is_basic(pair: object) -> bool:
    """Say whether what `pair_of` gave is none, or a name and a password."""
    if pair is None:
        return True
    return type(pair) is tuple and [type(part) for part in pair] == [str, str]


def identify_prepared(request: PreparedRequest) -> Any:
    """Give a value that stands for a prepared GET without a body; None if it is not ordinary.

    A request is made of this value, see `FastPath.answer_prepared`.
    """
    if (
        type(request) is not PreparedRequest
        or request.method != "GET"
        or request.body is not None
        or (request.hooks and request.hooks.get("response"))
        or type(request.headers) is not CaseInsensitiveDict
    ):
        return None
    return (None, request.url, *request.headers._store.values())


def has_wishes(headers: Mapping[str, str | bytes]) -> bool:
    """Say whether header fields ask for something that only the long way can give."""
    return not _WISHES.isdisjoint(name.lower() for name in headers)
