"""What the Redis backend does without a server: options, names, and servers that fail."""

from __future__ import annotations

import pickle
import socket
from collections.abc import Iterator
from inspect import signature
from typing import Any

import pytest
import redis
import redis.asyncio
from redis import exceptions
from requests_cache.backends import init_backend
from requests_cache.backends.base import Entry
from requests_cache.backends.redis import RedisCache, RedisDict, RedisHashDict
from requests_cache.backends.redis.server import map_error
from requests_cache.backends.redis.storage import (
    LARGEST,
    add_times,
    deadline,
    from_bytes,
    key_of_hash,
    split_times,
    to_bytes,
)
from requests_cache.errors import (
    ConfigurationError,
    RecordError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    UnknownOptionError,
    ValueTooLargeError,
)

MAKE = [
    RedisCache,
    lambda **kwargs: RedisDict("app", **kwargs),
    lambda **kwargs: RedisHashDict("app", **kwargs),
]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A server that takes connections and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield server


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
    return port


def test_parameters_are_those_of_the_seed() -> None:
    parameters = signature(RedisCache).parameters
    assert list(parameters) == ["namespace", "connection", "kwargs"]
    assert parameters["namespace"].default == "http_cache"
    assert parameters["connection"].default is None
    parameters = signature(RedisDict).parameters
    assert list(parameters) == ["namespace", "collection_name", "connection", "kwargs"]
    assert parameters["collection_name"].default == "http_cache"
    assert parameters["connection"].default is None


def test_is_found_by_name() -> None:
    assert type(init_backend("redis", "app")) is RedisCache


@pytest.mark.parametrize("make", MAKE)
def test_unknown_option_is_an_error_that_names_the_nearest(make: Any) -> None:
    with pytest.raises(UnknownOptionError, match=r"socket_timout.*did you mean 'socket_timeout'"):
        make(socket_timout=1)
    with pytest.raises(UnknownOptionError, match=r"serialiser.*did you mean 'serializer'"):
        make(serialiser="pickle")


def test_bounds_are_refused_with_what_to_do_instead() -> None:
    with pytest.raises(UnknownOptionError, match=r"takes no max_size: .*maxmemory-policy"):
        RedisCache("app", max_size=1_000_000)


def test_layout_of_the_hash_takes_no_ttl() -> None:
    with pytest.raises(UnknownOptionError, match="ttl"):
        RedisHashDict("app", ttl=False)


@pytest.mark.parametrize("make", MAKE)
def test_client_that_decodes_is_refused(make: Any) -> None:
    with pytest.raises(ConfigurationError, match="decode_responses"):
        make(connection=redis.Redis(decode_responses=True))
    with pytest.raises(ConfigurationError, match="decode_responses"):
        make(url="redis://localhost?decode_responses=True")


@pytest.mark.parametrize("connection", ["redis://localhost", redis.asyncio.Redis(), object()])
def test_connection_that_is_no_client_is_refused(connection: object) -> None:
    with pytest.raises(ConfigurationError, match="is no client"):
        RedisCache(connection=connection)


def test_client_and_options_of_a_client_are_refused() -> None:
    with pytest.raises(ConfigurationError, match="host= would have no effect"):
        RedisCache(connection=redis.Redis(), host="localhost")


def test_url_of_another_kind_is_refused_without_showing_it() -> None:
    with pytest.raises(ConfigurationError, match="url=") as raised:
        RedisCache(url="http://user:secret@localhost")
    assert "secret" not in str(raised.value)


def test_an_option_of_a_url_that_no_client_has_is_refused_when_it_is_opened() -> None:
    with pytest.raises(ConfigurationError, match="'nonsense'") as raised:
        RedisCache(url="redis://user:secret@localhost?nonsense=hush")
    assert "secret" not in str(raised.value)
    assert "hush" not in str(raised.value)


def test_our_own_client_gives_up_soon() -> None:
    options = RedisDict("app").connection.connection_pool.connection_kwargs
    assert options["socket_timeout"] == options["socket_connect_timeout"] == 5
    options = RedisDict("app", socket_timeout=1).connection.connection_pool.connection_kwargs
    assert options["socket_timeout"] == 1


def test_cache_has_one_client() -> None:
    cache = RedisCache("app")
    assert cache.responses.connection is cache.redirects.connection
    client = redis.Redis()
    assert RedisCache("app", client).responses.connection is client


