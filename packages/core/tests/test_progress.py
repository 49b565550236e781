"""Long work on a whole cache tells how far it has come."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from requests import Request, Response
from requests_cache import BaseCache
from requests_cache.backends.progress import watched


def filled(count: int) -> BaseCache:
    cache = BaseCache()
    for number in range(count):
        response = Response()
        response.status_code, response._content = 200, b"body"
        response.url = f"http://example.org/{number}"
        response.request = Request("GET", response.url).prepare()
        cache.save_response(response)
    return cache


@pytest.mark.parametrize(
    "work",
    [
        lambda cache, told: cache.delete(older_than=0, progress=told),
        lambda cache, told: cache.delete(invalid=True, progress=told),
        lambda cache, told: cache.reset_expiration(60, progress=told),
        lambda cache, told: BaseCache().update(cache, progress=told),
    ],
    ids=["older_than", "invalid", "reset_expiration", "update"],
)
def test_each_step_is_told_and_the_end(
    work: Callable[[BaseCache, Callable[[int, int], object]], object],
) -> None:
    told: list[tuple[int, int]] = []
    work(filled(3), lambda done, total: told.append((done, total)))
    assert told == [(1, 3), (2, 3), (3, 3)]


def test_much_work_is_told_of_a_hundred_times() -> None:
    told: list[int] = []
    assert len(list(watched(range(1000), 1000, lambda done, total: told.append(done)))) == 1000
    assert told == list(range(10, 1001, 10))


def test_it_ends_with_all_even_if_there_were_more_or_none() -> None:
    for found in (range(5), range(0)):
        told: list[tuple[int, int]] = []
        list(watched(found, 2, lambda done, total, told=told: told.append((done, total))))  # type: ignore[misc]  # of this round
        assert told[-1] == (2, 2)
        assert all(done <= total for done, total in told)
