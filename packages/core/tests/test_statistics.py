"""Counters."""

from __future__ import annotations

from threading import Thread

from requests_cache.statistics import Statistics


def test_all_counters_begin_at_zero_and_only_others_are_shown() -> None:
    stats = Statistics()
    assert stats.as_dict() == dict.fromkeys(Statistics.NAMES, 0)
    assert repr(stats) == "Statistics()"
    stats.add("misses")
    stats.hit(5)
    assert repr(stats) == "Statistics(hits=1, misses=1, saved_bytes=5)"


def test_no_count_is_lost_between_threads() -> None:
    stats = Statistics()

    def count() -> None:
        for _ in range(1000):
            stats.add("stored_bytes", 2)

    threads = [Thread(target=count) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert stats.stored_bytes == 8000
