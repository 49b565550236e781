"""What the tests of a cache share: the factory, an open cache, a clock, and responses to save."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any, ClassVar, Protocol

import pytest
from requests import Request, Response
from requests.structures import CaseInsensitiveDict

from ... import clock
from ...backends.base import BaseCache
from ..contract import ContractTests
from ..origin import Origin

__all__ = ["CacheTests", "Clock", "MakeCache", "response_to", "save"]

URL = "https://example.org/thing"


class MakeCache(Protocol):
    """Opens a cache: the same name gives the same store, another name another namespace."""

    def __call__(self, name: str = "one", **options: Any) -> BaseCache:
        """Open the cache of this name; `options` are those of BaseCache."""
        ...


class Clock:
    """The time that the library goes by; it stands still until it is moved."""

    def __init__(self) -> None:
        # A store with native expiry goes by its own clock, so this one starts at the same time.
        self.now: float = float(int(time.time()))

    def move(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


class CacheTests(ContractTests):
    """Base of the tests of a cache."""

    largest: ClassVar[int] = 50 * 1024 * 1024
    """Size of the largest body that is tried, in bytes; lower it where a service is very slow."""

    @pytest.fixture
    def origin(self) -> Iterator[Origin]:
        """Give a server."""
        with Origin() as origin:
            yield origin

    @pytest.fixture
    def make_cache(self) -> MakeCache:
        """Give the factory; overridden by whoever tests a cache."""
        raise NotImplementedError(
            f"{type(self).__name__}: override the fixture make_cache with one that returns a"
            " function from a name and options to an open cache"
        )

    @pytest.fixture
    def open_cache(self, make_cache: MakeCache) -> Iterator[MakeCache]:
        """Give a factory whose caches are closed after the test."""
        opened: list[BaseCache] = []

        def open_one(name: str = "one", **options: Any) -> BaseCache:
            opened.append(make_cache(name, **options))
            return opened[-1]

        yield open_one
        for cache in opened:
            cache.close()

    @pytest.fixture
    def cache(self, open_cache: MakeCache) -> BaseCache:
        """Give an open cache, which is empty."""
        return open_cache("one")

    @pytest.fixture
    def at(self, monkeypatch: pytest.MonkeyPatch) -> Clock:
        """Give a clock that the library goes by."""
        at = Clock()
        monkeypatch.setattr(clock, "now", lambda: at.now)
        return at


def response_to(url: str = URL, content: bytes = b"content", method: str = "GET") -> Response:
    """Make a response as requests would after asking the network."""
    response = Response()
    response.status_code = 200
    response.reason = "OK"
    response.url = url
    response.encoding = "utf-8"
    response.headers = CaseInsensitiveDict({"Content-Type": "text/plain", "X-Number": "1"})
    response.request = Request(method, url, headers={"Accept": "text/plain"}).prepare()
    response._content = content
    return response


def save(cache: BaseCache, url: str = URL, expires: float | None = None) -> str:
    """Save a response to a GET of `url`; give its key."""
    response = response_to(url)
    key = cache.create_key(response.request)
    cache.save_response(response, expires=expires)
    return key
