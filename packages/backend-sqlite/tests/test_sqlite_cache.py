"""The cache in a file: where the file is, whose it is, and what happens when it is damaged."""

from __future__ import annotations

import os
import pickle
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedResponse, CachedSession, init_backend
from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import DbCache, DbDict, database
from requests_cache.errors import (
    ConfigurationError,
    StorageUnavailableError,
    UnknownOptionError,
)
from requests_cache.testing.origin import Answer, Origin

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def mode(path: Path) -> int:
    return path.stat().st_mode & 0o777


# Where the file is


def test_a_relative_name_is_a_file_in_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert DbCache().db_path == tmp_path / "http_cache.sqlite"
    assert DbCache("sub/mine.db").db_path == tmp_path / "sub" / "mine.db"
    assert init_backend(None, "default").responses.db_path == tmp_path / "default.sqlite"  # type: ignore[attr-defined]  # of SQLite
    assert (tmp_path / "sub" / "mine.db").exists()


def test_the_home_folder_is_expanded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert DbCache("~/mine").db_path == tmp_path / "mine.sqlite"


def test_the_users_cache_folder_can_be_used(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("sys.platform", "linux")
    path = DbCache("mine", use_cache_dir=True).db_path
    assert path == tmp_path / "requests-cache" / "mine.sqlite"


@posix
def test_the_temp_folder_is_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    path = DbCache("mine", use_temp=True).db_path
    assert isinstance(path, Path)
    assert path == tmp_path / f"requests-cache-{os.getuid()}" / "mine.sqlite"
    assert mode(path.parent) == 0o700
    absolute = DbCache(tmp_path / "other", use_temp=True)
    assert absolute.db_path == tmp_path / "other.sqlite"


def test_a_path_through_a_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be a folder"):
        DbCache(tmp_path / "file" / "mine")


def test_a_folder_in_place_of_the_file_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "mine.sqlite").mkdir()
    with pytest.raises(StorageUnavailableError, match="a folder has this name"):
        DbCache(tmp_path / "mine")


def test_a_misspelt_option_suggests_the_right_one(tmp_path: Path) -> None:
    with pytest.raises(UnknownOptionError, match="did you mean 'timeout'"):
        DbCache(tmp_path / "mine", timeot=1)
    with pytest.raises(UnknownOptionError, match="did you mean 'fast_save'"):
        CachedSession(tmp_path / "mine", "sqlite", fastsave=True)  # type: ignore[call-arg]


@posix
def test_the_file_belongs_to_its_user_alone(tmp_path: Path) -> None:
    cache = DbCache(tmp_path / "new" / "mine")
    cache.responses["a"] = 1
    assert mode(tmp_path / "new") == 0o700
    for path in (tmp_path / "new").iterdir():
        assert mode(path) == 0o600, path


@posix
def test_the_permissions_of_an_existing_file_are_left(tmp_path: Path) -> None:
    path = tmp_path / "mine.sqlite"
    path.touch(mode=0o640)
    path.chmod(0o640)
    DbCache(path).responses["a"] = 1
    assert mode(path) == 0o640


# In memory


def test_caches_in_memory_are_apart_whatever_they_are_called() -> None:
    """Defect m."""
    caches = [DbCache("same", use_memory=True) for _ in range(2)]
    caches[0].responses["a"] = 1
    assert "a" not in caches[1].responses
    assert not Path("same.sqlite").exists()


def test_a_cache_in_memory_lives_as_long_as_its_object(tmp_path: Path) -> None:
    from threading import Thread

    made: list[DbCache] = []

    def make() -> None:
        made.append(DbCache("x", use_memory=True))
        made[0].responses["a"] = 1

    thread = Thread(target=make)
    thread.start()
    thread.join()
    assert made[0].responses["a"] == 1
    assert made[0].size == 0
    made[0].responses["b"] = CachedResponse()
    assert made[0].size > 0
    made[0].clear()
    assert "a" not in made[0].responses


# Modes


def pragma(cache: DbCache, name: str) -> object:
    with cache.responses.connection() as connection:
        return connection.execute(f"PRAGMA {name}").fetchone()[0]


def test_a_log_that_was_long_becomes_short_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(database, "_LOG_KEPT", 1_000_000)
    cache = DbCache(tmp_path / "cache")
    cache.responses.write("large", Entry(b"head", bytes(12_000_000)))
    log = tmp_path / "cache.sqlite-wal"
    assert log.stat().st_size > 12_000_000
    for key in "ab":
        cache.responses.write(key, Entry(b"head"))
    assert log.stat().st_size <= 1_000_000
    cache.close()


@pytest.mark.parametrize(
    ("options", "journal", "synchronous"),
    [
        ({}, "wal", 1),
        ({"fast_save": True}, "wal", 0),
        ({"wal": False}, "delete", 1),
    ],
)
def test_the_file_is_in_the_mode_that_was_asked_for(
    options: dict[str, bool], journal: str, synchronous: int, tmp_path: Path
) -> None:
    cache = DbCache(tmp_path / "mine", **options)
    assert pragma(cache, "journal_mode") == journal
    assert pragma(cache, "synchronous") == synchronous


# Damage


def damage(path: Path, garbage: bytes) -> None:
    for suffix in ("-wal", "-shm"):
        Path(f"{path}{suffix}").unlink(missing_ok=True)
    path.write_bytes(garbage)


GARBAGE = {
    "no database": b"not a database at all " * 1000,
    "damaged database": b"SQLite format 3\0" + b"\x20\0\x01\x01\0\x40\x20\x20" + b"x" * 16384,
}


