"""Large bodies through whole sessions, on the stores that take them in pieces."""

from __future__ import annotations

import gc
import gzip
import hashlib
import io
import os
import pickle
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
from requests.exceptions import StreamConsumedError
from requests_cache import CachedSession
from requests_cache.testing.children import peak_memory, run_in_child
from requests_cache.testing.origin import Answer, Origin

MEGABYTE = 1024 * 1024
BLOCK = random.Random(1).randbytes(MEGABYTE)
PLAIN = BLOCK * 3 + b"tail"
PACKED = gzip.compress(PLAIN, 1, mtime=0)
# Large enough to show what is kept; the full gigabyte takes half a minute.
MEGABYTES = int(os.environ.get("REQUESTS_CACHE_LARGE_MB", "200"))
MOST_MEMORY = 32 * MEGABYTE


@pytest.fixture(params=["sqlite", "filesystem"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CachedSession]:
    with CachedSession(str(tmp_path / "cache"), request.param) as session:
        yield session


@pytest.fixture(autouse=True)
def answers(origin: Origin) -> None:
    origin.answers["/packed"] = lambda request: Answer(PACKED, (("Content-Encoding", "gzip"),))
    origin.answers["/chunks"] = lambda request: Answer(BLOCK for _ in range(4))
    origin.answers["/plain"] = lambda request: Answer(PLAIN)


def copy_raw(response: requests.Response) -> bytes:
    copied = io.BytesIO()
    shutil.copyfileobj(response.raw, copied)
    return copied.getvalue()


def read_raw(response: requests.Response) -> bytes:
    return b"".join(iter(lambda: response.raw.read(70_001), b""))


WAYS: dict[str, Callable[[requests.Response], bytes]] = {
    "content": lambda response: response.content,
    "iter_content": lambda response: b"".join(response.iter_content(10_007)),
    "iter_content(None)": lambda response: b"".join(response.iter_content(None)),
    "iter_lines": lambda response: b"\n".join(response.iter_lines()),
    "raw.read": read_raw,
    "raw.read decoded": lambda response: response.raw.read(decode_content=True),
    "raw.stream": lambda response: b"".join(response.raw.stream(5000, decode_content=True)),
    "copyfileobj": copy_raw,
}


@pytest.mark.parametrize("path", ["/packed", "/chunks", "/plain", "/json"])
@pytest.mark.parametrize("way", WAYS)
def test_a_hit_streams_what_the_miss_streamed(
    session: CachedSession, origin: Origin, path: str, way: str
) -> None:
    with session.get(origin.url(path), stream=True) as miss:
        streamed = WAYS[way](miss)
    with session.get(origin.url(path), stream=True) as hit:
        assert hit.from_cache
        same = WAYS[way](hit) == streamed
        assert same
    with requests.get(origin.url(path), stream=True, timeout=10) as plain:
        same = WAYS[way](plain) == streamed
        assert same
    assert session.get(origin.url(path)).from_cache


@pytest.mark.parametrize("path", ["/packed", "/chunks", "/plain", "/json"])
def test_a_streamed_hit_is_read_as_often_as_its_caller_likes(
    session: CachedSession, origin: Origin, path: str
) -> None:
    whole = session.get(origin.url(path)).content
    with session.get(origin.url(path), stream=True) as hit:
        for way in ("iter_content", "iter_content(None)", "iter_content", "content", "content"):
            same = WAYS[way](hit) == whole
            assert same


@pytest.mark.parametrize("gone", ["another", "none"])
def test_a_large_hit_is_read_once_if_the_store_has_it_no_longer(
    session: CachedSession, origin: Origin, gone: str
) -> None:
    session.get(origin.url("/plain"))
    with session.get(origin.url("/plain"), stream=True) as hit:
        assert WAYS["iter_content"](hit)
        session.cache.clear()
        if gone == "another":
            origin.answers["/plain"] = lambda request: Answer(PLAIN[1:])
            session.get(origin.url("/plain"))
        with pytest.raises(StreamConsumedError):
            hit.iter_content(10)


@pytest.mark.parametrize("cache_control", [False, True])
def test_a_stale_body_is_validated_and_streamed(
    tmp_path: Path, origin: Origin, cache_control: bool
) -> None:
    def answer(request: Any) -> Answer:
        known = request.headers.get("if-none-match") == '"1"'
        return Answer(b"" if known else PLAIN, (("ETag", '"1"'),), 304 if known else 200)

    origin.answers["/tagged"] = answer
    with CachedSession(
        str(tmp_path / "cache"), "sqlite", always_revalidate=True, cache_control=cache_control
    ) as session:
        for _ in range(3):
            with session.get(origin.url("/tagged"), stream=True) as response:
                same = b"".join(response.iter_content(100_000)) == PLAIN
                assert same
    assert response.revalidated


@pytest.mark.parametrize("cache_control", [False, True])
def test_a_filter_that_reads_the_content_leaves_it_to_the_caller(
    tmp_path: Path, origin: Origin, cache_control: bool
) -> None:
    origin.answers["/fresh"] = lambda request: Answer(PLAIN, (("Cache-Control", "max-age=60"),))
    with CachedSession(
        str(tmp_path / "cache"),
        "sqlite",
        cache_control=cache_control,
        filter_fn=lambda response: response.content == PLAIN,
    ) as session:
        for _ in range(2):
            with session.get(origin.url("/fresh"), stream=True) as response:
                same = b"".join(response.iter_content(100_000)) == PLAIN
                assert same
    assert response.from_cache


@pytest.mark.parametrize("cache_control", [False, True])
def test_a_filter_that_looks_at_the_head_leaves_the_body_in_the_store(
    tmp_path: Path, origin: Origin, cache_control: bool
) -> None:
    fresh = (("Cache-Control", "max-age=60"),)
    origin.answers["/fresh"] = lambda request: Answer((BLOCK for _ in range(20)), fresh)
    with CachedSession(
        str(tmp_path / "cache"),
        "sqlite",
        cache_control=cache_control,
        filter_fn=lambda response: response.status_code == 200,
    ) as session:
        with session.get(origin.url("/fresh"), stream=True) as response:
            digest = digest_of(response)
        tracemalloc.start()
        try:
            with session.get(origin.url("/fresh"), stream=True) as response:
                assert response.from_cache
                assert digest_of(response) == digest
            assert tracemalloc.get_traced_memory()[1] < 10 * MEGABYTE
        finally:
            tracemalloc.stop()


def digest_of(response: requests.Response) -> str:
    digest = hashlib.sha256()
    for piece in response.iter_content(100_000):
        digest.update(piece)
    return digest.hexdigest()


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("is_gone", [False, True])
def test_a_filter_that_reads_the_content_may_refuse_it(
    tmp_path: Path, origin: Origin, cache_control: bool, is_gone: bool
) -> None:
    """Or somebody deletes what it lets through, before it is read again."""
    origin.answers["/fresh"] = lambda request: Answer(PLAIN, (("Cache-Control", "max-age=60"),))
    with CachedSession(str(tmp_path / "cache"), "sqlite", cache_control=cache_control) as session:
        session.get(origin.url("/fresh"))

        def refuse(response: requests.Response) -> bool:
            same = response.content == PLAIN
            assert same
            if is_gone:
                session.cache.responses.clear()
            return is_gone

        session.settings.filter_fn = refuse
        with session.get(origin.url("/fresh"), stream=True) as response:
            assert not getattr(response, "from_cache", False)
            same = response.content == PLAIN
            assert same
    assert origin.count("/fresh") == 2


def stream_in_child(backend: str, name: str, url: str) -> tuple[int, int, bool]:
    """Miss, hit, copy and delete; give the memory in use before and at most, and what a hit was."""
    with CachedSession(name, backend) as session, CachedSession(f"{name}2", backend) as other:
        session.get(f"{url}?warm")
        other.cache.update(session.cache)
        before = peak_memory()
        for _ in range(2):
            with session.get(url, stream=True) as response:
                size = sum(len(piece) for piece in response.iter_content(65536))
            assert size == MEGABYTES * MEGABYTE
        other.cache.update(session.cache)
        for cache in (session.cache, other.cache):
            cache.delete(response.cache_key or "")
            assert cache.response_count() == 1
        return before, peak_memory(), response.from_cache


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nothing tells the memory")
@pytest.mark.parametrize("backend", ["sqlite", "filesystem"])
def test_memory_does_not_grow_with_the_body(backend: str, tmp_path: Path, origin: Origin) -> None:
    """Miss, hit, copy and deletion of a large body take less than 32 MB more than a small one."""
    origin.answers["/large"] = lambda request: Answer(
        BLOCK for _ in range(1 if request.query else MEGABYTES)
    )
    name = str(tmp_path / "cache")
    before, after, from_cache = run_in_child(stream_in_child, backend, name, origin.url("/large"))
    assert from_cache
    assert after - before < MOST_MEMORY


def leftovers(folder: Path) -> list[str]:
    """Give what a cache has of bodies: temporary files, and rows of a database."""
    found = [str(path) for path in folder.rglob("tmp/*")]
    for path in folder.glob("cache.sqlite"):
        with sqlite3.connect(path) as connection:
            for table in ("responses_bodies", "responses_pending"):
                try:
                    found += [str(row) for row in connection.execute(f"SELECT id FROM {table}")]
                except sqlite3.OperationalError:  # the table is made with the first large body
                    continue
        connection.close()
    return found


def stop_half_way(session: CachedSession, origin: Origin) -> None:
    with session.get(origin.url("/plain"), stream=True) as response:
        next(response.iter_content(2 * MEGABYTE))


def forget(session: CachedSession, origin: Origin) -> None:
    response = session.get(origin.url("/packed"), stream=True)
    assert response.raw.read(2 * MEGABYTE)


def never_read(session: CachedSession, origin: Origin) -> None:
    assert session.get(origin.url("/plain"), stream=True).ok


def broken_off(session: CachedSession, origin: Origin) -> None:
    def pieces() -> Iterator[bytes]:
        yield BLOCK * 2
        raise ConnectionAbortedError

    origin.answers["/broken"] = lambda request: Answer(pieces())
    with (
        pytest.raises(requests.exceptions.ChunkedEncodingError),
        session.get(origin.url("/broken"), stream=True) as response,
    ):
        for _ in response.iter_content(100_000):
            pass


# requests, too, leaves the socket of a response that is forgotten to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("interrupt", [stop_half_way, forget, never_read, broken_off])
def test_interrupted_downloads_leave_nothing(
    session: CachedSession,
    origin: Origin,
    tmp_path: Path,
    interrupt: Callable[[CachedSession, Origin], None],
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Thirty times each: no entry, no temporary file, no row."""
    for _ in range(30):
        interrupt(session, origin)
    gc.collect()
    assert session.cache.response_count() == 0
    assert leftovers(tmp_path) == []


KILLED = """
import os, signal, sys
from requests_cache import CachedSession
session = CachedSession(sys.argv[2], sys.argv[1])
response = session.get(sys.argv[3], stream=True)
response.raw.read(3 * 1024 * 1024)
os.kill(os.getpid(), signal.SIGKILL)
"""


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this platform cannot kill so")
@pytest.mark.parametrize("backend", ["sqlite", "filesystem"])
def test_a_killed_download_leaves_nothing_after_the_next_start(
    backend: str, origin: Origin, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    name = str(tmp_path / "cache")
    for _ in range(3):
        arguments = [sys.executable, "-c", KILLED, backend, name, origin.url("/chunks")]
        assert subprocess.run(arguments, check=False).returncode == -signal.SIGKILL
        assert leftovers(tmp_path) != []
        with CachedSession(name, backend) as session:
            assert session.cache.response_count() == 0
        assert leftovers(tmp_path) == []


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="nothing tells what is open")
def test_a_hit_closed_half_way_releases_everything(session: CachedSession, origin: Origin) -> None:
    for _ in range(2):
        with session.get(origin.url("/plain"), stream=True) as response:
            assert response.content
    before = sum(1 for _ in Path("/proc/self/fd").iterdir())
    for number in range(10):
        with session.get(origin.url("/plain"), stream=True) as response:
            assert response.from_cache
            if number % 2:
                next(response.iter_content(100))
        assert sum(1 for _ in Path("/proc/self/fd").iterdir()) == before


def test_a_damaged_body_breaks_off_and_is_fetched_anew(
    session: CachedSession, origin: Origin
) -> None:
    """The checksum is compared at the end, as a broken connection would show there."""
    key = session.get(origin.url("/plain")).cache_key
    assert key is not None
    entry = session.cache.responses.read(key)
    assert entry is not None
    session.cache.responses.write(key, entry._replace(body=PLAIN[:-1] + b"!"))
    with (
        pytest.raises(requests.exceptions.ChunkedEncodingError, match="damaged"),
        session.get(origin.url("/plain"), stream=True) as response,
    ):
        _ = response.content
    again = session.get(origin.url("/plain"), stream=True)
    assert not again.from_cache
    again.close()


def test_a_streamed_hit_can_be_pickled(session: CachedSession, origin: Origin) -> None:
    session.get(origin.url("/packed"))
    hit = pickle.loads(pickle.dumps(session.get(origin.url("/packed"), stream=True)))
    same = hit.content == PLAIN
    assert same
    assert hit.from_cache
    assert hit.headers["Content-Encoding"] == "gzip"


def test_a_streamed_hit_can_be_saved_under_another_key(
    session: CachedSession, origin: Origin
) -> None:
    session.get(origin.url("/packed"))
    session.cache.save_response(session.get(origin.url("/packed"), stream=True), "other")
    same = session.cache.get_response("other").content == PLAIN
    assert same


@pytest.mark.parametrize("stream", [True, False])
@pytest.mark.parametrize("path", ["/plain", "/chunks"])
@pytest.mark.parametrize("backend", ["memory", "sqlite", "filesystem"])
def test_a_response_larger_than_max_response_size_is_not_stored(
    stream: bool, path: str, backend: str, origin: Origin, tmp_path: Path
) -> None:
    with CachedSession(str(tmp_path / "cache"), backend, max_response_size=2 * MEGABYTE) as session:
        with session.get(origin.url(path), stream=stream) as response:
            assert len(response.content) > 2 * MEGABYTE
        assert "detail=too-large" in str(response.cache_status)
        assert session.cache.response_count() == 0
        assert session.get(origin.url("/json")).cache_status.stored
    assert leftovers(tmp_path) == []


def test_a_store_without_streaming_refuses_what_it_cannot_hold(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests_cache.backends.responses.WHOLE_LIMIT", MEGABYTE)
    with CachedSession(backend="memory") as session:
        for path in ("/plain", "/chunks"):
            with session.get(origin.url(path), stream=True) as response:
                assert response.content
            assert "detail=too-large" in str(response.cache_status)
        assert session.cache.response_count() == 0


def test_a_request_body_that_is_a_file_is_part_of_the_key(
    session: CachedSession, origin: Origin
) -> None:
    """The file is read for the key, and then sent from where it was."""
    session.settings.allowable_methods = ("POST",)
    for _ in range(2):
        first = session.post(origin.url("/echo"), data=io.BytesIO(b"one"))
        assert first.json()["body"] == "one"
    assert first.from_cache
    assert not session.post(origin.url("/echo"), data=io.BytesIO(b"two")).from_cache


def test_a_request_body_that_is_a_generator_is_not_cached(
    session: CachedSession, origin: Origin
) -> None:
    session.settings.allowable_methods = ("POST",)
    sent = []

    def pieces() -> Iterator[bytes]:
        sent.append("one")
        yield b"0"

    origin.answers["/upload"] = lambda request: Answer(b"done", (("Connection", "close"),))
    for _ in range(2):
        response = session.post(origin.url("/upload"), data=pieces())
        assert "detail=body-not-repeatable" in str(response.cache_status)
    assert sent == ["one", "one"]
    assert origin.count("/upload") == 2
