"""Statistics that outlive the process: kept in the store, and added up over all who use it."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from weakref import WeakSet

import pytest
from requests_cache import CachedSession, init_backend
from requests_cache.backends import kept_statistics
from requests_cache.backends.base import BaseCache, BaseStorage, Entry
from requests_cache.backends.kept_statistics import _KEY as KEY
from requests_cache.backends.kept_statistics import KeptStatistics, Period, condense
from requests_cache.errors import ConfigurationError
from requests_cache.testing.origin import Origin

SetTime = Callable[[float], None]
BACKENDS = ("sqlite", "filesystem")
NIGHT = 1_800_000_000.0 // 3600 * 3600


@pytest.fixture
def open_cache(tmp_path: Path) -> Iterator[Callable[..., BaseCache]]:
    """Give what opens the cache; in the end all that are left are closed."""
    opened: WeakSet[BaseCache] = WeakSet()

    def open_it(**options: Any) -> BaseCache:
        cache = init_backend("sqlite", tmp_path / "cache.sqlite", **options)
        opened.add(cache)
        return cache

    yield open_it
    for cache in list(opened):
        cache.close()


def count(cache: BaseCache, hits: int, misses: int = 0) -> None:
    for _ in range(hits):
        cache.stats.hit(100)
    cache.stats.add("misses", misses)


@pytest.mark.parametrize("backend", BACKENDS)
def test_what_a_session_counts_is_there_for_the_next_one(
    backend: str, tmp_path: Path, origin: Origin
) -> None:
    name = tmp_path / "cache"
    for _ in range(2):
        with CachedSession(name, backend=backend, keep_statistics=True) as session:
            for _ in range(3):
                session.get(origin.url("/json"))
    again = init_backend(backend, name)
    kept = again.kept_statistics()
    again.close()
    assert (kept.requests, kept.counters["hits"], kept.counters["misses"]) == (6, 5, 1)
    assert kept.counters["stored"] == 1
    assert kept.hit_rate == 5 / 6


def test_nothing_is_kept_without_the_option(open_cache: Any) -> None:
    cache = open_cache()
    count(cache, 3)
    assert cache.kept_statistics() == KeptStatistics(())
    assert cache.kept_statistics().hit_rate is None
    assert type(cache.stats).__name__ == "Statistics"


def test_the_last_night_is_told_from_the_day(open_cache: Any, set_time: SetTime) -> None:
    for hour, hits, misses in ((0, 1, 9), (1, 2, 0), (8, 50, 50)):
        set_time(NIGHT + hour * 3600 + 59)
        with_one = open_cache(keep_statistics=True)
        count(with_one, hits, misses)
        with_one.close()
    cache = open_cache()
    assert [each.counters["hits"] for each in cache.kept_statistics().periods] == [1, 2, 50]
    for since in (7 * 3600, timedelta(hours=7), datetime.fromtimestamp(NIGHT + 3600, UTC)):
        assert cache.kept_statistics(since).counters["hits"] == 52
    assert cache.kept_statistics(0).hit_rate == 0.5


def test_they_are_written_once_a_minute_at_most(
    open_cache: Any, set_time: SetTime, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_time(NIGHT)
    cache = open_cache(keep_statistics=True)
    written: list[str] = []
    write = type(cache.redirects).write

    def note(self: BaseStorage, key: str, entry: Entry) -> None:
        written.append(key)
        write(self, key, entry)

    monkeypatch.setattr(type(cache.redirects), "write", note)
    for second in range(0, 300, 10):
        set_time(NIGHT + second)
        count(cache, 10)
    assert 3 <= len(written) <= 5
    other = open_cache()
    assert other.kept_statistics().counters["hits"] >= 200
    cache.close()
    assert other.kept_statistics().counters["hits"] == 300


def test_a_forgotten_cache_writes_what_it_counted(open_cache: Any) -> None:
    cache = open_cache(keep_statistics=True)
    count(cache, 7)
    del cache
    gc.collect()
    other = open_cache()
    assert other.kept_statistics().counters["hits"] == 7


_PROGRAM = """
import sys
from requests_cache import init_backend
cache = init_backend("sqlite", sys.argv[1], keep_statistics=True)
for _ in range(100):
    cache.stats.hit(1)
