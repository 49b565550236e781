"""What was there before a cache was installed, and what was derived from it, goes on working."""

from __future__ import annotations

import pickle
from typing import Any

import pytest
import requests
import requests_cache
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin

ORIGINAL = requests.Session


class Before(requests.Session):
    """Names its base class as it is known to the module, as much code does."""

    def __init__(self) -> None:
        requests.Session.__init__(self)

    def request(self, *args: Any, **kwargs: Any) -> Any:
        return requests.Session.request(self, *args, **kwargs)


def test_classes_and_sessions_of_before_work_without_a_cache(origin: Origin) -> None:
    older, plain = Before(), requests.Session()
    with requests_cache.enabled("x", "memory"):
        for session in (older, Before(), plain):
            assert session.get(origin.url("/json")).status_code == 200
            assert isinstance(session, requests.Session)
            assert isinstance(session, requests.sessions.Session)
        assert issubclass(Before, requests.Session)
        assert isinstance(requests.Session(), ORIGINAL)
        assert not isinstance(object(), requests.Session)
    assert origin.count() == 3


def test_an_installed_session_can_be_pickled(origin: Origin) -> None:
    with requests_cache.enabled("x", "memory", expire_after=60):
        loaded = pickle.loads(pickle.dumps(requests.Session()))
    assert type(loaded) is CachedSession
    assert loaded.settings.expire_after == 60
    assert [loaded.get(origin.url("/json")).from_cache for _ in range(2)] == [False, True]


def test_a_class_derived_from_the_installed_one_keeps_its_cache(origin: Origin) -> None:
    with requests_cache.enabled("x", "memory"):

        class After(requests.Session):
            def __init__(self, number: int) -> None:
                requests.Session.__init__(self)
                self.number = number

        After(1).get(origin.url("/json"))
        assert not isinstance(requests.Session(), After)
    session = After(2)
    assert session.get(origin.url("/json")).from_cache  # type: ignore[attr-defined]  # ours
    assert session.number == 2
    assert not hasattr(session, "missing")
    assert session.__reduce_ex__(2)[1][0] is After


def test_a_session_class_may_have_a_metaclass() -> None:
    class Meta(type):
        pass

    class Own(CachedSession, metaclass=Meta):
        pass

    with requests_cache.enabled("x", "memory", session_factory=Own):
        assert isinstance(requests.Session(), Own)
    assert requests.Session is ORIGINAL


@pytest.mark.parametrize("first", [0, 1])
def test_blocks_may_end_in_any_order(first: int) -> None:
    blocks = [requests_cache.enabled(name, "memory") for name in ("a", "b")]
    for block in blocks:
        block.__enter__()
    blocks.pop(first).__exit__(None, None, None)
    cache = requests_cache.get_cache()
    assert cache is not None
    assert cache.cache_name == ("b", "a")[first]
    blocks.pop().__exit__(None, None, None)
    assert requests.Session is ORIGINAL
