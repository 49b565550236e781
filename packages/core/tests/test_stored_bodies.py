"""Large bodies whose store fails while they are written, or that are damaged when they are read."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from io import BufferedReader, UnsupportedOperation
from pathlib import Path
from typing import Literal

import pytest
from requests.exceptions import ChunkedEncodingError
from requests_cache import CachedSession
from requests_cache.backends.base import BaseCache, Entry
from requests_cache.backends.filesystem import FileDict
from requests_cache.testing.origin import Answer, Origin
from urllib3 import HTTPResponse

MEGABYTE = 1024 * 1024
BODY = b"0123456789abcdef" * (3 * MEGABYTE // 16)


@pytest.fixture(params=["sqlite", "filesystem"])
def session(
    request: pytest.FixtureRequest, tmp_path: Path, origin: Origin
) -> Iterator[CachedSession]:
    origin.answers["/large"] = lambda request: Answer(BODY)
    with CachedSession(str(tmp_path / "cache"), request.param) as session:
        yield session


def store(session: CachedSession, url: str) -> tuple[str, Entry]:
    """Store a response; give its key, and what is stored."""
    key = session.get(url).cache_key
    assert key is not None
    entry = session.cache.responses.read(key)
    assert entry is not None
    return key, entry


def stream(session: CachedSession, url: str) -> str:
    """Read a body to its end; give what became of it."""
    with session.get(url, stream=True) as response:
        same = response.content == BODY
        assert same
    return str(response.cache_status)


@pytest.mark.parametrize("on_error", ["bypass", "raise"])
def test_a_store_that_is_cleared_during_a_download_keeps_nothing_of_it(
    on_error: Literal["bypass", "raise"],
    tmp_path: Path,
    origin: Origin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The caller reads on, and the cache works afterwards: it is no failure of the store."""
    origin.answers["/large"] = lambda request: Answer(BODY)
    with CachedSession(str(tmp_path / "cache"), "sqlite", on_error=on_error) as session:
        with session.get(origin.url("/large"), stream=True) as response:
            read = response.raw.read(2 * MEGABYTE)
            session.cache.clear()
            same = read + response.raw.read() == BODY
            assert same
        assert "detail=cleared" in str(response.cache_status)
        assert "warning" not in caplog.text.lower()
        assert session.cache.response_count() == 0
        assert "stored" in stream(session, origin.url("/large"))


