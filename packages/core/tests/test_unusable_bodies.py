"""A stored body that cannot be used costs one request at most; the next one stores it anew."""

from __future__ import annotations

import copy
import gzip
import io
import logging
import os
import sqlite3
import zlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, BinaryIO

import brotli  # type: ignore[import-untyped]  # it brings none
import pytest
import requests
from requests_cache import CachedSession
from requests_cache.backends.base import BaseCache, BodyReader, DictStorage, Entry
from requests_cache.errors import StorageError
from requests_cache.models.record import Flag, Record
from requests_cache.testing.origin import Answer, Origin
from urllib3.exceptions import DecodeError

MEGABYTE = 1024 * 1024
BODY = bytes(range(256)) * (3 * MEGABYTE // 256)
FRESH = ("Cache-Control", "max-age=600")
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])
Spoil = Callable[[Path], object]


def change_pieces(statement: str) -> Spoil:
    """Have a statement executed in which `bodies` stands for the table of pieces."""

    def change(folder: Path) -> None:
        connection = sqlite3.connect(folder / "cache.sqlite")
        tables = (
            "SELECT name FROM sqlite_master WHERE type = 'table' AND name LIKE '%responses_bodies'"
        )
        ((table,),) = connection.execute(tables).fetchall()
        assert connection.execute(statement.replace("bodies", f'"{table}"')).rowcount
        connection.commit()
        connection.close()

    return change


def bodies_of(folder: Path) -> Iterator[Path]:
    return (path for path in (folder / "cache").rglob("*") if path.stat().st_size > MEGABYTE)


def cut_files(folder: Path) -> None:
    for path in bodies_of(folder):
        os.truncate(path, MEGABYTE)


def damage_files(folder: Path) -> None:
    for path in bodies_of(folder):
        with path.open("r+b") as file:
            file.seek(MEGABYTE)
            file.write(bytes(1000))


SPOILS: dict[str, tuple[str, Spoil]] = {
    "a piece is lost": (
        "sqlite",
        change_pieces(
            "DELETE FROM bodies WHERE rowid ="
            " (SELECT rowid FROM bodies ORDER BY rowid LIMIT 1 OFFSET 1)"
        ),
    ),
    "all pieces are lost": ("sqlite", change_pieces("DELETE FROM bodies")),
    "pieces are short": ("sqlite", change_pieces("UPDATE bodies SET data = substr(data, 1, 99)")),
    "pieces are damaged": (
        "sqlite",
        change_pieces("UPDATE bodies SET data = zeroblob(length(data))"),
    ),
    "a file is cut": ("filesystem", cut_files),
    "a file is damaged": ("filesystem", damage_files),
}


def read(session: Any, url: str, stream: bool) -> bytes:
    with session.get(url, stream=stream) as response:
        return b"".join(response.iter_content(65536))


def warnings_of(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.message for record in caplog.records if record.levelno >= logging.WARNING]


