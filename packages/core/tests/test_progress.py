"""Long work on a whole cache tells how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Callable

import pytest
from requests import Request, Response
from requests_cache import BaseCache
from requests_cache.backends.views import watched


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
        lambda cache, told: cache.delete(host="example.org", progress=told),
    ],
    ids=["older_than", "invalid", "reset_expiration", "update", "host"],
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


def test_true_shows_a_bar(capsys: pytest.CaptureFixture[str]) -> None:
    filled(3).reset_expiration(60, progress=True)
    assert "3/3" in capsys.readouterr().err


def test_without_tqdm_the_bar_is_a_line_of_text(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm.auto", None)
    filled(3).delete(host="example.org", progress=True)
    assert capsys.readouterr().err.splitlines()[-1].endswith("3 of 3 responses")


def test_false_shows_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    filled(3).delete(older_than=0, progress=False)
    assert capsys.readouterr().err == ""