@pytest.mark.parametrize("garbage", GARBAGE.values(), ids=GARBAGE.keys())
def test_a_file_damaged_in_use_is_reported_and_replaced_by_clear(
    garbage: bytes, tmp_path: Path, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mine.sqlite"
    session = CachedSession(str(path), "sqlite")
    session.get(origin.url("/json"))
    session.cache.close()
    damage(path, garbage)
    for _ in range(2):
        assert session.get(origin.url("/json")).status_code == 200
    assert len(caplog.records) == 1
    assert "clear() replaces it" in caplog.text
    with pytest.raises(StorageUnavailableError, match=r"clear\(\) replaces it"):
        len(session.cache.responses)
    session.cache.clear()
    session.cache.responses["a"] = 1
    assert dict(session.cache.responses) == {"a": 1}
    session.close()


def test_a_file_damaged_before_is_no_reason_to_fail(
    tmp_path: Path, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "mine.sqlite"
    damage(path, GARBAGE["no database"])
    with CachedSession(str(path), "sqlite", on_error="bypass") as session:
        assert session.get(origin.url("/json")).status_code == 200
        assert "not a database; clear() replaces it" in caplog.text
        session.cache.clear()
    with CachedSession(str(path), "sqlite") as session:
        session.get(origin.url("/json"))
        assert session.get(origin.url("/json")).from_cache
    damage(path, GARBAGE["no database"])
    with pytest.raises(StorageUnavailableError):
        DbDict(path)


# Sessions


def test_a_second_session_finds_the_cache_warm(tmp_path: Path, origin: Origin) -> None:
    for expected in (False, True):
        with CachedSession(str(tmp_path / "mine"), "sqlite") as session:
            for path in ("/redirect/2", "/image", "/bytes/100000"):
                assert session.get(origin.url(path)).from_cache is expected


def test_a_session_can_be_used_after_it_was_closed(tmp_path: Path, origin: Origin) -> None:
    session = CachedSession(str(tmp_path / "mine"), "sqlite")
    session.get(origin.url("/json"))
    session.close()
    assert session.get(origin.url("/json")).from_cache
    session.close()


def test_a_pickled_session_opens_the_same_file(tmp_path: Path, origin: Origin) -> None:
    with CachedSession(str(tmp_path / "mine"), "sqlite") as session:
        session.get(origin.url("/json"))
        again = pickle.loads(pickle.dumps(session))
        assert again.get(origin.url("/json")).from_cache
        again.close()


def test_deleting_responses_deletes_the_redirects_to_them(tmp_path: Path, origin: Origin) -> None:
    with CachedSession(str(tmp_path / "mine"), "sqlite") as session:
        key = session.get(origin.url("/redirect/2")).cache_key
        session.get(origin.url("/image"))
        session.cache.bulk_delete([str(key), "missing"])
        assert [url.rpartition("/")[2] for url in session.cache.urls] == ["image"]
        assert len(session.cache.redirects) == 0


WAYS: dict[str, dict[str, Any]] = {
    "short": {},
    "streamed": {"stream": True},
    "long": {"auth": lambda request: request},
    "long, streamed": {"auth": lambda request: request, "stream": True},
}


class Both(DbCache):
    """Asks for two things at once, as a cache behind a network does."""

    asks_for_both = True


@pytest.mark.parametrize("size", [10, 2_000_000])
@pytest.mark.parametrize("how", WAYS)
def test_the_note_of_other_queries_may_come_with_the_look(
    how: str, size: int, tmp_path: Path, origin: Origin
) -> None:
    fields = (("No-Vary-Search", 'params=("a")'), ("Cache-Control", "max-age=60"))
    origin.answers["/any"] = lambda request: Answer(bytes(size), fields)
    with CachedSession(backend=Both(tmp_path / "cache"), cache_control=True) as session:
        found = []
        for query in ("?a=1", "?a=2", "?b=1", "?b=1&a=3", ""):
            with session.get(origin.url(f"/any{query}"), **WAYS[how]) as response:
                assert len(response.content) == size
                found.append(response.from_cache)
    assert found == [False, True, False, True, True]


def test_a_large_body_is_given_whole_where_a_range_is_for_another_version(
    tmp_path: Path, origin: Origin
) -> None:
    def answer(request: Any) -> Answer:
        fields = (("ETag", '"1"'), ("Cache-Control", "max-age=0"))
        if "if-none-match" in request.headers:
            return Answer(b"", fields, 304)
        # As a server that codes what it sends; its 304 confirms without changing anything.
        return Answer(bytes(2_000_000), (("ETag", 'W/"1"'), fields[1]))

    origin.answers["/large"] = answer
    wanted = {"Range": "bytes=0-9", "If-Range": '"2"'}
    with CachedSession(tmp_path / "cache", backend="sqlite", cache_control=True) as session:
        session.get(origin.url("/large"))
        hit = session.get(origin.url("/large"), headers=wanted)
        assert (hit.from_cache, hit.status_code, len(hit.content)) == (True, 200, 2_000_000)


def test_what_went_while_it_was_known_is_streamed_anew(tmp_path: Path, origin: Origin) -> None:
    url = origin.url("/bytes/2000000")
    with CachedSession(tmp_path / "cache", backend="sqlite", expire_after=60) as session:
        found = []
        for _ in range(3):
            with session.get(url, stream=True) as response:
                assert len(response.content) == 2_000_000
                found.append(response.from_cache)
        session.cache.responses.clear()
        assert not session.get(url, stream=True).from_cache
    assert found == [False, True, True]
