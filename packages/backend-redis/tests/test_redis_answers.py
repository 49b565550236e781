"""Pools without a connection are waited for; values of another type are misses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from inspect import Parameter, signature
from socketserver import StreamRequestHandler, ThreadingTCPServer
from threading import Barrier, Lock, Thread
from typing import Any

import pytest
import redis
from requests_cache import CachedSession
from requests_cache.backends.base import Entry
from requests_cache.backends.redis import RedisDict
from requests_cache.backends.redis import server as module
from requests_cache.errors import StorageBusyError
from requests_cache.testing.origin import Origin


class _Handler(StreamRequestHandler):
    """Speaks as much of Redis' protocol as a cache without a value needs."""

    disable_nagle_algorithm = True
    server: _Server

    def handle(self) -> None:
        with self.server.lock:
            self.server.clients += 1
        while line := self.rfile.readline():
            words = []
            for _ in range(int(line[1:])):
                size = int(self.rfile.readline()[1:])
                words.append(self.rfile.read(size + 2)[:-2].upper())
            self.wfile.write(self._answer(words))

    def _answer(self, words: list[bytes]) -> bytes:
        if words[0] == b"HELLO":
            return b"%1\r\n+proto\r\n:3\r\n"
        if self.server.is_wrong and words[0] in (b"HMGET", b"HGET"):
            return b"-WRONGTYPE Operation against a key holding the wrong kind of value\r\n"
        if words[0] == b"UNLINK":
            self.server.is_wrong = False
            return b":1\r\n"
        if self.server.is_wrong and words[0] == b"EXEC":
            return b"*2\r\n-WRONGTYPE Operation against a key\r\n:1\r\n"
        if words[0] == b"HMGET":
            return b"*2\r\n$-1\r\n$-1\r\n"
        if words[0] == b"EXEC":
            return b"*2\r\n:1\r\n:1\r\n"
        return b"+QUEUED\r\n" if words[0] in (b"HSET", b"PERSIST", b"PEXPIREAT") else b"+OK\r\n"


class _Server(ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.lock = Lock()
        self.clients = 0
        self.is_wrong = False
        """Whether values are of another type, until somebody deletes one."""


@pytest.fixture
def server() -> Iterator[_Server]:
    with _Server() as made:
        Thread(target=made.serve_forever, args=(0.01,), daemon=True).start()
        yield made
        made.shutdown()


def _limited(port: int) -> redis.Redis:
    return redis.Redis(port=port, max_connections=2)


def _blocking(port: int) -> redis.Redis:
    pool = redis.BlockingConnectionPool(port=port, max_connections=2, timeout=20)  # type: ignore[no-untyped-call]
    return redis.Redis(connection_pool=pool)


def _impatient(port: int) -> redis.Redis:
    pool = redis.BlockingConnectionPool(port=port, max_connections=2, timeout=0)  # type: ignore[no-untyped-call]
    return redis.Redis(connection_pool=pool)


class _OfSomebody(redis.Redis):
    """A client that is asked as a whole, for it may add something to its connections."""


@pytest.mark.parametrize(
    "make",
    [
        lambda port: {"connection": _limited(port)},
        lambda port: {"connection": _blocking(port)},
        lambda port: {"connection": _impatient(port)},
        lambda port: {"connection": _OfSomebody(port=port, max_connections=2)},
        lambda port: {"port": port, "max_connections": 2},
        lambda port: {"url": f"redis://127.0.0.1:{port}/0?max_connections=2"},
    ],
    ids=["limited", "blocking", "impatient", "somebody's", "option", "URL"],
)
def test_eight_threads_on_two_connections_go_without_nothing(
    make: Callable[[int], dict[str, Any]], server: _Server
) -> None:
    start, port = Barrier(8), server.server_address[1]
    with (
        Origin() as origin,
        CachedSession("x", backend="redis", collapse=False, **make(port)) as session,
    ):

        def ask(number: int) -> None:
            start.wait()
            for page in range(5):
                session.get(origin.url(f"/bytes/{10 * number + page}"))

        threads = [Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert session.cache.stats.bypassed == 0
        assert session.cache.stats.stored == 40
        assert server.clients <= 2


def _taken_from(pool: Any) -> Any:
    """Take a connection; before version 6 of the driver it wants the name of a command."""
    wants_a_name = "command_name" in signature(pool.get_connection).parameters
    has_default = wants_a_name and (
        signature(pool.get_connection).parameters["command_name"].default is not Parameter.empty
    )
    return pool.get_connection() if has_default or not wants_a_name else pool.get_connection("_")


def test_who_waits_too_long_goes_without_and_others_are_not_held_up(
    server: _Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_TIMEOUT", 0.01)
    client = _limited(server.server_address[1])
    held = [_taken_from(client.connection_pool) for _ in range(2)]
    with pytest.raises(StorageBusyError, match="max_connections"):
        RedisDict("x", connection=client).read("key")
    with Origin() as origin, CachedSession("x", backend="redis", connection=client) as session:
        assert session.get(origin.url("/json")).status_code == 200
        assert session.cache.stats.bypassed > 0
        assert not session.breaker.is_troubled
        for connection in held:
            client.connection_pool.release(connection)
        bypassed = session.cache.stats.bypassed
        session.get(origin.url("/json"))
        assert session.cache.stats.bypassed == bypassed


@pytest.mark.parametrize("somebodys", [False, True])
def test_a_value_of_another_type_is_one_miss(
    somebodys: bool, server: _Server, caplog: pytest.LogCaptureFixture
) -> None:
    """It cannot be read, and is replaced when the response is stored."""
    client = (_OfSomebody if somebodys else redis.Redis)(port=server.server_address[1])
    storage = RedisDict("x", connection=client)
    server.is_wrong = True
    assert storage.read("key") == Entry(b"")
    assert [entry.head for _, entry in storage.read_many(["a", "b"])] == [b"", b""]
    with Origin() as origin, CachedSession("x", backend="redis", connection=client) as session:
        assert session.get(origin.url("/json")).status_code == 200
        assert not server.is_wrong
        assert session.cache.stats.stored == 1
        assert session.cache.stats.bypassed == 0
    assert "cannot be read" in caplog.text
