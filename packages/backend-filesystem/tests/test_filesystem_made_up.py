"""What else may be in the place of a file: each is one miss, and the others stay as they are."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pipes and links of POSIX")


def _make_socket(path: Path) -> None:
    here = Path.cwd()
    os.chdir(path.parent)  # the path of a socket may not be long
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind(path.name)
    finally:
        os.chdir(here)


def _make_full_folder(path: Path) -> None:
    path.mkdir()
    (path / "file").write_bytes(b"x")


THINGS: dict[str, Callable[[Path], object]] = {
    "folder": Path.mkdir,
    "folder with a file": _make_full_folder,
    "pipe": lambda path: os.mkfifo(path),
    "link to itself": lambda path: path.symlink_to(path),
    "link to a file": lambda path: path.symlink_to("/etc/hostname"),
    "link to a device": lambda path: path.symlink_to("/dev/zero"),
    "link to nothing": lambda path: path.symlink_to("nothing"),
    "socket": _make_socket,
    "empty file": Path.touch,
    "text": lambda path: path.write_text("abc"),
}


@pytest.fixture(scope="module")
def site() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.mark.parametrize(
    "options", [{}, {"serializer": "json"}, {"max_entries": 100}], ids=["plain", "json", "bounded"]
)
@pytest.mark.parametrize("thing", THINGS)
def test_what_is_no_file_is_one_miss(
    thing: str, options: dict[str, Any], tmp_path: Path, site: Origin
) -> None:
    def open_it() -> CachedSession:
        return CachedSession(tmp_path / "c", backend="filesystem", **options)

    with open_it() as session:
        first = session.get(site.url("/json"))
        session.get(site.url("/image"))
        path = Path(session.cache.responses._path(first.cache_key))  # type: ignore[attr-defined]
    for stream in (False, True):
        if path.is_dir() and not path.is_symlink():
            pytest.fail("the folder was not replaced")
        path.unlink()
        THINGS[thing](path)
        with open_it() as session:
            assert session.get(site.url("/image")).from_cache
            assert site.url("/image") in list(session.cache.urls)
            list(session.cache.filter())
            session.cache.response_count()
            response = session.get(site.url("/json"), stream=stream)
            assert response.content == first.content
            assert session.get(site.url("/json")).from_cache
            assert not session.breaker.is_troubled
            session.cache.responses.sweep(1e12, 1000)
    path.unlink(missing_ok=True)
    THINGS[thing](path)
    with open_it() as session:
        session.cache.delete(expired=True, invalid=True)
        session.cache.clear()
        assert not os.path.lexists(path)
        assert not session.get(site.url("/json")).from_cache


def test_a_file_in_the_place_of_a_subfolder(tmp_path: Path, site: Origin) -> None:
    with CachedSession(tmp_path / "c", backend="filesystem") as session:
        first = session.get(site.url("/json"))
        path = Path(session.cache.responses._path(first.cache_key))  # type: ignore[attr-defined]
        path.unlink()
        path.parent.rmdir()
        path.parent.touch()
        assert not session.get(site.url("/json")).from_cache
        assert session.get(site.url("/json")).from_cache
        path.unlink()
        path.parent.rmdir()
        path.parent.touch()
        assert list(session.cache.urls) == []
        session.cache.clear()


@pytest.mark.parametrize("options", [{}, {"max_entries": 100}], ids=["plain", "bounded"])
@pytest.mark.parametrize("name", ["redirects.sqlite", "responses/index.bin.sqlite"])
def test_a_damaged_database_beside_the_files_is_made_anew(
    name: str,
    options: dict[str, Any],
    tmp_path: Path,
    site: Origin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    with CachedSession(tmp_path / "c", backend="filesystem", **options) as session:
        session.get(site.url("/redirect/1"))
    damaged = tmp_path / "c" / name
    if damaged.exists():
        damaged.write_bytes(b"garbage!" * 100)
    with CachedSession(tmp_path / "c", backend="filesystem", **options) as session:
        assert session.get(site.url("/json")).from_cache
        session.get(site.url("/redirect/1"))
        assert session.get(site.url("/redirect/1")).history
        assert not session.breaker.is_troubled
        if name == "redirects.sqlite":
            assert "the redirects are lost" in caplog.text