def test_pickled_cache_connects_to_the_same_server() -> None:
    cache = pickle.loads(pickle.dumps(RedisCache("app", url="redis://example.com:1234/5")))
    options = cache.responses.connection.connection_pool.connection_kwargs
    assert (options["host"], options["port"], options["db"]) == ("example.com", 1234, 5)
    assert cache.responses.name == b"app:responses"


def test_names_are_those_of_the_seed() -> None:
    assert key_of_hash("http_cache", "responses") == b"http_cache:responses"


def test_no_name_is_a_pattern_a_hash_tag_or_the_prefix_of_another() -> None:
    names = [
        "app",
        "app:x",
        "app*",
        "a[p]p",
        "{app}",
        "app\\",
        "",
        "a%3Ab",
        "a:b",
        "\xe9",
        "\ud800",
    ]
    made = {key_of_hash(namespace, name) + b":" for namespace in names for name in names}
    assert len(made) == len(names) ** 2
    assert not any(sign in name for name in made for sign in b"*?[]{}\\")
    assert not any(a != b and a.startswith(b) for a in made for b in made)


@pytest.mark.parametrize("key", ["", "a\0b", "\xe9", "\ud800", "k" * 10_000])
def test_any_text_is_a_key(key: str) -> None:
    assert from_bytes(to_bytes(key)) == key


@pytest.mark.parametrize("times", [(None, None), (1.5, None), (1.5, 2.25), (-1.0, 1e300)])
def test_times_come_back(times: tuple[float | None, float | None]) -> None:
    entry = Entry(b"head", b"body", *times)
    assert split_times(add_times(entry), b"body") == entry


def test_bytes_that_are_not_ours_come_as_the_head() -> None:
    assert split_times(b"short", b"body") == Entry(b"short", b"body")


@pytest.mark.parametrize(
    ("keep_until", "milliseconds"),
    [(None, None), (1.0, 1000), (1.0001, 1001), (float("inf"), None), (1e300, None)],
)
def test_server_deletes_never_too_early(keep_until: float, milliseconds: int) -> None:
    assert deadline(Entry(b"", b"", 0.5, keep_until)) == milliseconds


def test_value_beyond_the_limit_is_refused_before_it_is_sent(closed_port: int) -> None:
    store = RedisDict("app", port=closed_port)
    with pytest.raises(ValueTooLargeError, match="536,870,848"):
        store.write("key", Entry(b"h", bytes(LARGEST)))


def test_server_that_is_down_is_unavailable(closed_port: int) -> None:
    store = RedisDict("app", url=f"redis://user:secret@127.0.0.1:{closed_port}")
    with pytest.raises(StorageUnavailableError, match=f"127.0.0.1:{closed_port}") as raised:
        store.read("key")
    assert isinstance(raised.value.__cause__, exceptions.ConnectionError)
    assert "secret" not in str(raised.value)
    with pytest.raises(StorageUnavailableError):
        len(store)
    with pytest.raises(StorageUnavailableError):
        store.write_many([("key", Entry(b""))])


def test_cluster_that_is_down_is_unavailable(closed_port: int) -> None:
    with pytest.raises(StorageUnavailableError, match="cluster"):
        RedisCache("app", url=f"redis://127.0.0.1:{closed_port}", cluster=True)


def test_server_that_hangs_is_given_up(listener: socket.socket) -> None:
    store = RedisDict("app", port=listener.getsockname()[1], socket_timeout=0.02)
    with pytest.raises(StorageTimeoutError, match="socket_timeout"):
        store.read("key")


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (exceptions.OutOfMemoryError("OOM command not allowed"), StorageFullError),
        (exceptions.ReadOnlyError("READONLY"), StorageUnavailableError),
        (exceptions.AuthenticationError("WRONGPASS"), StorageUnavailableError),
        (exceptions.ClusterDownError("CLUSTERDOWN"), StorageUnavailableError),
        (exceptions.ResponseError("Protocol error: invalid bulk length"), ValueTooLargeError),
        (exceptions.ResponseError("WRONGTYPE"), RecordError),
    ],
)
def test_errors_of_the_driver_have_a_meaning(error: Exception, kind: type[Exception]) -> None:
    assert type(map_error("server", error)) is kind


@pytest.mark.parametrize("cls", [RedisCache, RedisDict])
@pytest.mark.parametrize("name", ["url"])
def test_where_the_server_is_is_checked(cls: Any, name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name}(=5| is a int): give"):
        cls("c", **{name: 5})
