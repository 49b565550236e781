"""What stands for an ordinary call: all of it that has a part in the key of its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict

__all__ = ["has_wishes", "identify", "identify_prepared"]

# With these a request asks for something that is no part of the key.
_WISHES: Final = frozenset(
    {
        *("cache-control", "pragma", "range"),
        *("if-match", "if-modified-since", "if-none-match", "if-range", "if-unmodified-since"),
    }
)


def identify(url: object, kwargs: dict[str, Any]) -> Any:
    """Give a value that stands for a call's URL, params and headers; None if it is not ordinary.

    `kwargs` are the arguments of `Session.request`, without those of the cache.
    """
    if type(url) is not str:
        return None
    # What `Session.get` makes of a URL alone, with the releases of requests that we support.
    if (
        len(kwargs) == 2 - ("params" not in kwargs)
        and kwargs.get("allow_redirects") is True
        and kwargs.get("params") is None
    ):
        return url
    if not kwargs.keys() <= _ORDINARY:
        return None
    if kwargs.get("allow_redirects", True) is not True or kwargs.get("stream"):
        return None
    params = _freeze(kwargs.get("params"))
    headers = _freeze(kwargs.get("headers"))
    if params is None or headers is None:
        return None
    return (url, params, headers)


# `timeout` concerns the network alone.
_ORDINARY: Final = frozenset({"allow_redirects", "headers", "params", "stream", "timeout"})


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
    """Say whether header fields ask for something that is no part of the key."""
    return not _WISHES.isdisjoint(name.lower() for name in headers)


def _freeze(items: object) -> tuple[Any, ...] | None:
    """Give the items of a plain dictionary of text and whole numbers; None for anything else."""
    if items is None:
        return ()
    if type(items) is not dict:
        return None
    for name, value in items.items():
        if type(name) is not str or type(value) not in _FROZEN:
            return None
    return tuple(items.items())


# True and 1.0 equal 1 and are sent as something else, so they are not among these.
_FROZEN: Final = frozenset({str, int})
