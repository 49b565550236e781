"""Storages that are written as dictionaries, as the documentation of version 1 shows them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests_cache import BaseCache, BaseStorage, CachedResponse, CachedSession
from requests_cache.testing.origin import Origin


class Plain(BaseStorage):
    """Keeps what it is given."""

    def __init__(self, name: str = "", **options: Any) -> None:
        super().__init__(**options)
        self.data: dict[str, Any] = {}

    def __getitem__(self, key: str) -> Any:
        return self.data[key]

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = value

    def __delitem__(self, key: str) -> None:
        del self.data[key]

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.data))

    def __len__(self) -> int:
        return len(self.data)

    def clear(self) -> None:
        self.data.clear()


class Serialized(Plain):
    """Keeps bytes."""

    def __getitem__(self, key: str) -> Any:
        return self.deserialize(key, self.data[key])

    def __setitem__(self, key: str, value: Any) -> None:
        self.data[key] = self.serialize(value)


@pytest.fixture(params=[Plain, Serialized])
def session(
    request: pytest.FixtureRequest, make_session: Callable[..., CachedSession]
) -> CachedSession:
    class Cache(BaseCache):
        def __init__(self, name: str = "http_cache", **options: Any) -> None:
            super().__init__(name, **options)
            self.responses = request.param(name, **self.storage_options)
            self.redirects = request.param(name, **self.storage_options)

    return make_session(backend=Cache, expire_after=60)


def test_responses_and_redirects_are_stored(session: CachedSession, origin: Origin) -> None:
    for _ in range(2):
        response = session.get(origin.url("/redirect/2"))
    assert response.from_cache
    assert [hop.status_code for hop in response.history] == [302, 302]
    assert list(session.cache.urls) == [origin.url("/json")]


def test_what_is_stored_expires_and_can_be_deleted(
    session: CachedSession, origin: Origin, set_time: Callable[[float], None]
) -> None:
    session.get(origin.url("/json"))
    assert session.cache.response_count(check_expiry=True) == 1
    set_time(1100)
    assert not session.get(origin.url("/json"), only_if_cached=True).from_cache
    assert session.cache.contains(url=origin.url("/json"))
    session.cache.delete(expired=True)
    assert not session.cache.contains(url=origin.url("/json"))
    session.get(origin.url("/json"))
    session.cache.clear()
    assert len(session.cache.responses) == 0


def test_what_it_gives_are_responses_with_their_keys(
    session: CachedSession, origin: Origin
) -> None:
    session.get(origin.url("/json"))
    for key, response in session.cache.responses.items():
        assert isinstance(response, CachedResponse)
        assert session.cache.get_response(key).cache_key == key


def test_bytes_that_cannot_be_read_are_nothing(origin: Origin) -> None:
    storage: Any = Serialized()  # type: ignore[abstract]  # its verbs are added
    storage.data["key"] = b"no value of ours"
    assert storage["key"] is None
    assert storage.read("key") is None
    assert (storage.discard("key"), storage.discard("key")) == (True, False)
