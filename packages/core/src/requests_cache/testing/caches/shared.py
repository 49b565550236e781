"""One cache in many sessions: in threads, in processes, in a pickle, across a fork."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from typing import NoReturn

import pytest

from ...backends.base import BaseCache
from ...session import CachedSession
from ..children import run_in_child
from ..origin import Origin
from ..stores.threads import in_threads
from .base import CacheTests, MakeCache

__all__ = ["SharedTests"]


class SharedTests(CacheTests):
    """Sessions that meet in one store."""

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
        assert run_in_child(_fetch, cache, server.url("/json")) is shared

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
    def test_session_across_a_fork(self, cache: BaseCache, server: Origin) -> None:
        """A session that is in use before a fork works in parent and child after it."""
        statuses = run_in_child(_fork, cache, server.url("/json"))
        assert statuses == [200, 200]

    def test_session_by_name(self, open_cache: MakeCache, server: Origin) -> None:
        """Two sessions with caches of one name share them, if they are persistent."""
        with CachedSession(backend=open_cache("one")) as first:
            first.get(server.url("/json"))
        with CachedSession(backend=open_cache("one")) as second:
            found = second.get(server.url("/json")).from_cache
            assert found is second.cache.responses.capabilities.persistent


def _fetch(cache: BaseCache, url: str) -> bool:
    with CachedSession(backend=cache, on_error="raise") as session:
        return bool(session.get(url).from_cache)


def _fork(cache: BaseCache, url: str) -> list[int]:
    session = CachedSession(backend=cache, on_error="raise")
    session.get(url)
    child = os.fork() or _be_child(session, url)
    _, status = os.waitpid(child, 0)
    assert status == 0, "the child failed"
    return [session.get(url).status_code, session.get(f"{url}?3").status_code]


def _be_child(session: CachedSession, url: str) -> NoReturn:
    succeeded = False
    try:
        succeeded = session.get(url).status_code == session.get(f"{url}?2").status_code == 200
    finally:
        # Leave without the parent's exit handlers and buffers.
        os._exit(0 if succeeded else 1)
