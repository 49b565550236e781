"""One request, and what the cache made of it."""

from __future__ import annotations

import time
from typing import Any, NamedTuple

from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession, clock

__all__ = ["Visit", "Visitor", "move_clock"]


class Visit(NamedTuple):
    """A row of the table."""

    url: str
    outcome: str
    """hit, miss, expired, revalidated, stale or error."""
    status: str
    """Of the response that the caller got."""
    origin: str
    """Status of each answer of the origin; empty if it was not asked."""
    size: int
    """Bytes of the body."""
    seconds: float
    error: str = ""
    """What went wrong."""


class Visitor:
    """Asks for URLs through a session, and notes what goes over the network."""

    def __init__(self, session: CachedSession) -> None:
        self.session = session
        self._wire = _Wire()
        session.mount("http://", self._wire)
        session.mount("https://", self._wire)

    def get(self, url: str) -> Visit:
        """Ask for a URL."""
        known = self.session.cache.has_url(url)
        self._wire.answers.clear()
        started = time.perf_counter()
        try:
            response = self.session.get(url, timeout=30)
        except RequestException as error:
            seconds = time.perf_counter() - started
            return Visit(url, "error", "-", self._origin, 0, seconds, type(error).__name__)
        seconds = time.perf_counter() - started
        status, size = str(response.status_code), len(response.content)
        return Visit(url, _outcome(response, known), status, self._origin, size, seconds)

    @property
    def _origin(self) -> str:
        return " ".join(self._wire.answers)


class _Wire(HTTPAdapter):
    """Notes every answer that comes from the network."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list[str] = []

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        try:
            response = super().send(request, *args, **kwargs)
        except RequestException:
            self.answers.append("failed")
            raise
        self.answers.append(str(response.status_code))
        return response


def _outcome(response: Any, known: bool) -> str:
    if not response.from_cache:
        return "expired" if known else "miss"
    if response.revalidated:
        return "revalidated"
    return "stale" if response.is_expired else "hit"


def move_clock(seconds: float) -> None:
    """Set the clock of the cache forward, so that nobody has to wait for responses to expire."""
    clock.now = lambda: time.time() + seconds
