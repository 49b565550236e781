"""Counters."""

from __future__ import annotations

from threading import Thread

import pytest
from requests_cache.backends.statistics import Statistics


def test_all_counters_begin_at_zero_and_only_others_are_shown() -> None:
    stats = Statistics()
    assert stats.as_dict() == dict.fromkeys(Statistics.NAMES, 0)
    assert repr(stats) == "Statistics()"
    stats.add("misses")
    stats.hit(5)
    assert repr(stats) == "Statistics(hits=1, misses=1, saved_bytes=5)"


def test_no_count_is_lost_between_threads() -> None:
    """Hits are noted first, and added when there are many of them or somebody looks."""
    stats = Statistics()

    def count() -> None:
        for number in range(1500):
            stats.add("stored_bytes", 2)
            stats.hit(3)
            if number % 100 == 0:
                stats.add("hits")
                assert stats.as_dict()["hits"] > 0

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stats.stored_bytes == 12000
    assert (stats.hits, stats.saved_bytes) == (6060, 18000)


def test_an_observer_is_told_what_is_counted() -> None:
    stats, told = Statistics(), list[tuple[str, int]]()
    stats.observe(lambda name, amount: told.append((name, amount)))
    stats.hit(5)
    stats.add("misses")
    assert told == [("hits", 1), ("saved_bytes", 5), ("misses", 1)]
    assert stats.as_dict()["hits"] == 1


def test_an_observer_that_fails_is_logged_and_goes_no_further(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stats = Statistics()
    stats.observe(lambda name, amount: 1 / 0)
    stats.add("misses")
    assert stats.misses == 1
    assert "observer" in caplog.text


def test_hits_that_were_only_noted_are_counted_before_they_become_many() -> None:
    stats = Statistics()
    for _ in range(3_000):
        stats.hit(2)
    assert len(stats._noted) < 3_000
    assert (stats.hits, stats.saved_bytes) == (3_000, 6_000)
