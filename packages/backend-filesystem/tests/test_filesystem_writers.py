"""The file of a writer that lives is its own, whoever cleans up meanwhile."""

from __future__ import annotations

import os
from pathlib import Path
from threading import Event, Thread, get_ident
from typing import Any

import pytest
from requests_cache import clock
from requests_cache.backends.base import Entry
from requests_cache.backends.filesystem import FileDict
from requests_cache.backends.filesystem import folder as module
from requests_cache.backends.filesystem.folder import BODY_PREFIX, BodyFile, remove_abandoned

fcntl = pytest.importorskip("fcntl")
PATIENCE = 10.0  # seconds; reached only by a failing test


def _bodies(folder: Path) -> list[os.DirEntry[str]]:
    return [entry for entry in os.scandir(folder) if entry.name.startswith(BODY_PREFIX)]


def test_who_takes_a_new_file_for_abandoned_deletes_no_later_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two processes find the file before it is locked; the second one deletes what is gone."""
    opened, go = Event(), Event()
    threads: list[Thread] = []

    class Interrupted:
        def __getattr__(self, name: str) -> Any:
            return getattr(fcntl, name)

        def flock(self, file: int, how: int) -> None:
            if not threads:
                (entry,) = _bodies(tmp_path)
                threads.append(Thread(target=self.be_slow, args=(entry,)))
                threads[0].start()
                assert opened.wait(PATIENCE)
                remove_abandoned(entry, 0.0)
            elif threads[0].ident == get_ident():
                opened.set()
                go.wait(PATIENCE)
            fcntl.flock(file, how)

        def be_slow(self, entry: os.DirEntry[str]) -> None:
            try:
                remove_abandoned(entry, 0.0)
            except FileNotFoundError:
                return

    monkeypatch.setattr(module, "fcntl", Interrupted())
    body = BodyFile(str(tmp_path))
    go.set()
    threads[0].join(PATIENCE)
    assert Path(body.path).exists()
    body.remove()


@pytest.mark.parametrize("hours", [-100, 0, 100])
def test_a_body_that_takes_long_is_not_abandoned(
    hours: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage, other = FileDict(tmp_path / "c"), FileDict(tmp_path / "c")
    writer = storage.create_body()
    writer.write(b"first")
    later = clock.now() + hours * 3600
    monkeypatch.setattr(clock, "now", lambda: later)
    other.clear()
    FileDict(tmp_path / "c")
    other.create_body().abort()
    writer.write(b"second")
    writer.commit("key", Entry(b"head"))
    assert storage.read("key") == Entry(b"head", b"firstsecond")


def test_a_small_value_is_written_again_if_it_was_taken_for_left_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    storage = FileDict(tmp_path / "c")
    move = storage._folder.move
    lost: list[str] = []

    def lose(written: str, path: str) -> None:
        if not lost:
            lost.append(written)
            Path(written).unlink()
        move(written, path)

    monkeypatch.setattr(storage._folder, "move", lose)
    storage.write("key", Entry(b"head", b"body"))
    assert storage.read("key") == Entry(b"head", b"body")
    assert lost


def test_a_folder_that_is_cleared_all_the_time_takes_what_is_written(tmp_path: Path) -> None:
    storage, other = FileDict(tmp_path / "c"), FileDict(tmp_path / "c")
    is_over = Event()

    def clear() -> None:
        while not is_over.is_set():
            other.clear()

    thread = Thread(target=clear)
    thread.start()
    try:
        for number in range(30):
            writer = storage.create_body()
            writer.write(bytes(1000))
            writer.commit(f"key{number}", Entry(b"head"))
            storage.write(f"small{number}", Entry(b"head", b"body"))
    finally:
        is_over.set()
        thread.join()
