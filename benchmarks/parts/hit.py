"""Hits: `session.get(url)` of what is stored, then `.content` and `.status_code`."""

from __future__ import annotations

import gc
import logging
from collections.abc import Callable
from io import StringIO
from itertools import cycle, islice
from time import perf_counter
from typing import Any

from row import Goal, Row, Sample, Task, Unit
from subjects.base import NotOfferedError

from parts.checks import CheckError, check_body, origin_requests

__all__ = ["ROWS", "Hits"]

_URLS = {"json": 200, "html": 40, "bin": 3}


class Hits(Task):
    """Read stored URLs in turn. Options: store, kind, urls, query, way."""

    def prepare(self) -> None:
        """Store the responses, and see that a second reading gives them back."""
        options = self.options
        self.kind: str = options.get("kind", "json")
        count = options.get("urls", _URLS[self.kind])
        urls = [self.place.url(self.kind, i, options.get("query", "")) for i in range(count)]
        self.session = self.subject.session(options["store"], self.place)
        self.once, arguments = _WAYS[options.get("way", "get")](self.session, urls)
        for reading in ("storing", "reading"):
            before = origin_requests(self.place)
            for number, argument in enumerate(arguments):
                check_body(self.once(argument), self.kind, number, self.subject.exact)
            sent = origin_requests(self.place) - before
            if sent != (count if reading == "storing" else 0):
                raise CheckError(f"{sent} origin requests while {reading} {count} URLs")
        self.arguments = cycle(arguments)
        self.rate = self._rate(count)

    def _rate(self, count: int) -> float:
        """Find out how many hits take a second."""
        start = perf_counter()
        for argument in islice(self.arguments, count):
            self.once(argument)
        return count / (perf_counter() - start)

    def run(self, seconds: float) -> Sample:
        """Read for `seconds`; a request that reaches the origin makes the round invalid."""
        count = max(3, int(self.rate * seconds))
        once = self.once
        arguments = list(islice(self.arguments, count))
        before = origin_requests(self.place)
        gc.collect()
        start = perf_counter()
        for argument in arguments:
            once(argument)
        end = perf_counter()
        if origin_requests(self.place) != before:
            raise CheckError("hits reached the origin")
        return Sample(count, start, end)

    def close(self) -> None:
        """Close the session; the next row of this process logs nothing."""
        self.session.close()
        _LOGGER.setLevel(logging.NOTSET)
        _LOGGER.handlers.clear()


# Both generations of requests-cache write to it.
_LOGGER = logging.getLogger("requests_cache")

_Way = tuple[Callable[[Any], Any], list[Any]]


def _plain(session: Any, urls: list[str]) -> _Way:
    get = session.get

    def once(url: str) -> Any:
        response = get(url)
        _ = response.content, response.status_code
        return response

    return once, urls


def _prepared(session: Any, urls: list[str]) -> _Way:
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


def _attributes(session: Any, urls: list[str]) -> _Way:
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


def _hooks(session: Any, urls: list[str]) -> _Way:
    if not hasattr(session, "hooks"):
        raise NotOfferedError("hooks")
    session.hooks["response"].append(lambda response, *args, **kwargs: None)
    return _plain(session, urls)


def _auth(session: Any, urls: list[str]) -> _Way:
    if not hasattr(session, "hooks"):
        raise NotOfferedError("auth")
    session.auth = ("user", "password")
    return _plain(session, urls)


def _long(session: Any, urls: list[str]) -> _Way:
    """Set what a subclass might override: then no cache can know what a request will be."""
    if not hasattr(session, "hooks"):
        raise NotOfferedError("prepare_request")
    prepare = session.prepare_request
    session.prepare_request = prepare
    return _plain(session, urls)


def _http(session: Any, urls: list[str]) -> _Way:
    """Follow HTTP caching, as those do that know nothing else."""
    settings: Any = getattr(session, "settings", None)
    if hasattr(settings, "cache_control"):
        settings.cache_control = True
    return _plain(session, urls)


def _listener(session: Any, urls: list[str]) -> _Way:
    """Have each hit told to a function that does nothing."""
    if not hasattr(session, "events"):
        raise NotOfferedError("events")
    session.events.listen(lambda event: None)
    return _plain(session, urls)


class _Written(logging.Handler):
    """Formats each line, as a handler that writes does."""

    def emit(self, record: logging.LogRecord) -> None:
        StringIO().write(self.format(record))


def _debug(session: Any, urls: list[str]) -> _Way:
    """Log all that a cache says of its requests."""
    if not hasattr(session, "cache"):
        raise NotOfferedError("a log")
    _LOGGER.addHandler(_Written())
    _LOGGER.setLevel(logging.DEBUG)
    return _plain(session, urls)


def _saying(**arguments: Any) -> Callable[[Any, list[str]], _Way]:
    """Give a way to say more in each call."""

    def way(session: Any, urls: list[str]) -> _Way:
        if not hasattr(session, "hooks"):
            raise NotOfferedError("arguments")
        get = session.get

        def once(url: str) -> Any:
            response = get(url, **arguments)
            _ = response.content, response.status_code
            return response

        return once, urls

    return way


_WAYS: dict[str, Callable[[Any, list[str]], _Way]] = {
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
    "listener": _listener,
    "debug": _debug,
}

_SUBJECTS = ("ours", "upstream", "cachecontrol", "hishel", "diskcache", "floor")


def _row(name: str, store: str, must: float, aim: float, **options: Any) -> Row:
    title = f"hit {name}, {store}"
    key = title.replace(",", "").replace(" ", "-").lower()
    options = {"store": store, **options}
    return Row(key, title, Unit.MICROSECONDS, Hits, options, Goal(must, aim), _SUBJECTS)


ROWS = (
    _row("2 KB", "memory", 80, 150),
    _row("2 KB", "sqlite", 40, 65),
    _row("2 KB", "filesystem", 40, 65),
    _row("2 KB", "redis", 10, 18),
    _row("2 KB 3000 URLs", "sqlite", 35, 50, urls=3000),
    _row("2 KB Vary", "sqlite", 25, 40, query="?vary=1"),
    _row("2 KB all attributes", "sqlite", 8, 14, way="attributes"),
    _row("2 KB send(prepared)", "memory", 45, 70, way="send"),
    _row("2 KB send(prepared)", "sqlite", 25, 40, way="send"),
    _row("2 KB with a hook", "sqlite", 4, 5, way="hooks"),
    _row("2 KB with auth", "sqlite", 4, 5, way="auth"),
    _row("2 KB with prepare_request overridden", "sqlite", 4, 5, way="long"),
    _row("2 KB by the rules of HTTP", "memory", 40, 80, way="http"),
    _row("2 KB by the rules of HTTP", "sqlite", 25, 40, way="http"),
    _row("2 KB with parameters", "sqlite", 4, 5, way="params"),
    _row("2 KB with auth of the call", "sqlite", 4, 5, way="auth of the call"),
    _row("2 KB with a timeout", "sqlite", 4, 5, way="timeout"),
    _row("2 KB with a listener", "memory", 4, 5, way="listener"),
    _row("2 KB with the log at DEBUG", "memory", 4, 5, way="debug"),
    _row("100 KB", "sqlite", 14, 22, kind="html"),
    _row("100 KB", "filesystem", 50, 70, kind="html"),
    _row("100 KB", "redis", 6, 10, kind="html"),
    _row("5 MB", "sqlite", 6, 9, kind="bin"),
    _row("5 MB", "filesystem", 90, 140, kind="bin"),
    _row("5 MB", "redis", 1, 5, kind="bin"),
)
