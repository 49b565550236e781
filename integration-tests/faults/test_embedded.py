"""SQLite and files under many writers, and under writers that are killed."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from requests_cache.backends.base import BaseStorage

from faults.figures import KILLS, report
from faults.processes import run_mixed, start
from faults.values import check, make_entry
from faults.workload import open_store

EMBEDDED = pytest.mark.parametrize("kind", ["sqlite", "filesystem"])


@EMBEDDED
def test_threads_and_processes_lose_and_tear_nothing(kind: str, tmp_path: Path) -> None:
    run_mixed(kind, str(tmp_path / "store"))


@EMBEDDED
def test_a_killed_writer_loses_nothing_that_it_acknowledged(kind: str, tmp_path: Path) -> None:
    where, rng = str(tmp_path / "store"), random.Random(kind)
    open_store(kind, where).close()
    stored: dict[str, int] = {}
    number = acknowledged = lost = 0
    slowest = 0.0
    for _ in range(KILLS):
        process = start("write", kind, where, number)
        assert process.stdout is not None
        seen = [process.stdout.readline()]
        # The moment of the kill has to be a random one.
        time.sleep(rng.uniform(0, 0.05))
        process.kill()
        seen += process.communicate()[0].splitlines()
        numbers = [int(line) for line in seen if line.strip()]
        acknowledged += len(numbers)
        for number in numbers:
            stored[f"key-{number % 50}"] = number
        began = time.monotonic()
        store = open_store(kind, where)
        store.write("alive", make_entry("alive", number, 10))
        slowest = max(slowest, time.monotonic() - began)
        lost += count_lost(store, stored)
        store.close()
        number += 2
    report(
        f"kill -9 of a writer to {kind}",
        kills=KILLS,
        acknowledged=acknowledged,
        lost=lost,
        slowest_reopening=f"{slowest * 1000:.0f} ms",
    )
    assert lost == 0
    assert slowest < 5


def count_lost(store: BaseStorage, stored: dict[str, int]) -> int:
    """Count the acknowledged values that are not there; a later one may have come through."""
    lost = 0
    for key, number in stored.items():
        entry = store.read(key)
        lost += entry is None or check(key, entry) < number
    return lost


@EMBEDDED
def test_a_killed_leader_stops_nobody_for_longer_than_its_lease(kind: str, tmp_path: Path) -> None:
    where = str(tmp_path / "store")
    leader = start("lead", kind, where)
    assert leader.stdout is not None
    assert leader.stdout.readline().strip() != "None"
    store = open_store(kind, where)
    assert store.lease("page", 2.0) is None
    leader.kill()
    leader.communicate()
    began = time.monotonic()
    while store.lease("page", 2.0) is None:
        assert time.monotonic() - began < 3
        time.sleep(0.05)  # the lease of another process ends by the real clock
    report(f"lease of a killed leader on {kind}", waited=f"{time.monotonic() - began:.1f} s")
    store.close()
