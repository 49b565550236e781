"""A cache by the name of one that requests-cache left: both live in one place."""

from __future__ import annotations

import logging
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin

CACHES = Path(__file__).parent / "caches"
NAMES = sorted(path.name for path in CACHES.iterdir())


def left_by(name: str, folder: Path) -> Path:
    """Copy an old cache."""
    place = folder / name
    copy = shutil.copy if place.suffix == ".sqlite" else shutil.copytree
    copy(CACHES / name, place)
    return place


def content_of(place: Path) -> object:
    """Give what requests-cache stored there."""
    if place.is_dir():
        return {
            file.name: file.read_bytes()
            for file in CACHES.joinpath(place.name).iterdir()
            if file.suffix != ".sqlite"
        }
    with closing(sqlite3.connect(place)) as old:
        return [
            old.execute(f"SELECT * FROM {name} ORDER BY key").fetchall()
            for name in ("responses", "redirects")
        ]


@pytest.mark.parametrize("name", NAMES)
def test_opening_an_old_cache_leaves_it_as_it_is_and_says_so_once(
    name: str, tmp_path: Path, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    place = left_by(name, tmp_path)
    backend = "sqlite" if place.suffix == ".sqlite" else "filesystem"
    before = content_of(place)
    for _ in range(2):
        with CachedSession(place, backend=backend) as session:
            session.get(origin.url("/redirect/1"))
            assert session.get(origin.url("/redirect/1")).from_cache
            assert len(session.cache.responses) == 1
    assert content_of(place) == before
    with CachedSession(place, backend=backend) as session:
        session.cache.clear()
    assert content_of(place) == before
    warned = [record.getMessage() for record in caplog.records if record.levelno == logging.WARNING]
    if place.suffix == ".sqlite" or (CACHES / name / "redirects.sqlite").exists():
        (line,) = warned
        assert str(place) in line
        assert "requests-cache migrate" in line


@pytest.mark.parametrize("name", NAMES)
def test_an_old_cache_is_taken_over_once(name: str, tmp_path: Path) -> None:
    place = left_by(name, tmp_path)
    backend = "sqlite" if place.suffix == ".sqlite" else "filesystem"
    url = "http://127.0.0.1:28765/binary"
    with CachedSession(place, backend=backend, migrate=True, only_if_cached=True) as session:
        assert session.get(url).content == bytes(range(256))
        session.cache.delete(urls=[url])
    with CachedSession(place, backend=backend, migrate=True, only_if_cached=True) as session:
        assert session.get(url).status_code == 504


def test_taking_over_nothing_is_no_error(tmp_path: Path, origin: Origin) -> None:
    for backend in ("sqlite", "filesystem", "memory"):
        with CachedSession(tmp_path / backend, backend=backend, migrate=True) as session:
            session.get(origin.url("/json"))
            assert session.get(origin.url("/json")).from_cache
