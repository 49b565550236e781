"""Bodies in pieces: which chunks are sent and asked for, and when."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from threading import Event
from typing import Any

import pytest
from bson import ObjectId
from pymongo.errors import AutoReconnect
from requests_cache._store.threads import Background
from requests_cache.backends.base import Entry
from requests_cache.backends.mongo.bucket import CHUNK, Upload, open_file
from requests_cache.backends.mongo.connection import mapped_errors
from requests_cache.errors import StorageUnavailableError

FULL = bytes(range(256)) * (CHUNK // 256)


class Files:
    """The collection of the files: it finds every one."""

    def find_one_and_update(self, *args: object, **kwargs: object) -> Any:
        return {"chunkSize": CHUNK, "metadata": {}}


class MemoryBucket:
    """A bucket of one file."""

    def __init__(self) -> None:
        self.files = Files()
        self.chunks: dict[int, bytes] = {}
        self.asked: list[int] = []
        self.done: list[str] = []
        self.fails: set[int] = set()
        self.free = Event()
        self.free.set()

    def errors(self) -> AbstractContextManager[None]:
        return mapped_errors("bucket")

    def begin(self) -> ObjectId:
        return ObjectId()

    def append(self, file: ObjectId, number: int, data: bytes) -> None:
        assert self.free.wait(10)
        if number in self.fails:
            raise AutoReconnect("no server")
        self.chunks[number] = data
        self.done.append("append")

    def finish(self, file: ObjectId, key: str, size: int) -> None:
        self.done.append(f"finish {size}")

    def drop(self, file: ObjectId) -> None:
        self.done.append("drop")

    def some_chunks(self, file: ObjectId, number: int, count: int) -> list[bytes]:
        assert count == 1
        self.asked.append(number)
        if number in self.fails:
            raise AutoReconnect("no server")
        return [self.chunks[number]]


@pytest.fixture
def bucket() -> Iterator[Any]:
    bucket = MemoryBucket()
    yield bucket
    bucket.free.set()


def upload(bucket: Any) -> Upload:
    return Upload(bucket, lambda *about: None)


@pytest.mark.parametrize("size", [100_001, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK + 7])
def test_all_chunks_but_the_last_are_full(bucket: Any, size: int) -> None:
    body = FULL * 5
    writer = upload(bucket)
    for start in range(0, len(body), size):
        writer.write(body[start : start + size])
    writer.commit("key", Entry(b"head"))
    assert [len(bucket.chunks[number]) for number in range(5)] == [CHUNK] * 5
    assert b"".join(bucket.chunks[number] for number in range(5)) == body
    assert bucket.done == ["append"] * 5 + [f"finish {len(body)}"]


def test_a_chunk_is_sent_while_the_next_one_fills(bucket: Any) -> None:
    writer = upload(bucket)
    bucket.free.clear()
    writer.write(FULL)
    writer.write(FULL[:-1])
    assert not bucket.chunks
    bucket.free.set()
    writer.write(FULL[-1:])
    assert bucket.chunks[0] == FULL
    writer.commit("key", Entry(b"head"))


@pytest.mark.parametrize("then", ["write", "commit"])
def test_a_chunk_that_could_not_be_sent_is_an_error_of_what_follows(bucket: Any, then: str) -> None:
    bucket.fails = {0}
    writer = upload(bucket)
    writer.write(FULL)
    with pytest.raises(StorageUnavailableError, match="no server"):
        writer.write(FULL) if then == "write" else writer.commit("key", Entry(b"head"))
    writer.abort()
    assert bucket.done == ["drop"]


def test_an_upload_is_dropped_after_its_last_chunk_has_come(bucket: Any) -> None:
    writer = upload(bucket)
    bucket.free.clear()
    writer.write(FULL)
    dropping = Background(writer.abort)
    bucket.free.set()
    dropping.result()
    assert bucket.done == ["append", "drop"]


def opened(bucket: Any, count: int = 6) -> Any:
    bucket.chunks = {number: bytes([number]) * CHUNK for number in range(count)}
    return open_file(bucket, ObjectId(), count * CHUNK)


def test_who_reads_on_finds_the_next_chunk_there(bucket: Any) -> None:
    """Who asks for one chunk gets one; who reads on in the second gets the third as well."""
    with opened(bucket) as file:
        file.read(CHUNK)
        assert bucket.asked == [0]
        file.read(1)
        file.read(1)
        file.seek(0)
    assert bucket.asked == [0, 1, 2]
    with opened(bucket) as file:
        assert file.read() == b"".join(bucket.chunks.values())
    assert bucket.asked[3:] == [0, 1, 2, 3, 4, 5]


def test_who_reads_here_and_there_gets_nothing_else(bucket: Any) -> None:
    with opened(bucket) as file:
        for number in (3, 0, 2, 5, 4):
            file.seek(number * CHUNK)
            assert file.read(1)[0] == number
    assert bucket.asked == [3, 0, 2, 5, 4]


def test_a_chunk_that_cannot_be_had_ahead_is_an_error_if_it_is_needed(bucket: Any) -> None:
    bucket.fails = {2}
    for needed in (False, True):
        with opened(bucket) as file:
            assert len(file.read(2 * CHUNK)) == 2 * CHUNK
            if needed:
                with pytest.raises(OSError, match=r"cannot be read: .*no server"):
                    file.read(1)
            else:
                file.seek(4 * CHUNK)
                assert file.read(1) == b"\4"
