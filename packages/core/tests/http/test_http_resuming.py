"""A download that broke off is completed by the next request: no byte is fetched twice."""

from __future__ import annotations

import random
import re
from collections.abc import Callable
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Final

import pytest
from requests import RequestException
from requests_cache import CachedSession
from requests_cache._exchange import fetching
from requests_cache._transfer.ranges import join_raw
from requests_cache.testing.origin import Answer, Origin, Request
from urllib3 import HTTPResponse
from urllib3.exceptions import ProtocolError
from world import World

SIZE: Final = 3_000_000
BODY: Final = random.Random(7).randbytes(SIZE)
ANOTHER: Final = random.Random(8).randbytes(SIZE)


class Flaky:
    """A large body at `/`, of which each answer brings no more than the next of some numbers."""

    def __init__(self, *cuts: int) -> None:
        self.cuts = list(cuts)
        self.body = BODY
        self.fields: tuple[tuple[str, str], ...] = (("Cache-Control", "max-age=600"),)
        self.weak = ""
        self.sent = 0
        self.asked: list[str | None] = []

    def __call__(self, request: Request) -> Answer:
        tag = f'{self.weak}"{sha256(self.body).hexdigest()[:8]}"'
        asked = request.headers.get("range")
        self.asked.append(asked)
        first, status, fields = 0, 200, (("ETag", tag), *self.fields)
        match = re.fullmatch(r"bytes=(\d+)-", asked or "")
        if match and request.headers.get("if-range", tag) == tag:
            first, status = int(match[1]), 206
            fields += (("Content-Range", f"bytes {first}-{SIZE - 1}/{SIZE}"),)
        data = self.body[first:]
        cut = data[: self.cuts.pop(0)] if self.cuts else data
        self.sent += len(cut)
        return Answer(cut, fields, status, len(data))


@pytest.fixture
def session(world: World) -> CachedSession:
    """A session that follows HTTP."""
    return world.use()


def fetch(session: CachedSession, url: str) -> bytes | None:
    """Read a body piece by piece; None if it breaks off."""
    try:
        with session.get(url, stream=True) as response:
            return b"".join(response.iter_content(100_000))
    except RequestException:
        return None


def test_each_byte_is_fetched_once_however_often_it_breaks_off(session: CachedSession) -> None:
    download_over_ten_cuts(session)


def test_each_byte_is_fetched_once_into_files(tmp_path: Path) -> None:
    name = str(tmp_path / "files")
    with CachedSession(name, backend="filesystem", cache_control=True) as session:
        download_over_ten_cuts(session)


def download_over_ten_cuts(session: CachedSession) -> None:
    cuts = random.Random(1).sample(range(1, 500_000), 10)
    flaky = Flaky(*cuts)
    with Origin({"/": flaky}) as origin:
        got = [fetch(session, origin.url("/")) for _ in range(11)]
        assert got == [None] * 10 + [BODY]
        assert flaky.sent == SIZE
        starts = [sum(cuts[:number]) for number in range(1, 11)]
        assert flaky.asked == [None, *(f"bytes={start}-" for start in starts)]
        assert fetch(session, origin.url("/")) == BODY
        assert len(flaky.asked) == 11
        assert [response.status_code for response in session.cache.filter()] == [200]


def test_what_the_origin_has_replaced_is_fetched_as_a_whole(session: CachedSession) -> None:
    flaky = Flaky(1_700_000)
    with Origin({"/": flaky}) as origin:
        assert fetch(session, origin.url("/")) is None
        flaky.body = ANOTHER
        assert fetch(session, origin.url("/")) == ANOTHER
        assert fetch(session, origin.url("/")) == ANOTHER
        assert flaky.asked == [None, "bytes=1700000-"]


@pytest.mark.parametrize("hindrance", ["weak", "no-store", "coded"])
def test_nothing_is_kept_of_what_cannot_be_completed(
    session: CachedSession, hindrance: str
) -> None:
    flaky = Flaky(1_700_000)
    if hindrance == "weak":
        flaky.weak = "W/"
    elif hindrance == "no-store":
        flaky.fields = (("Cache-Control", "no-store"),)
    else:
        flaky.fields = (("Cache-Control", "max-age=600"), ("Content-Encoding", "unknown"))
    with Origin({"/": flaky}) as origin:
        assert fetch(session, origin.url("/")) is None
        assert len(session.cache.responses) == 0
        assert fetch(session, origin.url("/")) == BODY
        assert flaky.asked == [None, None]


def test_part_that_has_come_answers_ranges_in_it(session: CachedSession) -> None:
    flaky = Flaky(2_000_000)
    with Origin({"/": flaky}) as origin:
        with session.get(origin.url("/"), stream=True) as begun, pytest.raises(RequestException):
            begun.content  # noqa: B018  # a property that reads
        assert str(begun.cache_status).endswith("; stored; detail=incomplete")
        part = session.get(origin.url("/"), headers={"Range": "bytes=1500000-1500009"})
        assert part.status_code == 206
        assert part.content == BODY[1_500_000:1_500_010]
        assert part.from_cache
        assert len(flaky.asked) == 1