@BOTH_RULES
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", SPOILS)
def test_the_request_after_one_that_met_damage_is_a_miss(
    name: str,
    stream: bool,
    cache_control: bool,
    origin: Origin,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    backend, spoil = SPOILS[name]
    origin.answers["/large"] = lambda request: Answer(BODY, (FRESH,))
    url = origin.url("/large")
    options: Any = {"backend": backend, "cache_control": cache_control}
    with CachedSession(str(tmp_path / "cache"), **options) as session:
        read(session, url, stream=True)
    spoil(tmp_path)
    with CachedSession(str(tmp_path / "cache"), **options) as session:
        with suppress(requests.RequestException):
            read(session, url, stream)
        for _ in range(2):
            is_same = read(session, url, stream) == BODY
            assert is_same
        assert session.get(url).from_cache
    assert origin.count("/large") == 2
    assert len(warnings_of(caplog)) == 1, warnings_of(caplog)


class Failing(DictStorage):
    """Gives bodies in pieces, of which the second raises what it is told to."""

    capabilities = DictStorage.capabilities._replace(streaming=True)
    error: BaseException | None = None
    keeps = False
    """Whether nothing can be deleted either."""

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        entry = self.read(key)
        if entry is None:
            return None
        body = entry.body

        def fetch(position: int, count: int) -> bytes:
            if position and self.error is not None:
                raise self.error
            return body[position : position + min(count, 1000)]

        file: Any = BodyReader(len(body), fetch, bool)
        return entry._replace(body=b""), file

    def discard(self, key: str) -> bool:
        if self.keeps:
            raise StorageError("nothing can be deleted")
        return super().discard(key)


class FailingCache(BaseCache):
    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.responses = Failing(**self.storage_options)


@BOTH_RULES
@pytest.mark.parametrize("keeps", [False, True])
@pytest.mark.parametrize(
    "error",
    [OSError("lost"), IndexError("pop"), StorageError("gone"), ValueError(""), ZeroDivisionError()],
    ids=repr,
)
def test_whatever_reading_a_body_raises_is_damage(
    error: Exception,
    keeps: bool,
    cache_control: bool,
    origin: Origin,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """Also where the store cannot delete it."""
    origin.answers["/body"] = lambda request: Answer(BODY[:5000], (FRESH,))
    cache = FailingCache()
    with CachedSession(backend=cache, cache_control=cache_control) as session:
        read(session, origin.url("/body"), stream=True)
        cache.responses.error, cache.responses.keeps = error, keeps  # type: ignore[attr-defined]  # it is ours
        with pytest.raises(requests.RequestException):
            read(session, origin.url("/body"), stream=True)
        cache.responses.error = None  # type: ignore[attr-defined]  # it is ours
        for _ in range(2):
            assert read(session, origin.url("/body"), stream=True) == BODY[:5000]
        assert session.cache.stats.hits == 2
    assert origin.count("/body") == 2
    # The one that cannot be deleted is met once more.
    assert len(warnings_of(caplog)) == 1 + keeps, warnings_of(caplog)


def make_up(session: Any, coding: str, body: bytes) -> None:
    """Put a coded body into the place of the only one that is stored."""
    storage = session.cache.responses
    (key,) = storage
    record = Record.load(*storage.read(key)[:2])
    fields = copy.deepcopy(record.fields)
    fields["headers"] = [("Content-Encoding", coding), FRESH]
    flags = record.flags | Flag.ENCODED
    made_up = Record(200, record.created, record.expires, fields, body, flags)
    storage.write(key, Entry(*made_up.dump(), *storage.read(key)[2:]))


def zeros(coding: str, size: int) -> bytes:
    packers = {"gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress}
    body = bytes(size)
    for name in coding.split(", "):
        body = packers[name](body)
    return body


MADE_UP = {
    "br": zeros("br", 20_000_000),
    "gzip, gzip": zeros("gzip, gzip", 20_000_000),
    "deflate, gzip": zeros("deflate, gzip", 20_000_000),
    "gzip, gzip, gzip": zeros("gzip, gzip, gzip", 20_000_000),
    "gzip": b"no gzip",
    "gzip, gzip, gzip, gzip, gzip, gzip, gzip": b"any",
}


@BOTH_RULES
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("coding", "store"), [*((coding, "memory") for coding in MADE_UP), ("gzip, gzip", "sqlite")]
)
def test_a_made_up_coding_is_refused_and_then_a_miss(
    coding: str,
    stream: bool,
    store: str,
    cache_control: bool,
    origin: Origin,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A kilobyte does not become megabytes."""
    origin.answers["/body"] = lambda request: Answer(b"fine", (FRESH,))
    options: Any = {"backend": store, "cache_control": cache_control}
    with CachedSession(str(tmp_path / "cache"), **options) as session:
        session.get(origin.url("/body"))
        make_up(session, coding, MADE_UP[coding])
        with pytest.raises(requests.exceptions.ContentDecodingError):
            _ = session.get(origin.url("/body"), stream=stream).content
        for _ in range(2):
            assert session.get(origin.url("/body"), stream=stream).content == b"fine"
    assert origin.count("/body") == 2
    assert len(warnings_of(caplog)) == 1


TAKINGS: dict[str, Callable[[Any], bytes]] = {
    "some as it came": lambda response: response.raw.read(7) and response.content,
    "some, then pieces": lambda response: response.raw.read(7) and b"".join(response),
    "some, then more": lambda raw: raw.raw.read(7) and raw.raw.read(7, decode_content=True),
}


@pytest.mark.parametrize("taking", TAKINGS)
def test_a_body_whose_start_the_caller_took_is_not_of_no_use(
    taking: str, origin: Origin, make_session: Callable[..., Any], caplog: pytest.LogCaptureFixture
) -> None:
    """What is left of it cannot be decoded, which is the caller's error and nobody else's."""
    session = make_session()
    content = session.get(origin.url("/gzip")).content
    for _ in range(2):
        hit = session.get(origin.url("/gzip"), stream=True)
        with pytest.raises((requests.exceptions.ContentDecodingError, DecodeError)):
            TAKINGS[taking](hit)
    assert session.get(origin.url("/gzip")).content == content
    assert origin.count("/gzip") == 1
    assert not warnings_of(caplog)


@pytest.mark.parametrize("size", [1, 3000, 1_500_000])
@pytest.mark.parametrize("extra", [0, 1])
def test_the_raw_of_a_hit_is_closed_when_that_of_a_miss_is(
    size: int, extra: int, origin: Origin, make_session: Callable[..., Any]
) -> None:
    """With the last byte, where it is known how many there are."""
    session = make_session()
    seen = []
    for _ in range(2):
        raw = session.get(origin.url(f"/bytes/{size}"), stream=True).raw
        ends = [raw.closed]
        for amount in (0, size - 1, 1 + extra, 5):
            raw.read(amount)
            ends.append(raw.closed)
        seen.append((*ends, raw.tell(), raw.length_remaining))
    assert seen[0] == seen[1]


@pytest.mark.parametrize("protocol", ["HTTP/1.0", "HTTP/1.1"])
@pytest.mark.parametrize("path", ["/json?a=b", "/chunked", "/gzip", "/bytes/0"])
@pytest.mark.parametrize("stream", [False, True])
def test_the_raw_of_a_hit_says_what_that_of_a_miss_says(
    path: str,
    stream: bool,
    protocol: str,
    origin: Origin,
    make_session: Callable[..., Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "requests_cache.testing.origin._Handler.protocol_version", protocol, raising=True
    )
    session = make_session()
    miss, hit = (session.get(origin.url(path), stream=stream) for _ in range(2) if True)
    if stream:
        assert miss.content is not None
        hit = session.get(origin.url(path), stream=True)
    assert hit.from_cache
    names = ("status", "reason", "version", "version_string", "headers", "chunked", "retries")
    more = ("decode_content", "enforce_content_length", "auto_close", "url")
    for name in (*names, *more):
        seen = [getattr(response.raw, name, None) for response in (miss, hit)]
        assert str(seen[0]) == str(seen[1]), name
    assert miss.raw.geturl() == hit.raw.geturl() == path


def test_a_hit_in_chunks_is_read_in_chunks(
    origin: Origin, make_session: Callable[..., Any]
) -> None:
    session = make_session()
    content = session.get(origin.url("/chunked")).content
    hit = session.get(origin.url("/chunked"), stream=True)
    assert b"".join(hit.raw.read_chunked()) == content
    assert isinstance(hit.raw, io.IOBase)
