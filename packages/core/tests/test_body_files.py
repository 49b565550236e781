"""Stored bodies as files, and large responses whose body and head do not fit together."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache._store.pieces import BodyWriter, CheckedBody
from requests_cache.backends.base import BodyReader, DictStorage, Entry
from requests_cache.backends.sqlite.bodies import SegmentWriter
from requests_cache.errors import StorageError, ValueTooLargeError
from requests_cache.testing.origin import Answer, Origin

BODY = bytes(range(256)) * 10
LARGE = bytes(range(256)) * 12 * 1024  # 3 MB: in pieces
FRESH = ("Cache-Control", "max-age=60")


def reader(released: Callable[[], object] = list) -> BodyReader:
    return BodyReader(len(BODY), lambda position, count: BODY[position:][:count], released)


def ignore(*args: object) -> None:
    """Do nothing."""


FILES: dict[str, Callable[[], Any]] = {
    "reader": reader,
    "checked": lambda: CheckedBody(io.BytesIO(BODY), len(BODY), None, ignore),
}


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_a_body_can_be_read_through_a_buffer(make: Callable[[], Any]) -> None:
    """So any reader of files takes it."""
    with io.BufferedReader(make(), buffer_size=100) as file:
        assert file.readable()
        assert file.seekable()
        assert file.peek(1)[:2] == BODY[:2]
        assert file.read(1000) == BODY[:1000]
        assert file.seek(-10, io.SEEK_END) == len(BODY) - 10
        assert file.read() == BODY[-10:]


@pytest.mark.parametrize("make", FILES.values(), ids=FILES)
def test_a_body_knows_its_position(make: Callable[[], Any]) -> None:
    file = make()
    file.read(100)
    assert file.tell() == 100
    file.seek(50)
    assert (file.tell(), file.read(5)) == (50, BODY[50:55])


def test_a_closed_body_is_released_once_and_not_read() -> None:
    released: list[None] = []
    body = reader(lambda: released.append(None))
    body.close()
    body.close()
    assert released == [None]
    with pytest.raises(ValueError, match="closed"):
        body.read(1)


def test_a_body_that_ends_early_is_an_error() -> None:
    body = BodyReader(10, lambda position, count: b"abc"[position:], list)
    assert body.read(3) == b"abc"
    with pytest.raises(OSError, match="ends at 3 of 10 bytes"):
        body.read(1)


# Large responses


@pytest.fixture
def session(tmp_path: Path, origin: Origin) -> Iterator[CachedSession]:
    """Give a session that streams into SQLite, and an origin of 3 MB at /large."""
    origin.answers["/large"] = lambda request: Answer(LARGE, (FRESH,))
    with CachedSession(str(tmp_path / "cache"), "sqlite") as session:
        yield session


def fetch(session: CachedSession, origin: Origin) -> bool:
    """Read the large body as a stream; say whether it came from the cache."""
    with session.get(origin.url("/large"), stream=True) as response:
        same = b"".join(response.iter_content(100_000)) == LARGE
    assert same
    return response.from_cache


def stored(session: CachedSession) -> tuple[str, Entry]:
    ((key, entry),) = session.cache.responses.scan(bodies=True)
    return key, entry


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry._replace(head=b"no head of ours"),
        lambda entry: entry._replace(body=entry.body + b"more"),
    ],
    ids=["head", "size"],
)
def test_a_large_response_that_is_damaged_is_fetched_anew(
    session: CachedSession, origin: Origin, change: Callable[[Entry], Entry]
) -> None:
    fetch(session, origin)
    key, entry = stored(session)
    session.cache.responses.write(key, change(entry))
    assert not fetch(session, origin)
    assert session.cache.stats.invalid == 1
    assert fetch(session, origin)


def test_a_body_is_closed_when_its_head_raises(
    session: CachedSession, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    fetch(session, origin)
    key, _ = stored(session)
    opened: list[Any] = []
    open_body = session.cache.responses.open_body

    def remember(key: str) -> Any:
        found = open_body(key)
        assert found is not None
        opened.append(found[1])
        return found

    def interrupted(*args: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(session.cache.responses, "open_body", remember)
    monkeypatch.setattr(session.cache.serializer, "decode", interrupted)
    with pytest.raises(KeyboardInterrupt):
        session.cache.open_response(key)
    assert [file.closed for file in opened] == [True]


def test_a_range_is_cut_from_a_large_stored_response(
    session: CachedSession, origin: Origin
) -> None:
    session.settings.cache_control = True
    fetch(session, origin)
    with session.get(
        origin.url("/large"), headers={"Range": "bytes=1000000-1000009"}, stream=True
    ) as part:
        assert (part.status_code, part.from_cache) == (206, True)
        assert part.content == LARGE[1_000_000:1_000_010]
    assert origin.count("/large") == 1


@pytest.mark.parametrize(
    ("error", "detail"), [(ValueTooLargeError, "too-large"), (StorageError, "store-failed")]
)
def test_a_store_that_refuses_a_piece_does_not_disturb_the_reader(
    session: CachedSession,
    origin: Origin,
    monkeypatch: pytest.MonkeyPatch,
    error: type[Exception],
    detail: str,
) -> None:
    def refuse(self: SegmentWriter, data: bytes) -> None:
        raise error("not this one")

    monkeypatch.setattr(SegmentWriter, "write", refuse)
    with session.get(origin.url("/large"), stream=True) as response:
        same = response.content == LARGE
    assert same
    assert f"detail={detail}" in str(response.cache_status)
    assert session.cache.response_count() == 0


def test_a_writer_in_memory_gives_nothing_before_its_commit() -> None:
    storage = DictStorage()
    writer: BodyWriter = storage.create_body()
    writer.write(b"one")
    assert list(storage) == []
    writer.abort()
    writer.write(b"two")
    writer.commit("key", Entry(b"head", b""))
    assert storage.read("key") == Entry(b"head", b"two")
