"""Bodies on their way through the cache: streamed, interrupted, in any coding."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter, HTTPAdapter
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin

Sessions = Callable[..., CachedSession]
PATHS = ["/json", "/gzip", "/chunked", "/bytes/300000", "/bytes/0"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "consume",
    [
        lambda r: b"".join(r.iter_content(1000)),
        lambda r: b"".join(r.iter_content(None)),
        lambda r: r.content,
        lambda r: r.raw.read(decode_content=True),
        lambda r: b"".join(r.raw.stream(1000, decode_content=True)),
    ],
)
def test_a_streamed_body_is_stored_when_it_has_been_read(
    path: str, consume: Callable[[Any], bytes], origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    plain = requests.get(origin.url(path), timeout=10).content
    with session.get(origin.url(path), stream=True) as response:
        assert consume(response) == plain
    hit = session.get(origin.url(path))
    assert hit.from_cache
    assert hit.content == plain


def test_a_body_streams_while_the_origin_still_writes(
    origin: Origin, make_session: Sessions
) -> None:
    """The first piece arrives before the second one is made."""
    seen: list[str] = []

    def pieces() -> Iterator[bytes]:
        for number in range(3):
            seen.append(f"made {number}")
            yield b"%d" % number * 100_000

    origin.answers["/slow"] = lambda request: Answer(pieces())
    session = make_session()
    with session.get(origin.url("/slow"), stream=True) as response:
        assert session.cache.response_count() == 0
        assert len(b"".join(response.iter_content(1000))) == 300_000
    assert session.cache.response_count() == 1


@pytest.mark.parametrize("path", ["/bytes/300000", "/gzip", "/chunked"])
def test_a_body_that_the_caller_did_not_finish_is_not_stored(
    path: str, origin: Origin, make_session: Sessions
) -> None:
    session = make_session()
    with session.get(origin.url(path), stream=True) as response:
        assert next(response.iter_content(10))
    assert session.cache.response_count() == 0
    assert session.get(origin.url(path)).content


def broken(request: object) -> Answer:
    def pieces() -> Iterator[bytes]:
        yield b"some"
        raise ConnectionAbortedError

    return Answer(pieces())


@pytest.mark.parametrize("stream", [True, False])
def test_a_body_that_breaks_off_is_not_stored(
    stream: bool, origin: Origin, make_session: Sessions, capsys: pytest.CaptureFixture[str]
) -> None:
    origin.answers["/broken"] = broken
    session = make_session()
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = session.get(origin.url("/broken"), stream=stream).content
    assert session.cache.response_count() == 0


def test_a_body_in_a_broken_coding_is_the_callers_error_and_is_not_stored(
    origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/bad"] = lambda request: Answer(b"no gzip", (("Content-Encoding", "gzip"),))
    session = make_session()
    with pytest.raises(requests.exceptions.ContentDecodingError):
        session.get(origin.url("/bad"))
    assert session.cache.response_count() == 0


def test_deflate_is_kept_as_it_came(origin: Origin, make_session: Sessions) -> None:
    packed = zlib.compress(b"text" * 1000)
    origin.answers["/z"] = lambda request: Answer(packed, (("Content-Encoding", "deflate"),))
    session = make_session()
    session.get(origin.url("/z"))
    hit = session.get(origin.url("/z"))
    assert hit.raw.read() == packed
    assert hit.size == len(packed)
    assert hit.content == b"text" * 1000


def test_the_connection_of_a_stream_returns_to_its_pool(
    origin: Origin, make_session: Sessions
) -> None:
    """With a pool that waits for connections, one that does not return stops everything."""
    session = make_session()
    adapter = HTTPAdapter(pool_connections=1, pool_maxsize=1, pool_block=True)
    session.mount("http://", adapter)
    for number in range(3):
        with session.get(origin.url(f"/bytes/30000?{number}"), stream=True) as response:
            next(response.iter_content(10))
        with session.get(origin.url(f"/gzip?{number}"), stream=True) as response:
            assert response.content
    assert origin.count() == 6


def test_a_hit_can_be_streamed(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    plain = session.get(origin.url("/gzip")).content
    with session.get(origin.url("/gzip"), stream=True) as response:
        assert response.from_cache
        assert b"".join(response.iter_content(7)) == plain
    with session.get(origin.url("/gzip"), stream=True) as response:
        assert response.raw.read(10, decode_content=True) == plain[:10]


class Double(BaseAdapter):
    """An adapter without a network, as test doubles for requests are."""

    def __init__(self, make_raw: Callable[[], object]) -> None:
        super().__init__()
        self.make_raw = make_raw

    def send(self, request: requests.PreparedRequest, **kwargs: object) -> requests.Response:  # type: ignore[override]  # a double
        response = requests.Response()
        response.status_code = 200
        response.request = request
        response.url = request.url or ""
        response.raw = self.make_raw()
        if response.raw is None:
            response._content = b"double"
        return response

    def close(self) -> None:
        """Hold nothing."""


class Raw:
    """A body that is no response of urllib3's."""

    def __init__(self) -> None:
        self.pieces = iter([b"dou", b"ble", b""])

    def read(self, amount: int) -> bytes:
        return next(self.pieces)

    def close(self) -> None:
        """Hold nothing."""


@pytest.mark.parametrize("make_raw", [lambda: None, Raw])
@pytest.mark.parametrize("stream", [False, True])
def test_responses_of_other_adapters_are_cached(
    make_raw: Callable[[], object], stream: bool, make_session: Sessions
) -> None:
    session = make_session()
    session.mount("double://", Double(make_raw))
    assert session.get("double://x/", stream=stream).content == b"double"
    response = session.get("double://x/")
    assert response.content == b"double"
    # A body that no urllib3 reads cannot be watched while the caller reads it.
    assert response.from_cache or (stream and make_raw is Raw)
