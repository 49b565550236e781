"""A cache that is there to be read is opened where nothing may be written."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.errors import ConfigurationError, StorageError
from requests_cache.testing.origin import Origin

pytestmark = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")

BACKENDS = ("sqlite", "filesystem")
BOUNDS: tuple[dict[str, Any], ...] = ({}, {"max_size": 10_000_000}, {"max_entries": 10})


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.fixture
def place() -> Iterator[Path]:
    """Give a folder in which the tests may be another user; root may write everywhere."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    user = os.getuid()
    yield folder
    os.seteuid(user)
    os.setreuid(user, -1)
    for found in (folder, *folder.rglob("*")):
        if found.is_dir():
            found.chmod(0o755)
    shutil.rmtree(folder)


def _seal(folder: Path) -> None:
    for found in sorted(folder.rglob("*"), reverse=True):
        found.chmod(0o555 if found.is_dir() else 0 if found.stem == "secret" else 0o444)
    folder.chmod(0o555)
    if os.geteuid() == 0:
        # `os.access` asks about the real user. Root is still the saved one, and can come back.
        os.setreuid(65534, -1)
        os.seteuid(65534)


@pytest.mark.parametrize("options", [{"read_only": True}, {"only_if_cached": True}, {}])
@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
@pytest.mark.parametrize("backend", BACKENDS)
def test_hits_come_from_a_read_only_place(
    backend: str, bounds: dict[str, Any], options: dict[str, Any], place: Path, origin: Origin
) -> None:
    for made_with in BOUNDS:
        name = place / f"{backend}{BOUNDS.index(made_with)}"
        with CachedSession(name, backend=backend, **made_with) as session:
            session.get(origin.url("/json"))
            session.get(origin.url("/redirect/1"))
            session.get(origin.url("/bytes/300000"))
    _seal(place)
    for number in range(len(BOUNDS)):
        name = place / f"{backend}{number}"
        with CachedSession(name, backend=backend, **bounds, **options) as session:
            assert session.get(origin.url("/json")).from_cache
            assert session.get(origin.url("/redirect/1")).from_cache
            with session.get(origin.url("/bytes/300000"), stream=True) as response:
                assert len(response.content) == 300_000
                assert response.from_cache
            assert session.get(origin.url("/new")).status_code in (404, 504)
            assert session.get(origin.url("/json")).from_cache
            assert len(list(session.cache.urls)) == 2
            with pytest.raises(StorageError):
                session.cache.clear()
            assert session.get(origin.url("/json")).from_cache


@pytest.mark.parametrize("bounds", BOUNDS, ids=str)
@pytest.mark.parametrize("backend", BACKENDS)
def test_what_is_not_there_says_what_to_do(
    backend: str, bounds: dict[str, Any], place: Path
) -> None:
    _seal(place)
    for name in (place / "new", place / "folder" / "new", place / ("x" * 300)):
        with pytest.raises(StorageError, match=r"use_temp=True|another name"):
            CachedSession(name, backend=backend, read_only=True, **bounds)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("log", "and cannot be read as it is: look at its permissions"),
        ("secret", "nor be read: look at its permissions"),
        ("file:/none/new.sqlite?mode=rw", "the file cannot be opened"),
    ],
)
def test_a_database_that_cannot_be_read_says_why(name: str, advice: str, place: Path) -> None:
    """A -wal file has to be read with it, for which SQLite makes another file."""
    with CachedSession(place / "written", backend="sqlite") as session:
        session.cache.responses["a"] = 1
        for copy in ("log.sqlite", "log.sqlite-wal", "secret.sqlite"):
            shutil.copy(place / copy.replace(Path(copy).stem, "written"), place / copy)
    _seal(place)
    with pytest.raises(StorageError, match=advice):
        CachedSession(name if ":" in name else place / name, backend="sqlite")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_file_in_the_place_of_a_folder(backend: str, place: Path) -> None:
    (place / "file").touch()
    with pytest.raises((StorageError, ConfigurationError), match="file"):
        CachedSession(place / "file" / "new", backend=backend)


def test_a_link_that_leads_nowhere(place: Path) -> None:
    (place / "new.sqlite").symlink_to(place / "none" / "new.sqlite")
    with pytest.raises(StorageError, match="the file cannot be opened: give another folder"):
        CachedSession(place / "new", backend="sqlite")


@pytest.mark.parametrize(
    ("backend", "file"), [("sqlite", "new.sqlite"), ("filesystem", "new/redirects.sqlite")]
)
def test_a_folder_in_the_place_of_a_file(backend: str, file: str, place: Path) -> None:
    (place / file).mkdir(parents=True)
    with pytest.raises(StorageError, match="a folder has this name"):
        CachedSession(place / "new", backend=backend)


@pytest.mark.parametrize("name", ["", ".", "..", "folder/"])
def test_the_name_of_a_folder_is_no_name_of_a_file(
    name: str, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(place)
    with pytest.raises(ConfigurationError, match="name"):
        CachedSession(name, backend="sqlite")
    assert not list(place.iterdir())


def test_a_working_folder_that_was_deleted(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "gone").mkdir()
    monkeypatch.chdir(place / "gone")
    (place / "gone").rmdir()
    for backend in BACKENDS:
        with pytest.raises(StorageError, match="give another folder"):
            CachedSession("mine", backend=backend)
    os.chdir(place)
