"""Ranges of large stored bodies: only the part is read, and a broken store is gone without."""

from __future__ import annotations

import gc
import logging
import random
import sqlite3
import time
import tracemalloc
from collections.abc import Iterator
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession, clock
from requests_cache._transfer.ranges import cut_body
from requests_cache.backends.filesystem import FileDict
from requests_cache.models import record
from requests_cache.testing.origin import Answer, Origin, Request

MEGABYTE = 1024 * 1024
BODY = random.Random(1).randbytes(MEGABYTE) * 12 + b"tail"
TAGGED = (("Cache-Control", "max-age=60"), ("ETag", '"a"'))


@pytest.fixture(params=["sqlite", "filesystem"])
def session(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[CachedSession]:
    with CachedSession(str(tmp_path / "cache"), request.param, cache_control=True) as session:
        yield session


@pytest.fixture(autouse=True)
def answers(origin: Origin) -> None:
    def answer(request: Request) -> Answer:
        fields = (*TAGGED, ("Date", formatdate(clock.now(), usegmt=True)))
        if request.headers.get("if-none-match") == '"a"':
            return Answer(b"", fields, 304)
        asked = request.headers.get("range", "")
        if not asked:
            return Answer(BODY, fields)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        start, end = int(first), int(last or len(BODY) - 1)
        span = ("Content-Range", f"bytes {start}-{end}/{len(BODY)}")
        return Answer(BODY[start : end + 1], (*fields, span), 206)

    origin.answers["/large"] = answer


def get(session: CachedSession, origin: Origin, asked: str = "", **kwargs: Any) -> Any:
    headers = {**kwargs.pop("headers", {}), **({"Range": f"bytes={asked}"} if asked else {})}
    return session.get(origin.url("/large"), headers=headers, **kwargs)


def store(session: CachedSession, origin: Origin, asked: str = "") -> None:
    with get(session, origin, asked, stream=True) as response:
        for _ in response.iter_content(MEGABYTE):
            pass
    assert session.cache.response_count() == 1


def damage(session: CachedSession) -> None:
    """Spoil bytes in the middle of the stored body; all sizes stay as they are."""
    responses: Any = session.cache.responses
    if isinstance(responses, FileDict):
        (path,) = (p for p in responses.cache_dir.rglob("*.bin") if p.is_file())
        with path.open("r+b") as file:
            file.seek(5 * MEGABYTE)
            file.write(bytes(1000))
    else:
        connection = sqlite3.connect(responses.db_path)
        connection.execute(
            "UPDATE responses_bodies SET data = zeroblob(length(data))"
            " WHERE id = (SELECT max(id) - 3 FROM responses_bodies)"
        )
        connection.commit()
        connection.close()


def opened_files(session: CachedSession, monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Give a list of what the store opens from now on."""
    files: list[Any] = []
    open_body = session.cache.responses.open_body

    def remember(key: str) -> Any:
        found = open_body(key)
        assert found is not None
        files.append(found[1])
        return found

    monkeypatch.setattr(session.cache.responses, "open_body", remember)
    return files


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("asked", "first", "end"),
    [
        ("5-9", 5, 10),
        (f"{MEGABYTE - 10}-{MEGABYTE + 9}", MEGABYTE - 10, MEGABYTE + 10),
        ("-4", len(BODY) - 4, len(BODY)),
        (f"{MEGABYTE}-", MEGABYTE, len(BODY)),
        ("0-", 0, len(BODY)),
    ],
)
def test_a_range_is_the_part_of_the_body(
    session: CachedSession, origin: Origin, asked: str, first: int, end: int, stream: bool
) -> None:
    store(session, origin)
    with get(session, origin, asked, stream=stream) as part:
        assert (part.status_code, part.from_cache) == (206, True)
        assert int(part.headers["Content-Length"]) == part.size == end - first
        same = part.content == BODY[first:end]
        assert same
    assert origin.count("/large") == 1


@pytest.mark.parametrize("stream", [False, True])
def test_several_ranges_are_read_one_after_the_other(
    session: CachedSession, origin: Origin, stream: bool
) -> None:
    store(session, origin)
    asked = f"0-9, {3 * MEGABYTE}-{5 * MEGABYTE - 1}, -4"
    with get(session, origin, asked, stream=stream) as parts:
        content = b"".join(parts.iter_content(100_003))
        boundary = parts.headers["Content-Type"].partition("boundary=")[2]
    assert len(content) == int(parts.headers["Content-Length"])
    _, *found, end = content.split(f"--{boundary}".encode())
    bodies = [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in found]
    same = bodies == [BODY[:10], BODY[3 * MEGABYTE : 5 * MEGABYTE], b"tail"]
    assert same
    assert end == b"--\r\n"


@pytest.mark.parametrize("stream", [False, True])
def test_a_range_takes_no_more_memory_than_itself(
    session: CachedSession, origin: Origin, stream: bool
) -> None:
    store(session, origin)
    tracemalloc.start()
    try:
        with get(session, origin, f"{6 * MEGABYTE}-{6 * MEGABYTE + 99}", stream=stream) as part:
            assert part.content == BODY[6 * MEGABYTE : 6 * MEGABYTE + 100]
        assert tracemalloc.get_traced_memory()[1] < MEGABYTE
    finally:
        tracemalloc.stop()


def test_a_range_that_is_validated_is_the_part_of_the_body(
    session: CachedSession, origin: Origin
) -> None:
    store(session, origin)
    for stream in (False, True):
        with get(
            session, origin, "7-16", headers={"Cache-Control": "no-cache"}, stream=stream
        ) as part:
            assert (part.status_code, part.revalidated) == (206, True)
            assert part.content == BODY[7:17]
    assert origin.count("/large") == 3


@pytest.mark.parametrize("stored", ["", f"0-{10 * MEGABYTE - 1}"])
def test_a_range_is_answered_while_the_body_is_refreshed(
    session: CachedSession, origin: Origin, monkeypatch: pytest.MonkeyPatch, stored: str
) -> None:
    store(session, origin, stored)
    files = opened_files(session, monkeypatch)
    session.settings.stale_while_revalidate = 100
    monkeypatch.setattr(clock, "now", lambda: time.time() + 80)
    part = get(session, origin, "7-16")
    assert (part.content, part.from_cache, part.is_expired) == (BODY[7:17], True, True)
    refresher: Any = vars(session)["_refresher"]
    refresher.wait(10)
    assert origin.count("/large") == 2
    assert all(file.closed for file in files)
    assert not get(session, origin, "7-16").is_expired


@pytest.mark.parametrize("stream", [False, True])
def test_a_range_that_does_not_apply_gives_the_whole_body(
    session: CachedSession, origin: Origin, stream: bool
) -> None:
    store(session, origin)
    with get(session, origin, "0-9", headers={"If-Range": '"b"'}, stream=stream) as whole:
        assert (whole.status_code, whole.from_cache) == (200, True)
        same = whole.content == BODY
        assert same


def test_a_range_answers_if_the_caller_has_the_body(session: CachedSession, origin: Origin) -> None:
    store(session, origin)
    response = get(session, origin, "0-9", headers={"If-None-Match": '"a"'})
    assert (response.status_code, response.content, response.from_cache) == (304, b"", True)


def test_the_body_is_closed_with_its_part(
    session: CachedSession, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    store(session, origin)
    files = opened_files(session, monkeypatch)
    assert get(session, origin, "0-9").content == BODY[:10]
    assert files[-1].closed
    part = get(session, origin, "0-9", stream=True)
    gc.collect()  # what nobody needs any more closes its file
    assert not files[-1].closed
    part.close()
    assert files[-1].closed
    part = get(session, origin, "0-9", stream=True)
    assert part.raw.read() == BODY[:10]
    assert files[-1].closed


@pytest.mark.parametrize("asked", ["", "0-9"])
def test_a_response_that_is_forgotten_lets_the_body_go_at_once(
    session: CachedSession, origin: Origin, monkeypatch: pytest.MonkeyPatch, asked: str
) -> None:
    """Nothing of it refers to itself, so nobody waits for the garbage collector."""
    store(session, origin)
    files = opened_files(session, monkeypatch)
    gc.collect()
    gc.disable()
    try:
        response = get(session, origin, asked, stream=True)
        assert [file.closed for file in files] == [False]
        del response
        assert [file.closed for file in files] == [True]
        response = get(session, origin, asked, stream=True)
        assert response.raw.read(5) == BODY[:5]
        del response
        assert [file.closed for file in files] == [True, True]
    finally:
        gc.enable()


def test_a_body_that_cannot_be_read_is_fetched_anew(
    session: CachedSession, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    store(session, origin)
    damage(session)
    forget_checks()
    with caplog.at_level(logging.WARNING):
        whole = get(session, origin, "0-9", headers={"If-Range": '"b"'})
    assert (whole.content, whole.from_cache) == (BODY[:10], False)
    assert "cannot be read: the stored body is damaged" in caplog.text


def test_a_body_that_cannot_be_read_is_no_answer_for_who_wants_a_stored_one(
    session: CachedSession, origin: Origin
) -> None:
    store(session, origin)
    damage(session)
    forget_checks()
    headers = {"If-Range": '"b"', "Cache-Control": "only-if-cached"}
    assert get(session, origin, "0-9", headers=headers).status_code == 504


def test_a_part_that_cannot_be_joined_is_fetched_with_the_rest(
    session: CachedSession, origin: Origin
) -> None:
    store(session, origin, f"0-{10 * MEGABYTE - 1}")
    damage(session)
    forget_checks()
    rest = get(session, origin, f"{9 * MEGABYTE}-{11 * MEGABYTE}")
    same = rest.content == BODY[9 * MEGABYTE : 11 * MEGABYTE + 1]
    assert same


def forget_checks() -> None:
    """Let all bodies be checked again, as in a new process."""
    record._checked_bodies.clear()


def test_a_part_can_be_read_from_any_position(tmp_path: Path) -> None:
    path = tmp_path / "body"
    path.write_bytes(BODY[:1000])
    body, size = cut_body(path.open("rb"), (b"<", slice(10, 20), b"|", slice(990, 1000), b">"))
    expected = b"<" + BODY[10:20] + b"|" + BODY[990:1000] + b">"
    with body:
        assert size == len(expected)
        for start in range(size):
            body.seek(start)
            assert body.read(7) == expected[start : start + 7]
