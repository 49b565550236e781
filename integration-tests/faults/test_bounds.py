"""Bounded caches on the disk: how large they become, what they keep, and what that costs."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

import pytest
from requests_cache.backends.base import Entry

from faults.disk import mounted, used_of
from faults.figures import IS_LONG, report
from faults.filling import MAX_SIZE, fill, make_entry, open_cache
from faults.floors import PlainFiles

FILLING = str(Path(__file__).with_name("filling.py"))
EMBEDDED = pytest.mark.parametrize("kind", ["sqlite", "filesystem"])
OPERATIONS = 1_000_000 if IS_LONG else 10_000
# Looking at a folder of files takes longer than storing one.
LOOK_EVERY = {"sqlite": 1, "filesystem": 20}
Write = Callable[[str, Entry], object]
ROUNDS, PUTS = (25, 400) if IS_LONG else (5, 200)


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A disk that is 5 % larger than the bound."""
    with mounted(tmp_path / "disk", MAX_SIZE * 105 // 100) as folder:
        yield folder


def size_of(folder: str) -> int:
    """Add up the blocks of all files of a folder; one that is deleted meanwhile has none."""
    total = 0
    for entry in os.scandir(folder):
        try:
            total += size_of(entry.path) if entry.is_dir() else entry.stat().st_blocks * 512
        except FileNotFoundError:
            continue
    return total


@EMBEDDED
def test_a_bounded_cache_keeps_its_size_and_what_lru_keeps(kind: str, tmp_path: Path) -> None:
    where, sizes = str(tmp_path), list[int]()

    def look(number: int) -> None:
        if number % LOOK_EVERY[kind] == 0:
            sizes.append(size_of(where))

    with_bound = open_cache(kind, where, max_size=MAX_SIZE)
    began = time.monotonic()
    counts = fill(with_bound, "one", OPERATIONS, look)
    seconds = time.monotonic() - began
    with_bound.close()
    full = sizes[len(sizes) // 2 :]
    rate, expected = (counts[name] / counts["gets"] for name in ("hits", "lru_hits"))
    report(
        f"bound of 50 MB on {kind}",
        operations=OPERATIONS,
        puts=counts["puts"],
        evicted=with_bound.stats.evicted,
        seconds=round(seconds),
        largest=f"{max(sizes) / MAX_SIZE:.1%}",
        smallest_when_full=f"{min(full) / MAX_SIZE:.1%}",
        hit_rate=f"{rate:.2%}",
        hit_rate_of_lru=f"{expected:.2%}",
    )
    assert max(sizes) <= MAX_SIZE * 1.05
    assert min(full) >= MAX_SIZE * 0.95
    assert abs(rate - expected) < 0.02


@EMBEDDED
def test_two_processes_keep_one_bound(kind: str, disk: Path) -> None:
    """On a disk that is 5 % larger than the bound there is always room."""
    where, largest = str(disk), 0
    open_cache(kind, where, max_size=MAX_SIZE).close()
    running = [
        subprocess.Popen(
            [sys.executable, FILLING, kind, where, seed, str(OPERATIONS // 4)],
            stdout=subprocess.PIPE,
            text=True,
        )
        for seed in ("one", "other")
    ]
    while any(process.poll() is None for process in running):
        largest = max(largest, used_of(disk))
        time.sleep(0.0005)  # the others need the processors, too
    results = [json.loads(process.communicate()[0]) for process in running]
    assert [process.returncode for process in running] == [0, 0]
    with_bound = open_cache(kind, where, max_size=MAX_SIZE)
    left = sum(len(entry.body) for _, entry in with_bound.responses.scan(bodies=True))
    with_bound.close()
    report(
        f"two processes in 50 MB on {kind}",
        operations=2 * (OPERATIONS // 4),
        puts=sum(result["puts"] for result in results),
        evicted=sum(result["evicted"] for result in results),
        largest=f"{largest / MAX_SIZE:.1%}",
        bodies_at_the_end=f"{left / MAX_SIZE:.1%}",
    )
    assert left > MAX_SIZE * 0.85


def put(write: Write, rng: random.Random, count: int) -> tuple[float, float]:
    """Write new values; give the microseconds and those of the processor that each took."""
    values = [(f"{rng.getrandbits(256):064x}", make_entry(rng)) for _ in range(count)]
    began, busy = time.perf_counter(), time.process_time()
    for key, entry in values:
        write(key, entry)
    spent = time.perf_counter() - began, time.process_time() - busy
    return spent[0] / count * 1e6, spent[1] / count * 1e6


@contextmanager
def opened(kind: str, folder: Path, **bounds: int) -> Iterator[Write]:
    """Give what writes into a new cache, or beside it into plain files."""
    if kind == "plain files":
        yield PlainFiles(folder, **bounds).write
        return
    cache = open_cache(kind, str(folder), **bounds)
    yield cache.responses.write
    cache.close()


@pytest.mark.parametrize("kind", ["sqlite", "filesystem", "plain files"])
def test_a_put_costs_little_more_than_without_bounds(kind: str, tmp_path: Path) -> None:
    """The time of the processor is asserted: that of the disk is everybody's.

    It should be 1.3 times as much; what the system does for others meanwhile is counted, too. A
    look at all that is stored would take a hundred times as much. Plain files show what writing and
    deleting them takes on this file system.
    """
    rng = random.Random(6)
    with (
        opened(kind, tmp_path / "bounded", max_size=MAX_SIZE) as bounded,
        opened(kind, tmp_path / "free") as free,
    ):
        put(bounded, rng, 500)
        rounds = [(*put(free, rng, PUTS), *put(bounded, rng, PUTS)) for _ in range(ROUNDS)]
    without, busy_without, within, busy_within = map(median, zip(*rounds, strict=True))
    report(
        f"put within 50 MB on {kind}",
        without_bounds=f"{without:.0f} us",
        with_bounds=f"{within:.0f} us",
        ratio=f"{within / without:.2f}",
        ratio_of_processor=f"{busy_within / busy_without:.2f}",
    )
    assert busy_within < 4 * busy_without
