"""Full disks, closed folders, files that are replaced."""

from __future__ import annotations

import logging
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession, clock
from requests_cache.backends.base import Entry
from requests_cache.backends.filesystem import FileCache
from requests_cache.testing.origin import Origin

from faults.disk import mounted
from faults.figures import report

EMBEDDED = pytest.mark.parametrize("backend", ["sqlite", "filesystem"])


@pytest.fixture
def pass_time(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """Give what lets seconds pass, so that nobody has to wait until a store is tried again."""
    passed, real = [0.0], clock.monotonic
    monkeypatch.setattr(clock, "monotonic", lambda: real() + passed[0])

    def let_pass(seconds: float) -> None:
        passed[0] += seconds

    return let_pass


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    with mounted(tmp_path / "disk", 2 * 1024 * 1024) as folder:
        yield folder


def count_warnings(caplog: pytest.LogCaptureFixture) -> int:
    return sum("store failed" in record.msg for record in caplog.records)


@EMBEDDED
def test_a_full_disk_fails_no_request(
    origin: Origin,
    small_disk: Path,
    backend: str,
    caplog: pytest.LogCaptureFixture,
    pass_time: Callable[[float], None],
) -> None:
    ballast = small_disk / "ballast"
    ballast.write_bytes(bytes(400_000))
    with CachedSession(str(small_disk / "cache"), backend=backend) as session:
        for number in range(60):
            assert len(session.get(origin.url(f"/bytes/{100_000 + number}")).content) > 99_999
        assert count_warnings(caplog) == 1
        kept = session.cache.stats.stored
        assert 0 < kept < 60
        assert session.get(origin.url("/bytes/100000")).from_cache
        ballast.unlink()
        pass_time(60)
        session.get(origin.url("/bytes/7"))
        assert session.get(origin.url("/bytes/7")).from_cache
    report(f"full disk under {backend}", requests=62, failed=0, stored=kept, warnings=1)


@EMBEDDED
def test_a_cache_on_a_full_disk_can_be_cleared_and_used_again(
    origin: Origin,
    small_disk: Path,
    backend: str,
    pass_time: Callable[[float], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # pytest keeps what is logged, with errors that keep a connection, which keeps its file.
    monkeypatch.setattr(logging.getLogger("requests_cache"), "disabled", True)
    with CachedSession(str(small_disk / "cache"), backend=backend) as session:
        for number in range(40):
            session.get(origin.url(f"/bytes/{100_000 + number}"))
        assert 0 < session.cache.stats.stored < 40
        session.cache.clear()
        pass_time(60)
        session.get(origin.url("/bytes/700000"))
        assert session.get(origin.url("/bytes/700000")).from_cache


def test_a_folder_whose_bound_is_larger_than_the_disk_keeps_what_was_used_last(
    small_disk: Path,
) -> None:
    cache = FileCache(small_disk / "cache", max_size=10_000_000)
    for number in range(100):
        cache.responses.write(str(number), Entry(b"head", bytes(100_000)))
        assert cache.responses.read("0") is not None
    kept = sorted(map(int, cache.responses))
    assert kept[0] == 0
    assert kept[1:] == list(range(101 - len(kept), 100))
    assert cache.stats.evicted == 100 - len(kept)
    cache.close()
    report("a folder on a disk smaller than its bound", files=100, kept=len(kept), failed=0)


@EMBEDDED
def test_garbage_in_the_place_of_the_store_fails_no_request(
    origin: Origin,
    tmp_path: Path,
    backend: str,
    caplog: pytest.LogCaptureFixture,
    pass_time: Callable[[float], None],
) -> None:
    with CachedSession(str(tmp_path / "cache"), backend=backend) as session:
        for number in range(10):
            session.get(origin.url(f"/bytes/{number}"))
        for file in (path for path in tmp_path.rglob("*") if path.is_file()):
            file.write_bytes(b"garbage" * 5000)
        for number in range(20):
            assert session.get(origin.url(f"/bytes/{number}")).ok
        for file in tmp_path.glob("cache.sqlite*"):
            file.unlink()
        for _ in range(2):
            pass_time(60)
            session.get(origin.url("/bytes/3"))
        assert session.get(origin.url("/bytes/3")).from_cache
    report(f"garbage in {backend}", requests=33, failed=0, warnings=count_warnings(caplog))


@EMBEDDED
def test_a_store_that_is_deleted_fails_no_request(
    origin: Origin, tmp_path: Path, backend: str, pass_time: Callable[[float], None]
) -> None:
    with CachedSession(str(tmp_path / "cache"), backend=backend) as session:
        session.get(origin.url("/bytes/1"))
        for file in (path for path in tmp_path.rglob("*") if path.is_file()):
            file.unlink()
        for number in range(40):
            assert session.get(origin.url(f"/bytes/{number}")).ok
        pass_time(60)
        session.get(origin.url("/bytes/50"))
        assert session.get(origin.url("/bytes/50")).from_cache
    with CachedSession(str(tmp_path / "cache"), backend=backend) as other:
        assert other.get(origin.url("/bytes/50")).from_cache
    report(f"{backend} deleted in use", requests=43, failed=0)


@EMBEDDED
def test_a_disk_that_cannot_be_written_to_fails_no_request(
    origin: Origin,
    small_disk: Path,
    backend: str,
    caplog: pytest.LogCaptureFixture,
    pass_time: Callable[[float], None],
) -> None:
    # `wal=False`: an open WAL file keeps a disk from being made read-only.
    options: dict[str, Any] = {"wal": False} if backend == "sqlite" else {}
    with CachedSession(str(small_disk / "cache"), backend=backend, **options) as session:
        session.get(origin.url("/bytes/1"))
        session.cache.close()
        remount(small_disk, "ro")
        for _ in range(2):
            assert session.get(origin.url("/bytes/1")).ok
            assert session.get(origin.url("/bytes/2")).ok
        assert count_warnings(caplog) == 1
        remount(small_disk, "rw")
        for _ in range(2):
            pass_time(60)
            session.get(origin.url("/bytes/2"))
        assert session.get(origin.url("/bytes/2")).from_cache
    report(f"read-only disk under {backend}", requests=8, failed=0, warnings=1)


def remount(folder: Path, how: str) -> None:
    subprocess.run(["mount", "-o", f"remount,{how}", str(folder)], check=True)
