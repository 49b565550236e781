"""The ways in which a program asks for what is stored."""

from __future__ import annotations

import logging
from collections.abc import Callable
from io import StringIO
from typing import Any

from subjects.base import NotOfferedError

__all__ = ["LOGGER", "WAYS", "Way"]

# Both generations of requests-cache write to it.
LOGGER = logging.getLogger("requests_cache")

Way = tuple[Callable[[Any], Any], list[Any]]


def _plain(session: Any, urls: list[str]) -> Way:
    get = session.get

    def once(url: str) -> Any:
        response = get(url)
        _ = response.content, response.status_code
        return response

    return once, urls


def _prepared(session: Any, urls: list[str]) -> Way:
    if not hasattr(session, "send"):
        raise NotOfferedError("send")
    from requests import Request

    requests = [session.prepare_request(Request("GET", url)) for url in urls]
    send = session.send

    def once(request: Any) -> Any:
        response = send(request)
        _ = response.content, response.status_code
        return response

    return once, requests


_ATTRIBUTES = (
    *("status_code", "url", "reason", "encoding", "elapsed", "history", "cookies", "links"),
    *("ok", "is_redirect", "is_permanent_redirect", "next", "content"),
)


def _attributes(session: Any, urls: list[str]) -> Way:
    if not hasattr(session, "send"):
        raise NotOfferedError("attributes")
    get = session.get

    def once(url: str) -> Any:
        response = get(url)
        for name in _ATTRIBUTES:
            getattr(response, name)
        request, raw = response.request, response.raw
        _ = request.method, request.url, request.headers["Accept"], raw.status, raw.headers
        _ = response.headers["Content-Type"]
        return response

    return once, urls


def _hooks(session: Any, urls: list[str]) -> Way:
    if not hasattr(session, "hooks"):
        raise NotOfferedError("hooks")
    session.hooks["response"].append(lambda response, *args, **kwargs: None)
    return _plain(session, urls)


def _auth(session: Any, urls: list[str]) -> Way:
    if not hasattr(session, "hooks"):
        raise NotOfferedError("auth")
    session.auth = ("user", "password")
    return _plain(session, urls)


def _long(session: Any, urls: list[str]) -> Way:
    """Set what a subclass might override: then no cache can know what a request will be."""
    if not hasattr(session, "hooks"):
        raise NotOfferedError("prepare_request")
    prepare = session.prepare_request
    session.prepare_request = prepare
    return _plain(session, urls)


def _http(session: Any, urls: list[str]) -> Way:
    """Follow HTTP caching, as those do that know nothing else."""
    settings: Any = getattr(session, "settings", None)
    if hasattr(settings, "cache_control"):
        settings.cache_control = True
    return _plain(session, urls)


def _listener(session: Any, urls: list[str]) -> Way:
    """Have each hit told to a function that does nothing."""
    if not hasattr(session, "events"):
        raise NotOfferedError("events")
    session.events.listen(lambda event: None)
    return _plain(session, urls)


class _Written(logging.Handler):
    """Formats each line, as a handler that writes does."""

    def emit(self, record: logging.LogRecord) -> None:
        StringIO().write(self.format(record))


def _debug(session: Any, urls: list[str]) -> Way:
    """Log all that a cache says of its requests."""
    if not hasattr(session, "cache"):
        raise NotOfferedError("a log")
    LOGGER.addHandler(_Written())
    LOGGER.setLevel(logging.DEBUG)
    return _plain(session, urls)


def _saying(**arguments: Any) -> Callable[[Any, list[str]], Way]:
    """Give a way to say more in each call."""

    def way(session: Any, urls: list[str]) -> Way:
        if not hasattr(session, "hooks"):
            raise NotOfferedError("arguments")
        get = session.get

        def once(url: str) -> Any:
            response = get(url, **arguments)
            _ = response.content, response.status_code
            return response

        return once, urls

    return way


def _cookie(session: Any, urls: list[str]) -> Way:
    """Have the origin set a cookie first, as a balancer does."""
    if not hasattr(session, "hooks"):
        raise NotOfferedError("cookies")
    session.get(f"{urls[0].partition('?')[0]}?cookie=1")
    return _plain(session, urls)


def _parameters(session: Any, urls: list[str]) -> Way:
    if not hasattr(session, "hooks"):
        raise NotOfferedError("params")
    session.params = {"key": "1", "many": ["a", 2]}
    return _plain(session, urls)


def _class_with(*, name: str) -> Callable[[Any, list[str]], Way]:
    """Give a way with a session class that adds a timeout in one of its methods."""

    def way(session: Any, urls: list[str]) -> Way:
        if not hasattr(session, "hooks"):
            raise NotOfferedError("classes")
        above = type(session)

        def method(self: Any, *args: Any, **kwargs: Any) -> Any:
            kwargs.setdefault("timeout", 10)
            return getattr(above, name)(self, *args, **kwargs)

        session.__class__ = type("Patient", (above,), {name: method})
        return _plain(session, urls)

    return way


def _setting(name: str, value: Any) -> Callable[[Any, list[str]], Way]:
    """Give a way with a setting that is not the default."""

    def way(session: Any, urls: list[str]) -> Way:
        settings = getattr(session, "settings", None)
        if not hasattr(settings, name):
            raise NotOfferedError(name)
        setattr(settings, name, value)
        return _plain(session, urls)

    return way


def _lifetime(session: Any, urls: list[str]) -> Way:
    if not hasattr(session, "settings"):
        raise NotOfferedError("expire_after")
    return _saying(expire_after=3600)(session, urls)


def _post(session: Any, urls: list[str]) -> Way:
    """Ask by POST, with a query in JSON."""
    settings = getattr(session, "settings", None)
    if not hasattr(settings, "allowable_methods"):
        raise NotOfferedError("POST")
    session.settings.allowable_methods = ("GET", "HEAD", "POST")
    post = session.post

    def once(url: str) -> Any:
        response = post(url, json={"query": "a", "page": 1})
        _ = response.content, response.status_code
        return response

    return once, urls


def _url_of(request: Any, **_: Any) -> str:
    return str(request.url)


WAYS: dict[str, Callable[[Any, list[str]], Way]] = {
    "get": _plain,
    "send": _prepared,
    "attributes": _attributes,
    "hooks": _hooks,
    "auth": _auth,
    "long": _long,
    "http": _http,
    "params": _saying(params={"a": [1, 2], "b": 1.5, "c": None}),
    "auth of the call": _saying(auth=("user", "password")),
    "timeout": _saying(timeout=10),
    "expire_after": _lifetime,
    "verify": _saying(verify=False),
    "stream": _saying(stream=True),
    "cookie": _cookie,
    "session params": _parameters,
    "request": _class_with(name="request"),
    "send of a class": _class_with(name="send"),
    "post": _post,
    "filter_fn": _setting("filter_fn", lambda response: True),
    "key_fn": _setting("key_fn", _url_of),
    "on_error": _setting("on_error", "raise"),
    "listener": _listener,
    "debug": _debug,
}