def test_a_body_larger_than_a_store_can_number_is_not_stored(
    tmp_path: Path, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite takes a million segments of a megabyte; two will do here."""
    monkeypatch.setattr("requests_cache.backends.sqlite.bodies.MOST_SEGMENTS", 2)
    origin.answers["/large"] = lambda request: Answer(BODY)
    with CachedSession(str(tmp_path / "cache"), "sqlite") as session:
        assert "detail=too-large" in stream(session, origin.url("/large"))
        assert session.cache.response_count() == 0


def test_a_damaged_head_of_a_large_body_is_a_miss(
    session: CachedSession, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    key, entry = store(session, origin.url("/large"))
    damaged = entry.head[:20] + bytes((entry.head[20] ^ 1,)) + entry.head[21:]
    session.cache.responses.rewrite_head(key, entry._replace(head=damaged, body=b""))
    assert "stored" in stream(session, origin.url("/large"))
    assert "cannot be read" in caplog.text
    assert origin.count("/large") == 2


def test_a_large_body_that_is_cut_is_a_miss(
    session: CachedSession, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    key, entry = store(session, origin.url("/large"))
    session.cache.responses.write(key, entry._replace(body=BODY[:-1]))
    assert "stored" in stream(session, origin.url("/large"))
    assert f"its body has {len(BODY) - 1} bytes" in caplog.text


def test_a_copy_has_every_byte(session: CachedSession, origin: Origin, tmp_path: Path) -> None:
    """Between stores that stream, and from one that does not."""
    key, entry = store(session, origin.url("/large"))
    caches = [
        BaseCache(),
        CachedSession(str(tmp_path / "other"), "sqlite").cache,
        CachedSession(str(tmp_path / "files"), "filesystem").cache,
    ]
    source: BaseCache = session.cache
    for cache in caches:
        cache.update(source)
        copied = cache.responses.read(key)
        assert copied is not None
        same = copied.body == entry.body
        assert same
        source = cache
    for cache in caches:
        cache.close()


@pytest.mark.parametrize("is_changed", [False, True])
@pytest.mark.parametrize("by_key", [False, True])
@pytest.mark.parametrize("read", [0, 100, -1])
def test_a_hit_with_a_body_to_read_is_stored_again_with_every_byte(
    session: CachedSession, origin: Origin, read: int, by_key: bool, is_changed: bool
) -> None:
    url, cache = origin.url("/large"), session.cache
    key, _ = store(session, url)
    hit = session.get(url, stream=True)
    if read:
        assert hit.raw.read(100) == BODY[:100] if read > 0 else hit.content == BODY
    if is_changed:
        hit.headers["X-New"] = "1"
    if by_key:
        cache.responses[key] = hit
    else:
        cache.save_response(hit, key)
    assert hit.content == (BODY[100:] if read > 0 else BODY)
    again = session.get(url)
    assert again.from_cache
    assert again.content == BODY
    assert ("X-New" in again.headers) is is_changed


def test_a_body_that_lost_a_part_breaks_off(tmp_path: Path, origin: Origin) -> None:
    """A file that is cut after it was opened ends with an error, and not as if it were whole."""
    origin.answers["/large"] = lambda request: Answer(BODY)
    storage = FileDict(tmp_path / "cache" / "responses")
    with CachedSession(str(tmp_path / "cache"), "filesystem") as session:
        store(session, origin.url("/large"))
        with session.get(origin.url("/large"), stream=True) as hit:
            for path in storage.paths():
                os.truncate(path, MEGABYTE)
            with pytest.raises(ChunkedEncodingError, match="the stored body ends at"):
                _ = hit.content


def test_a_body_that_was_closed_cannot_be_read(session: CachedSession, origin: Origin) -> None:
    key, _ = store(session, origin.url("/large"))
    opened = session.cache.responses.open_body(key)
    assert opened is not None
    opened[1].close()
    opened[1].close()
    with pytest.raises(ValueError, match="the stored body is closed"):
        opened[1].read(1)


READS: dict[str, Callable[[HTTPResponse], Iterable[bytes]]] = {
    "read(n)": lambda raw: iter(lambda: raw.read(700_000), b""),
    "read1(n)": lambda raw: iter(lambda: raw.read1(700_000), b""),
    "read1()": lambda raw: iter(lambda: raw.read1(), b""),
    "stream": lambda raw: raw.stream(700_000),
    "read_chunked": lambda raw: raw.read_chunked(700_000),
    "iter": iter,
    "a reader": lambda raw: [BufferedReader(raw).read()],
}


@pytest.mark.parametrize("size", [100, len(BODY)])
@pytest.mark.parametrize("way", READS)
def test_a_stored_body_is_read_in_each_way_of_urllib3(
    session: CachedSession, origin: Origin, way: str, size: int
) -> None:
    if way.startswith("read1") and not hasattr(HTTPResponse, "read1"):
        pytest.skip("this urllib3 has no read1")
    body = BODY[:size]
    origin.answers["/large"] = lambda request: Answer(iter([body]))
    session.get(origin.url("/large"))
    with session.get(origin.url("/large"), stream=True) as response:
        response.raw.auto_close = way != "a reader"
        same = b"".join(READS[way](response.raw)) == body
        assert (response.from_cache, same) == (True, True)
        # Of a miss it is true, whether chunks come or not.
        assert response.raw.supports_chunked_reads()


def test_what_has_no_socket_says_so_as_a_file_in_memory_does(
    session: CachedSession, origin: Origin
) -> None:
    session.get(origin.url("/large"))
    with session.get(origin.url("/large"), stream=True) as response:
        with pytest.raises(UnsupportedOperation, match="no socket: read it instead"):
            response.raw.fileno()
        # requests asks for it to find out the size of what it sends.
        sent = session.post(origin.url("/echo"), data=response.raw)
    assert sent.request.body is response.raw