"""


def test_processes_that_just_end_are_added_up(open_cache: Any, tmp_path: Path) -> None:
    command = [sys.executable, "-c", _PROGRAM, str(tmp_path / "cache.sqlite")]
    open_cache().close()
    running = [subprocess.Popen(command) for _ in range(4)]
    assert [process.wait() for process in running] == [0] * 4
    other = open_cache()
    assert other.kept_statistics().counters["hits"] == 400


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork")
def test_a_child_does_not_write_what_its_parent_counted(open_cache: Any) -> None:
    cache = open_cache(keep_statistics=True)
    count(cache, 5)
    child = os.fork()
    if not child:
        try:
            count(cache, 1)
            cache.close()
        finally:
            os._exit(0)
    os.waitpid(child, 0)
    cache.close()
    other = open_cache()
    assert other.kept_statistics().counters["hits"] == 6


def test_what_is_kept_is_bounded(set_time: SetTime) -> None:
    """Hours become days after three days, and days are forgotten after 400."""
    set_time(NIGHT)
    hours = [Period(NIGHT - 3600.0 * hour, 3600.0, {"hits": 1}) for hour in range(500 * 24)]
    kept = KeptStatistics(tuple(condense(hours)))
    assert {period.length for period in kept.periods} == {3600, 86400}
    assert 400 <= len(kept.periods) < 480
    assert 0 <= kept.counters["hits"] - 400 * 24 <= 1
    again = condense(kept.periods)
    assert condense(again) == again
    assert len(again) >= len(kept.periods) - 1


def test_cleaning_up_leaves_them_and_clear_does_not(open_cache: Any, origin: Origin) -> None:
    cache = open_cache(keep_statistics=True)
    count(cache, 3)
    cache.close()
    cache.delete(expired=True)
    cache.remove_expired_responses()
    cache.delete("no such key")
    assert cache.redirect_count() == 0
    assert cache.kept_statistics().counters["hits"] == 3
    cache.clear()
    assert cache.kept_statistics().periods == ()


@pytest.mark.parametrize("value", ["no JSON", "[[1]]", "{}", '[["a", 1, {}]]', "[[1, 2, 3]]"])
def test_what_is_damaged_counts_as_nothing(open_cache: Any, value: str) -> None:
    cache = open_cache(keep_statistics=True)
    cache.write_note("statistics", value)
    assert cache.kept_statistics().periods == ()
    count(cache, 2)
    assert cache.kept_statistics().counters["hits"] == 2


def test_counts_wait_while_another_process_adds_its_own(open_cache: Any, set_time: SetTime) -> None:
    set_time(NIGHT)
    cache, other = open_cache(keep_statistics=True), open_cache()
    count(cache, 1)
    token = other.redirects.lease(KEY, 100)
    set_time(NIGHT + 61)
    count(cache, 1)
    assert other.kept_statistics().periods == ()
    other.redirects.release(KEY, token)
    set_time(NIGHT + 122)
    count(cache, 1)
    assert other.kept_statistics().counters["hits"] == 3


def test_at_the_end_counts_are_added_once_another_process_has_added_its_own(
    open_cache: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache, other = open_cache(keep_statistics=True), open_cache()
    count(cache, 1)
    token, pauses = other.redirects.lease(KEY, 100), list[float]()

    def sleep(seconds: float) -> None:
        pauses.append(seconds)
        other.redirects.release(KEY, token)

    monkeypatch.setattr(kept_statistics, "time", SimpleNamespace(sleep=sleep))
    cache.close()
    assert other.kept_statistics().counters["hits"] == 1
    assert len(pauses) == 1


def test_a_store_that_fails_fails_no_count(
    open_cache: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    cache = open_cache(keep_statistics=True)

    def fail(*args: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr(type(cache.redirects), "write", fail)
    count(cache, 2)
    cache.close()
    assert cache.stats.hits == 2


@pytest.mark.parametrize("since", [-1, "a day", True, timedelta(-1)])
def test_a_time_that_is_none_is_refused(open_cache: Any, since: Any) -> None:
    cache = open_cache()
    with pytest.raises(ConfigurationError, match="since="):
        cache.kept_statistics(since)


def test_all_of_it_as_plain_values() -> None:
    kept = KeptStatistics((Period(0.0, 3600.0, {"hits": 1, "saved_bytes": 9}),))
    plain = kept.as_dict()
    assert (plain["requests"], plain["hit_rate"], plain["saved_bytes"]) == (1, 1.0, 9)
    assert plain["periods"] == [{"start": 0.0, "length": 3600.0, "counters": kept.periods[0][2]}]
