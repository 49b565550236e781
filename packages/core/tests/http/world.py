"""What whole sessions are tried in: an origin that says what tests want, a cache, and the time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from email.utils import formatdate
from typing import Any

import pytest
from requests_cache import CachedSession, clock
from requests_cache.backends.base import BaseCache
from requests_cache.testing.origin import Answer, HangUpError, Origin, Request

THING = "/thing"


class World:
    """An origin, a session that follows HTTP, and a clock that only `after` moves."""

    def __init__(self, origin: Origin, make_cache: Callable[[], BaseCache]) -> None:
        self.origin = origin
        self.now = float(int(time.time()))
        self._make_cache = make_cache
        self._closing = ExitStack()
        self._session: CachedSession | None = None

    # The origin

    def says(
        self,
        *lines: str,
        body: bytes = b"body",
        status: int = 200,
        path: str = THING,
        length: int | None = None,
    ) -> None:
        """Let the origin answer a path like this from now on; `lines` are header fields."""
        fields = tuple(_field(line) for line in lines)

        def answer(request: Request) -> Answer:
            dated = fields
            if not any(name.lower() == "date" for name, _ in fields):
                dated = (("Date", self.date()), *fields)
            return Answer(body, dated, status, length)

        self.origin.answers[path] = answer

    def answers(self, answer: Callable[[Request], Answer], path: str = THING) -> None:
        """Let the origin answer a path by a function."""
        self.origin.answers[path] = answer

    def breaks(self, path: str = THING) -> None:
        """Let the origin close the connection when it is asked."""

        def answer(request: Request) -> Answer:
            raise HangUpError

        self.origin.answers[path] = answer

    @property
    def count(self) -> int:
        """Count the requests that have reached the origin."""
        return self.origin.count()

    @property
    def asked(self) -> Request:
        """Give the last request that reached the origin."""
        return self.origin.requests[-1]

    # The session

    def use(self, **options: Any) -> CachedSession:
        """Open a session on the same store with other options, and use it from now on."""
        options.setdefault("cache_control", True)
        self._session = CachedSession(backend=self._make_cache(), **options)
        self._closing.callback(self._session.close)
        return self._session

    @property
    def session(self) -> CachedSession:
        """The session in use."""
        return self._session or self.use()

    def get(self, *lines: str, **kwargs: Any) -> Any:
        """Send a GET with these header fields; see `ask`."""
        return self.ask("GET", *lines, **kwargs)

    def ask(
        self, method: str, *lines: str, path: str = THING, after: float = 0.0, **kwargs: Any
    ) -> Any:
        """Send a request, `after` seconds after what was before."""
        self.now += after
        headers = dict(_field(line) for line in lines)
        return self.session.request(method, self.origin.url(path), headers=headers, **kwargs)

    def refreshed(self) -> None:
        """Wait for what is being refreshed in the background."""
        if hasattr(self.session, "_refresher"):
            self.session._refresher.wait(10)

    # The time

    def date(self, seconds: float = 0.0) -> str:
        """Write the time in so many seconds as an HTTP date."""
        return formatdate(self.now + seconds, usegmt=True)

    def close(self) -> None:
        """Close all sessions."""
        self._closing.close()


def _field(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name, value.strip()


@contextmanager
def opened(make_cache: Callable[[], BaseCache], monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    """Make a world, and close it afterwards."""
    with Origin() as origin:
        world = World(origin, make_cache)
        monkeypatch.setattr(clock, "now", lambda: world.now)
        yield world
        world.close()
