"""One cache in many sessions: in threads, in processes, in a pickle, across a fork."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator

import pytest

from ...backends.base import BaseCache
from ...session import CachedSession
from ..children import run_in_child
from ..origin import Origin
from ..stores.threads import in_threads
from ..tasks import fetch_across_a_fork, fetch_with, fork_while_fetching
from .base import CacheTests, MakeCache

__all__ = ["SharedTests"]

_PIECE = 1_000_000


class SharedTests(CacheTests):
    """Sessions that meet in one store."""

    advice = (
        "open connections for each process, remember `os.getpid()` with them, and let the cache"
        " be made again from its arguments alone"
    )

    @pytest.fixture
    def server(self) -> Iterator[Origin]:
        """Give a server."""
        with Origin() as origin:
            yield origin

    def test_session_in_threads(self, cache: BaseCache, server: Origin) -> None:
        """Threads may share a session; what one has fetched the others find."""
        with CachedSession(backend=cache, on_error="raise") as session:
            urls = [server.url(f"/json?{i}") for i in range(10)]

            def fetch(number: int) -> None:
                for url in urls:
                    assert session.get(url).json()["path"] == "/json"

            in_threads(fetch)
            assert cache.response_count() == 10
            assert all(session.get(url).from_cache for url in urls)

    def test_pickled_session(self, cache: BaseCache, server: Origin) -> None:
        """A pickled session opens the same store, or an empty one if it is not persistent."""
        with CachedSession(backend=cache, expire_after=60) as session:
            session.get(server.url("/json"))
            with pickle.loads(pickle.dumps(session)) as again:
                assert again.settings.expire_after == 60
                found = again.get(server.url("/json")).from_cache
                assert found is cache.responses.capabilities.persistent

    def test_session_in_another_process(self, cache: BaseCache, server: Origin) -> None:
        """Another process finds what this one fetched, if the store is shared."""
        with CachedSession(backend=cache) as session:
            session.get(server.url("/json"))
        shared = cache.responses.capabilities.shared_between_processes
        assert run_in_child(fetch_with, cache, server.url("/json")) is shared

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
    def test_session_across_a_fork(self, cache: BaseCache, server: Origin) -> None:
        """A session that is in use before a fork works in parent and child after it."""
        statuses = run_in_child(fetch_across_a_fork, cache, server.url("/json"))
        assert statuses == [200, 200, 200, 200]

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
    def test_fork_while_a_body_comes(self, cache: BaseCache, server: Origin) -> None:
        """A child that closes its copy of a response leaves the body of its parent alone."""
        size = 3 * _PIECE
        url = server.url(f"/bytes/{size}")
        found = run_in_child(fork_while_fetching, cache, url, _PIECE)
        assert found == (size, size, True)

    def test_session_by_name(self, open_cache: MakeCache, server: Origin) -> None:
        """Two sessions with caches of one name share them, if they are persistent."""
        with CachedSession(backend=open_cache("one")) as first:
            first.get(server.url("/json"))
        with CachedSession(backend=open_cache("one")) as second:
            found = second.get(server.url("/json")).from_cache
            assert found is second.cache.responses.capabilities.persistent
