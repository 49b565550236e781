"""What stands for an ordinary call: all of it that has a part in the key of its request."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final, cast

from requests import PreparedRequest, models
from requests.auth import HTTPBasicAuth
from requests.structures import CaseInsensitiveDict

from .._exchange.request_context import CONTROLS

# Whose a cookie is that the program sends as a field, only the long way can tell.
_WISHES: Final = CONTROLS | {"cookie"}
_ORDINARY: Final = frozenset(
    {"allow_redirects", "auth", "headers", "params", "stream", "timeout", "verify"}
)


def identify(url: object, kwargs: dict[str, Any]) -> Any:
    """Give a value that stands for a GET's URL, params and headers; None if it is not ordinary.

    `kwargs` are the arguments of `Session.request`, without those of the cache.
    """
    if type(url) is not str:
        return None
    # What `Session.get` makes of a URL alone, with the releases of requests that we support; and a
    # timeout, which concerns the network alone.
    if (
        kwargs.get("allow_redirects") is True
        and kwargs.get("params") is None
        and len(kwargs) == 1 + ("params" in kwargs) + ("timeout" in kwargs)
    ):
        return url
    return _identify_arguments(url, kwargs) if kwargs.keys() <= _ORDINARY else None


def _identify_arguments(url: str, kwargs: dict[str, Any]) -> tuple[Any, ...] | None:
    """Give what stands for the ordinary arguments of a call; None if one has an unusual value."""
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
    # Those of an OrderedDict are as many, in its order, and take twice as long.
    return (None, request.url, *dict.values(request.headers._store))


def has_wishes(headers: Mapping[str, str | bytes]) -> bool:
    """Say whether header fields ask for something that only the long way can give."""
    return not _WISHES.isdisjoint(name.lower() for name in headers)


_AS_IT_IS: Final = frozenset({str, int})
_WITH_KIND: Final = frozenset({bool, bytes, float, str, int, type(None)})


def freeze(items: object) -> tuple[Any, ...] | None:
    """Give what stands for parameters or header fields of plain values; None for any others."""
    if items is None:
        return ()
    if type(items) is not dict:
        return None
    frozen: list[tuple[str, Any]] = []
    for name, value in items.items():
        if type(name) is not str:
            return None
        kept = value if type(value) in _AS_IT_IS else _freeze_value(value)
        if kept is None:
            return None
        frozen.append((name, kept))
    return tuple(frozen)


def _freeze_value(value: object) -> tuple[Any, ...] | None:
    """Give a value with its kind: True and 1.0 equal 1, and are sent as something else."""
    kind = type(value)
    if kind in _WITH_KIND:
        return kind, value
    if type(value) is not list and type(value) is not tuple:
        return None
    if not all(type(part) in _WITH_KIND for part in value):
        return None
    return kind, *((type(part), part) for part in value)


# With a body: all of that, as requests makes bytes of it

# Bytes or characters; a larger one is remembered by nobody.
_LARGEST: Final = 16 * 1024
_ARGUMENTS: Final = _ORDINARY | {"data", "json"}


def identify_with_body(method: str, url: object, kwargs: dict[str, Any]) -> Any:
    """Give a value that stands for a call that may have a body, as `identify` does for a GET."""
    if type(url) is not str or not kwargs.keys() <= _ARGUMENTS:
        return None
    arguments = _identify_arguments(url, kwargs)
    if arguments is None:
        return None
    body = _freeze_body(kwargs.get("data"), kwargs.get("json"))
    return None if body is None else (method, body, *arguments)


def _freeze_body(data: object, json: object) -> tuple[Any, ...] | None:
    """Give what stands for a body; None for one that is not ordinary, or large.

    JSON is written as requests writes it, so two values that are sent alike are alike.
    """
    kind = type(data)
    if data is None or (kind is dict and not data):
        return () if json is None else _freeze_json(json)
    if kind is str or kind is bytes:
        body = cast("str | bytes", data)
        return (kind, body) if 0 < len(body) <= _LARGEST else None
    if kind is dict:
        frozen = freeze(data)
        return None if frozen is None or len(repr(frozen)) > _LARGEST else (kind, *frozen)
    return None


def _freeze_json(json: object) -> tuple[Any, ...] | None:
    try:
        # What it is in requests: a release may prefer another library.
        text = vars(models)["complexjson"].dumps(json, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        # The long way says what is wrong.
        return None
    return (None, text) if len(text) <= _LARGEST else None
