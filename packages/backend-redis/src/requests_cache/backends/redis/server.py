"""The way to a server, by a client handed in or one of our own; and its errors in our words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from inspect import iscoroutinefunction, signature
from time import monotonic, sleep
from typing import Any, Final, NamedTuple

import redis
from redis import exceptions
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as ConnectionFailed
from redis.retry import Retry
from requests_cache.backends.base import SharedClient
from requests_cache.errors import (
    CacheError,
    ConfigurationError,
    RecordError,
    StorageBusyError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)
from requests_cache.options import reject_unknown

# redis-py before 5.3 wants the name of a command here and does nothing with it; later versions
# warn about it.
_ARGUMENTS: Final = ("HMGET",) if tuple(map(int, redis.__version__.split(".")[:2])) < (5, 3) else ()

Command = Sequence[bytes | str | int]

CLIENT_OPTIONS: Final = ("url", "cluster", *signature(redis.Redis).parameters)
"""Options of a client that we make: those of `redis.Redis`, `url`, and `cluster`."""

_TIMEOUT: Final = 5.0
_PAUSE: Final = 0.002
_MULTI: Final = ("MULTI",)
_EXEC: Final = ("EXEC",)


class Server:
    """Commands to a server, one round trip for any number of them.

    The client is one of redis-py (also of a cluster, or from a sentinel), or one of our own, made
    with the options of `redis.Redis`, `url` and `cluster`; a wrong one is a ConfigurationError. A
    cluster is asked at once, other servers are not asked yet.
    """

    def __init__(self, owner: str, connection: Any = None, **options: Any) -> None:
        reject_unknown(owner, options, CLIENT_OPTIONS)
        if connection is not None and options:
            raise ConfigurationError(
                f"{owner}: connection= is given, so {next(iter(options))}= would have no effect:"
                " leave one of them out"
            )
        self._made_with = owner, connection, options
        # The caller's is not closed.
        self._shared: SharedClient[_Opened] = (
            SharedClient(partial(_open, options), _close)
            if connection is None
            else SharedClient(lambda: _Opened.over(_checked(connection)))
        )
        self.is_cluster: bool = _is_cluster(self.client)

    @property
    def client(self) -> Any:
        """Give the client; our own is another one after `close`, and in a forked child."""
        return self._shared.current.client

    def __reduce__(self) -> tuple[Any, ...]:
        owner, connection, options = self._made_with
        return _make_again, (owner, connection, options)

    def __str__(self) -> str:
        """Name the server, without its password."""
        if self.is_cluster:
            return "cluster"
        known = self.client.connection_pool.connection_kwargs
        return str(known.get("path") or f"{known.get('host', 'server')}:{known.get('port', '')}")

    def ask(self, *command: bytes | str | int) -> Any:
        """Send one command and give its answer; raises what `map_error` says."""
        return self.ask_all((command,))[0]

    def ask_all(self, commands: Iterable[Command], atomic: bool = False) -> list[Any]:
        """Send many commands and give their answers; raises what `map_error` says.

        With `atomic` nobody sees a part of them done. A cluster does them in turn.
        """
        commands = tuple(commands)
        latest = monotonic() + _TIMEOUT
        while True:
            try:
                return self._ask(commands, atomic)
            except DRIVER_ERRORS as error:
                # Nothing was sent. Whoever has the connections will soon be done with one.
                if not is_exhausted(error) or monotonic() >= latest:
                    raise map_error(self, error) from error
            sleep(_PAUSE)

    def _ask(self, commands: tuple[Command, ...], atomic: bool) -> list[Any]:
        with self._shared.use() as (client, connections):
            if connections is not None:
                connection = connections.take()
                try:
                    return _through_connection(connection, commands, atomic)
                except ConnectionFailed:
                    # It broke; the client tries again in the way that its owner told it.
                    pass
                finally:
                    connections.give_back(connection)
            return _through_client(client, commands, atomic)

    def scan(self, pattern: bytes, count: int) -> Iterator[bytes]:
        """Iterate over the keys of a pattern, on all nodes of a cluster; some may come twice."""
        with mapped_errors(self), self._shared.use() as (client, _):
            yield from client.scan_iter(match=pattern, count=count)

    def close(self) -> None:
        """Close a client that we made, when nobody is in it; the next use opens another one."""
        self._shared.close()


class Connections:
    """Give connections and take them back.

    Handing a connection back to its pool and asking for it again takes a sixth of a hit. So those
    of a client that nobody else uses stay here, unless somebody else may wait for them; one that
    has broken meanwhile is opened anew.
    """

    def __init__(self, pool: Any, keeps: bool) -> None:
        self._pool = pool
        self._keeps = keeps
        self._idle: list[Any] = []

    def take(self) -> Any:
        """Give a connection that nobody else has."""
        try:
            return self._idle.pop()
        except IndexError:
            return self._pool.get_connection(*_ARGUMENTS)

    def give_back(self, connection: Any) -> None:
        """Take a connection back, open or not."""
        if self._keeps:
            self._idle.append(connection)
        else:
            self._pool.release(connection)

    def release(self) -> None:
        """Hand all of them back to the pool."""
        while self._idle:
            self._pool.release(self._idle.pop())


class _Opened(NamedTuple):
    """A client, and its connections where they can be had without it."""

    client: Any
    connections: Connections | None

    @classmethod
    def over(cls, client: Any, keeps: bool = False) -> _Opened:
        pool = _plain_pool(client)
        return cls(client, None if pool is None else Connections(pool, keeps))


def _open(options: dict[str, Any]) -> _Opened:
    # With a bound, what we keep at hand is what another command would wait for in vain; and
    # somebody else may use a pool that was given.
    is_bounded = any("max_connections" in text for text in (*options, str(options.get("url"))))
    keeps = not is_bounded and "connection_pool" not in options
    return _Opened.over(_make_client(options), keeps)


def _close(opened: _Opened) -> None:
    client, connections = opened
    if connections is not None:
        connections.release()
    if not _is_cluster(client):
        client.close()
        return
    for node in client.get_nodes():
        if node.redis_connection is not None:
            # Its pool was handed to it, so closing the client alone leaves it open.
            node.redis_connection.close()
            node.redis_connection.connection_pool.disconnect()


def _is_cluster(client: Any) -> bool:
    return hasattr(client, "nodes_manager")


def _through_client(client: Any, commands: tuple[Command, ...], atomic: bool) -> list[Any]:
    if len(commands) == 1:
        return [client.execute_command(*commands[0])]
    with client.pipeline(transaction=atomic and not _is_cluster(client)) as pipeline:
        for command in commands:
            pipeline.execute_command(*command)
        answers: list[Any] = pipeline.execute()
        return answers


def _through_connection(connection: Any, commands: tuple[Command, ...], atomic: bool) -> list[Any]:
    """Do without the client, which takes longer than the server on the same machine."""
    if atomic:
        commands = (_MULTI, *commands, _EXEC)
    try:
        connection.send_packed_command(connection.pack_commands(commands))
        answers = [connection.read_response() for _ in commands]
    except BaseException:
        connection.disconnect()  # there may be answers that nobody has read
        raise
    if atomic:
        answers = answers[-1]
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
    return answers


def _make_client(options: dict[str, Any]) -> Any:
    """Make a client that gives up soon: a cache that waits is worse than none."""
    options = {
        "socket_timeout": _TIMEOUT,
        "socket_connect_timeout": _TIMEOUT,
        "retry": Retry(NoBackoff(), 1, supported_errors=(ConnectionFailed,)),
        **options,
    }
    kind = redis.RedisCluster if options.pop("cluster", False) else redis.Redis
    url = options.pop("url", None)
    try:
        client = kind(**options) if url is None else kind.from_url(url, **options)
        _try_options(client)
    except ValueError as error:
        # What is wrong with a URL is said with a part of it, which may be that of a password.
        why = "" if url is not None else f": {error}"
        cause = None if url is not None else error
        raise ConfigurationError(
            f"url= or an option cannot be used{why} (a URL is redis://:password@host:6379/0, with"
            " '/', '?', '#' and '@' in a password percent-encoded)"
        ) from cause
    except TypeError as error:
        # It says the name of an option, and no value.
        raise ConfigurationError(f"an option of the client cannot be used: {error}") from error
    except DRIVER_ERRORS as error:
        raise map_error("cluster", error) from error
    return _checked(client)


def _try_options(client: Any) -> None:
    """Make a connection, without connecting, for a client looks at its options no earlier."""
    pool = getattr(client, "connection_pool", None)
    if pool is not None:
        pool.connection_class(**pool.connection_kwargs)


def _checked(client: Any) -> Any:
    if not hasattr(client, "pipeline") or iscoroutinefunction(client.execute_command):
        raise ConfigurationError(
            f"connection= a {type(client).__name__} is no client: give a redis.Redis, a"
            " redis.cluster.RedisCluster or what Sentinel.master_for() gives; asynchronous clients"
            " cannot be used"
        )
    if client.get_encoder().decode_responses:
        raise ConfigurationError(
            "the client has decode_responses=True, but responses are stored as bytes: give a"
            " client without it"
        )
    return client


def _plain_pool(client: Any) -> Any:
    """Give the pool of a client that adds nothing to its connections, else None."""
    if type(client) is not redis.Redis or client.connection is not None:
        return None
    pool = client.connection_pool
    return None if getattr(pool, "cache", None) else pool


def _make_again(owner: str, connection: Any, options: dict[str, Any]) -> Server:
    return Server(owner, connection, **options)


# Errors

DRIVER_ERRORS = (exceptions.RedisError, exceptions.RedisClusterException)
"""The roots of what redis-py raises."""

# Of redis-py's ConnectionPool and BlockingConnectionPool.
_EXHAUSTED = frozenset(("Too many connections", "No connection available"))

# The first that fits counts.
_BY_TYPE: tuple[tuple[type[Exception], type[CacheError], str], ...] = (
    (exceptions.TimeoutError, StorageTimeoutError, "raise `socket_timeout`, or look at the server"),
    (exceptions.AuthenticationError, StorageUnavailableError, "look at the password"),
    (exceptions.NoPermissionError, StorageUnavailableError, "look at the user's ACL"),
    (exceptions.ConnectionError, StorageUnavailableError, "look at the server"),
    (exceptions.ClusterError, StorageUnavailableError, "look at the cluster"),
    (exceptions.RedisClusterException, StorageUnavailableError, "look at the cluster"),
    (exceptions.ReadOnlyError, StorageUnavailableError, "connect to the master"),
    (exceptions.OutOfMemoryError, StorageFullError, "raise `maxmemory`, or let the server evict"),
)


@contextmanager
def mapped_errors(server: object) -> Iterator[None]:
    """Raise our errors for those of redis-py, with these as the cause."""
    try:
        yield
    except DRIVER_ERRORS as error:
        raise map_error(server, error) from error


def is_exhausted(error: Exception) -> bool:
    """Say whether all connections that a pool allows are in use."""
    # The class for it is newer than the oldest redis-py that we take.
    said = str(error).rstrip(".")
    return isinstance(error, exceptions.ConnectionError) and said in _EXHAUSTED


def map_error(server: object, error: Exception) -> CacheError:
    """Give our error for one of redis-py."""
    if "invalid bulk length" in str(error):
        return ValueTooLargeError(f"Redis {server}: {error} (see `proto-max-bulk-len`)")
    if isinstance(error, exceptions.ResponseError) and "WRONGTYPE" in str(error):
        return RecordError(f"Redis {server}: the value is of another type: {error}")
    if is_exhausted(error):
        return StorageBusyError(f"Redis {server}: {error} (raise `max_connections` of the client)")
    for theirs, ours, advice in _BY_TYPE:
        if isinstance(error, theirs):
            return ours(f"Redis {server}: {error} ({advice})")
    return StorageError(f"Redis {server}: {error} (see the cause)")
