"""Hits: `session.get(url)` of what is stored, then `.content` and `.status_code`."""

from __future__ import annotations

import gc
import logging
from itertools import cycle, islice
from time import perf_counter

from row import Goal, Row, Sample, Task, Unit

from parts.checks import CheckError, check_body, origin_requests
from parts.ways import LOGGER, WAYS

__all__ = ["ROWS", "Hits"]

_URLS = {"json": 200, "html": 40, "bin": 3}


class Hits(Task):
    """Read stored URLs in turn. Options: store, form, kind, urls, query, way."""

    def prepare(self) -> None:
        """Store the responses, and see that a second reading gives them back."""
        options = self.options
        self.kind: str = options.get("kind", "json")
        count = options.get("urls", _URLS[self.kind])
        urls = [self.place.url(self.kind, i, options.get("query", "")) for i in range(count)]
        if "form" in options:
            self.session = self.subject.session_in(options["form"], self.place)
        else:
            self.session = self.subject.session(options["store"], self.place)
        self.once, arguments = WAYS[options.get("way", "get")](self.session, urls)
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
        LOGGER.setLevel(logging.NOTSET)
        LOGGER.handlers.clear()


_SUBJECTS = ("ours", "upstream", "cachecontrol", "hishel", "diskcache", "floor")


def _row(name: str, store: str, must: float, aim: float, **options: object) -> Row:
    title = f"hit {name}, {store}"
    key = title.replace(",", "").replace(" ", "-").lower()
    options = {"store": store, **options}
    return Row(key, title, Unit.MICROSECONDS, Hits, options, Goal(must, aim), _SUBJECTS)


def _beside(name: str, must: float, aim: float, store: str = "sqlite", **options: object) -> Row:
    """Give a row that is to be near to the plainest hit of its store."""
    goal = Goal(must, aim, to="plainest")
    return _row(name, store, must, aim, **options)._replace(goal=goal)


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
    _beside("2 KB by the rules of HTTP", 1.5, 1.2, "memory", way="http"),
    _beside("2 KB by the rules of HTTP", 1.5, 1.2, way="http"),
    _beside("2 KB by the rules of HTTP", 1.5, 1.2, "filesystem", way="http"),
    _beside("2 KB by the rules of HTTP", 1.5, 1.2, "redis", way="http"),
    _beside("2 KB Vary by the rules of HTTP", 2.5, 1.8, way="http", query="?vary=1"),
    _beside("2 KB with a cookie in the jar", 1.5, 1.2, way="cookie"),
    _beside("2 KB with a cookie in the jar", 1.5, 1.2, "memory", way="cookie"),
    _beside("2 KB with parameters", 2.5, 1.8, way="params"),
    _beside("2 KB with parameters of the session", 2.5, 1.8, way="session params"),
    _beside("2 KB with auth of the call", 2.5, 1.8, way="auth of the call"),
    _beside("2 KB with expire_after of the call", 2.5, 1.8, way="expire_after"),
    _beside("2 KB with a timeout", 2.5, 1.8, way="timeout"),
    _beside("2 KB with request overridden", 3, 2, way="request"),
    _beside("2 KB with send overridden", 3, 2, way="send of a class"),
    _beside("2 KB with verify=False", 3, 2, way="verify"),
    _beside("2 KB with stream=True", 3, 2, way="stream"),
    _beside("2 KB with a secret in the URL", 2.5, 1.8, query="?api_key=5f4dcc3b5aa765d61d8327deb"),
    _beside("2 KB by POST with JSON", 10, 5, way="post"),
    _beside("2 KB with filter_fn", 10, 5, way="filter_fn"),
    _beside("2 KB with key_fn", 10, 5, way="key_fn"),
    _beside("2 KB with on_error=raise", 10, 5, way="on_error"),
    _beside("2 KB as JSON", 10, 5, form="json"),
    _beside("2 KB signed", 10, 5, form="signed"),
    _beside("2 KB encrypted", 10, 5, form="encrypted"),
    _row("2 KB with a listener", "memory", 4, 5, way="listener"),
    _row("2 KB with the log at DEBUG", "memory", 4, 5, way="debug"),
    _row("100 KB", "sqlite", 14, 22, kind="html"),
    _row("100 KB", "filesystem", 50, 70, kind="html"),
    _row("100 KB", "redis", 6, 10, kind="html"),
    _row("5 MB", "sqlite", 6, 9, kind="bin"),
    _row("5 MB", "filesystem", 90, 140, kind="bin"),
    _row("5 MB", "redis", 1, 5, kind="bin"),
)
