"""Caching for a whole program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
import requests_cache
from requests import Session
from requests_cache import BaseCache, CachedSession, CacheMixin
from requests_cache.errors import ConfigurationError, UnknownOptionError
from requests_cache.testing.origin import Origin

ORIGINAL = Session


@pytest.fixture(autouse=True)
def _uninstalled() -> Iterator[None]:
    yield
    requests_cache.uninstall_cache()
    assert requests.Session is ORIGINAL


def from_cache(response: requests.Response) -> bool:
    return getattr(response, "from_cache", False)


def test_an_installed_cache_answers_all_ways_to_send_a_request(origin: Origin) -> None:
    requests_cache.install_cache("x", "memory", expire_after=60)
    url = origin.url("/json")
    assert not from_cache(requests.get(url, timeout=10))
    for send in (
        lambda: requests.get(url, timeout=10),
        lambda: requests.request("GET", url, timeout=10),
        lambda: requests.Session().get(url),
        lambda: requests.session().get(url),
        lambda: requests.sessions.Session().get(url),
    ):
        response = send()  # type: ignore[no-untyped-call]  # requests.session() has no types
        assert from_cache(response)
        assert response.expires is not None  # type: ignore[attr-defined]  # ours
    assert origin.count() == 1
    requests_cache.uninstall_cache()
    assert not from_cache(requests.get(url, timeout=10))


def test_whether_a_cache_is_installed_can_be_asked() -> None:
    assert not requests_cache.is_installed()
    assert requests_cache.get_cache() is None
    requests_cache.install_cache("mine", "memory")
    assert requests_cache.is_installed()
    cache = requests_cache.get_cache()
    assert isinstance(cache, BaseCache)
    assert cache.cache_name == "mine"
    assert requests_cache.get_cache() is cache


def test_installing_again_replaces_the_cache(origin: Origin) -> None:
    requests_cache.install_cache("one", "memory")
    requests.get(origin.url("/json"), timeout=10)
    requests_cache.install_cache("two", "memory")
    assert not from_cache(requests.get(origin.url("/json"), timeout=10))


def test_a_wrong_option_is_an_error_when_the_cache_is_installed() -> None:
    with pytest.raises(UnknownOptionError, match="did you mean 'expire_after'"):
        requests_cache.install_cache("x", "memory", expire_afer=1)
    assert not requests_cache.is_installed()


@pytest.mark.parametrize(
    ("third", "lifetime"), [(60, 60), (requests_cache.CachedSession, None), (None, None)]
)
def test_the_third_argument_is_the_lifetime_or_the_class(third: Any, lifetime: Any) -> None:
    with requests_cache.enabled("x", "memory", third):
        session = requests.Session()
    assert isinstance(session, requests_cache.CachedSession)
    assert session.expire_after == lifetime


@pytest.mark.parametrize(
    ("third", "options", "told"),
    [
        (60, {"expire_after": 5}, "expire_after=5: .* give one of them"),
        ("sixty", {}, "session_factory='sixty': give a class"),
        (lambda *args: None, {}, "session_factory=<function .*: give a class"),
    ],
)
def test_a_third_argument_that_is_neither_says_what_to_give(
    third: Any, options: dict[str, Any], told: str
) -> None:
    with pytest.raises(ConfigurationError, match=told):
        requests_cache.install_cache("x", "memory", third, **options)
    assert not requests_cache.is_installed()


def test_a_block_can_be_with_or_without_a_cache(origin: Origin) -> None:
    url = origin.url("/json")
    with requests_cache.enabled("x", "memory"):
        requests.get(url, timeout=10)
        with requests_cache.disabled():
            assert not requests_cache.is_installed()
            assert not from_cache(requests.get(url, timeout=10))
        assert from_cache(requests.get(url, timeout=10))
        with requests_cache.enabled("y", "memory"):
            assert not from_cache(requests.get(url, timeout=10))
        assert from_cache(requests.get(url, timeout=10))
    assert not requests_cache.is_installed()
    with requests_cache.disabled():
        assert not requests_cache.is_installed()


def test_a_block_that_fails_restores_what_was() -> None:
    def fail() -> None:
        with requests_cache.enabled("x", "memory"):
            raise KeyError

    with pytest.raises(KeyError):
        fail()
    assert not requests_cache.is_installed()


def test_the_installed_cache_can_be_emptied_in_parts_or_whole(
    origin: Origin, set_time: Callable[[float], None]
) -> None:
    for verb in (
        requests_cache.clear,
        requests_cache.delete,
        requests_cache.remove_expired_responses,
    ):
        verb()
    with requests_cache.enabled("x", "memory", urls_expire_after={"*/json": 10}):
        cache = requests_cache.get_cache()
        assert cache is not None
        paths = ("/json", "/image", "/bytes/1", "/bytes/2")
        for path in paths:
            requests.get(origin.url(path), timeout=10)
        set_time(2000)
        requests_cache.remove_expired_responses()
        assert not cache.has_url(origin.url("/json"))
        requests_cache.delete(urls=[origin.url("/image")])
        assert sorted(cache.urls) == [origin.url("/bytes/1"), origin.url("/bytes/2")]
        requests_cache.clear()
        assert cache.response_count() == 0


class Chatty(Session):
    def __init__(self, volume: int = 1) -> None:
        super().__init__()
        self.volume = volume


class CachedChatty(CacheMixin, Chatty):
    """A cached session with an option of its own."""


def test_the_class_of_the_sessions_and_its_options_can_be_chosen() -> None:
    requests_cache.install_cache("x", "memory", session_factory=CachedChatty, volume=11)
    session = requests.Session()
    assert isinstance(session, CachedChatty)
    assert session.volume == 11


def test_settings_of_one_session_are_not_those_of_another() -> None:
    requests_cache.install_cache("x", BaseCache("shared"), match_headers=["Accept"])
    one, other = requests.Session(), requests.Session()
    assert isinstance(one, CachedSession)
    assert isinstance(other, CachedSession)
    one.settings.expire_after = 1
    assert other.settings.expire_after != 1
    assert one.cache is other.cache
    assert one.cache.matching.match_headers == ("accept",)