def test_whole_answer_is_that_of_the_origin_but_for_the_beginning(session: CachedSession) -> None:
    flaky = Flaky(1_700_000)
    with Origin({"/": flaky}) as origin:
        assert fetch(session, origin.url("/")) is None
        with session.get(origin.url("/"), stream=True) as response:
            assert response.status_code == 200
            assert response.reason == "OK"
            assert response.headers["Content-Length"] == str(SIZE)
            assert "Content-Range" not in response.headers
            assert "Range" not in response.request.headers
            assert "If-Range" not in response.request.headers
            assert response.cache_status is not None
            assert response.cache_status.fwd == "partial"
            assert response.content == BODY
            assert response.cache_status.stored


def test_caller_who_does_not_stream_gets_the_whole(session: CachedSession) -> None:
    flaky = Flaky(1_700_000)
    with Origin({"/": flaky}) as origin:
        assert fetch(session, origin.url("/")) is None
        assert session.get(origin.url("/")).content == BODY
        assert flaky.sent == SIZE
        assert session.get(origin.url("/")).from_cache


@pytest.mark.parametrize("limit", [SIZE, SIZE - 1])
@pytest.mark.parametrize("told", [(), (("Content-Length", str(SIZE - 1_700_000)),)])
def test_rest_of_a_length_that_is_not_said_is_joined_in_memory_if_it_is_not_large(
    session: CachedSession,
    limit: int,
    told: tuple[tuple[str, str], ...],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Of an answer in chunks a length says nothing."""

    def answer(request: Request) -> Answer:
        whole = flaky(request)
        if whole.status == 206 and isinstance(whole.body, bytes):
            return whole._replace(body=iter([whole.body]), headers=(*whole.headers, *told))
        return whole

    monkeypatch.setattr(fetching, "WHOLE_LIMIT", limit)
    flaky = Flaky(1_700_000)
    with Origin({"/": answer}) as origin:
        assert [fetch(session, origin.url("/")) for _ in range(3)] == [None, BODY, BODY]
    assert flaky.asked == [None, "bytes=1700000-", *([None] if limit < SIZE else [])]


def get(session: CachedSession, url: str) -> bytes | None:
    """Read a body at once; None if it breaks off."""
    try:
        return session.get(url).content
    except RequestException:
        return None


def test_body_that_is_read_at_once_is_completed_too(session: CachedSession) -> None:
    """One that breaks off again is fetched from the same place: it is held in memory so far."""
    flaky = Flaky(1_700_000, 100)
    with Origin({"/": flaky}) as origin:
        assert [get(session, origin.url("/")) for _ in range(4)] == [None, None, BODY, BODY]
        assert flaky.asked == [None, *["bytes=1700000-"] * 2]
        assert flaky.sent == SIZE + 100


@pytest.mark.parametrize("ask", [get, fetch])
def test_small_body_is_completed_too(
    session: CachedSession, ask: Callable[[CachedSession, str], bytes | None]
) -> None:
    def answer(request: Request) -> Answer:
        asked.append(request.headers.get("range"))
        fields = (("ETag", '"a"'), ("Cache-Control", "max-age=60"))
        if asked == [None]:
            return Answer(b"0", fields, 200, 2)
        return Answer(b"1", (*fields, ("Content-Range", "bytes 1-1/2")), 206)

    asked: list[str | None] = []
    with Origin({"/": answer}) as origin:
        assert [ask(session, origin.url("/")) for _ in range(3)] == [None, *[b"01"] * 2]
    assert asked == [None, "bytes=1-"]


def test_what_stands_in_for_a_body_that_breaks_off_stays(session: CachedSession) -> None:
    flaky = Flaky()
    flaky.fields = (("Cache-Control", "max-age=0, stale-if-error=600"),)
    with Origin({"/": flaky}) as origin:
        assert get(session, origin.url("/")) == BODY
        flaky.body, flaky.cuts = ANOTHER, [10, 20, 30]
        assert [get(session, origin.url("/")) for _ in range(3)] == [BODY] * 3


def test_a_body_that_is_joined_is_read_at_once_and_never_short() -> None:
    def joined(rest: bytes) -> HTTPResponse:
        after = HTTPResponse(BytesIO(rest), preload_content=False)
        return join_raw(BytesIO(b"abc"), after, slice(0, 3), slice(9, 9), [], 5)

    assert joined(b"de").read() == b"abcde"
    whole = joined(b"de")
    assert (whole.read(0), whole.read(4), whole.read(4), whole.read(4)) == (b"", b"abcd", b"e", b"")
    with pytest.raises(ProtocolError):
        joined(b"d").read()
