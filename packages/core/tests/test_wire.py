"""A body that is watched is read exactly as it would be without a cache."""

from __future__ import annotations

import gzip
from collections.abc import Callable, Iterator
from queue import Queue
from typing import Any

import pytest
import requests
from requests.adapters import HTTPAdapter
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

Sessions = Callable[..., CachedSession]
BODY = bytes(range(256)) * 1000
BROKEN_OFF = r"IncompleteRead|ended prematurely|InvalidChunkLength"
PACKED = gzip.compress(BODY, mtime=0)


def read_in_ones(response: requests.Response) -> bytes:
    return b"".join(iter(lambda: response.raw.read1(5000), b""))


WAYS: dict[str, Callable[[requests.Response], bytes]] = {
    "content": lambda response: response.content,
    "iter_content": lambda response: b"".join(response.iter_content(1000)),
    "iter_content(None)": lambda response: b"".join(response.iter_content(None)),
    "raw.read": lambda response: response.raw.read(),
    "raw.data": lambda response: response.raw.data,
    "raw": lambda response: b"".join(response.raw),
}
if "read1" in vars(HTTPResponse):  # since urllib3 2.1
    WAYS["raw.read1"] = read_in_ones


def pieces(*more: bytes) -> Iterator[bytes]:
    yield BODY[:100_000]
    yield BODY[100_000:]
    yield from more


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("framing", ["length", "chunks", "packed"])
def test_whatever_reads_a_body_to_its_end_has_it_stored(
    way: str, framing: str, origin: Origin, make_session: Sessions
) -> None:
    origin.answers |= {
        "/length": lambda request: Answer(BODY),
        "/chunks": lambda request: Answer(pieces()),
        "/packed": lambda request: Answer(PACKED, (("Content-Encoding", "gzip"),)),
    }
    session = make_session()
    with requests.get(origin.url(f"/{framing}"), stream=True, timeout=10) as plain:
        expected = WAYS[way](plain)
    with session.get(origin.url(f"/{framing}"), stream=True) as miss:
        same = WAYS[way](miss) == expected
        assert same
        assert miss.cache_status.stored
    assert session.get(origin.url(f"/{framing}")).content == BODY


@pytest.mark.parametrize("amount", [None, 1_000_000])
def test_chunks_come_as_the_origin_sends_them(
    amount: int | None, origin: Origin, make_session: Sessions
) -> None:
    """The caller has the first chunk while the origin still waits with the second."""
    seen: Queue[bytes] = Queue()

    def wait_between() -> Iterator[bytes]:
        yield b"first"
        yield b"second after " + seen.get(timeout=10)

    origin.answers["/slow"] = lambda request: Answer(wait_between())
    session = make_session()
    with session.get(origin.url("/slow"), stream=True) as response:
        for piece in response.iter_content(amount):
            seen.put(piece)
    assert session.get(origin.url("/slow")).content == b"firstsecond after first"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("framing", ["length", "chunks"])
def test_a_body_that_is_too_short_is_not_stored(
    way: str,
    framing: str,
    origin: Origin,
    make_session: Sessions,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """`Content-Length` announces more, or the last chunk is missing."""

    def break_off() -> Iterator[bytes]:
        yield from pieces()
        raise ConnectionAbortedError

    origin.answers |= {
        "/length": lambda request: Answer(BODY, length=len(BODY) + 1),
        "/chunks": lambda request: Answer(break_off()),
    }
    session = make_session()
    with (
        session.get(origin.url(f"/{framing}"), stream=True) as response,
        pytest.raises((HTTPError, requests.RequestException), match=BROKEN_OFF),
    ):
        WAYS[way](response)
    assert session.cache.response_count() == 0


def test_a_body_that_is_too_long_is_cut_as_it_is_without_a_cache(
    origin: Origin, make_session: Sessions
) -> None:
    """RFC 9112, section 6.3: the message ends where `Content-Length` says."""
    origin.answers["/long"] = lambda request: Answer(BODY, length=1000)
    session = make_session()
    for _ in range(2):
        with session.get(origin.url("/long"), stream=True) as response:
            assert b"".join(response.iter_content(300)) == BODY[:1000]
    assert response.from_cache


def test_mixed_ways_of_reading_chunks_store_nothing_wrong(
    origin: Origin, make_session: Sessions
) -> None:
    """urllib3 loses its place between chunks then; what it reads may be anything."""
    misleading = b"3\r\nabc\r\n0\r\n\r\n"
    origin.answers["/chunks"] = lambda request: Answer(iter((b"12345" + misleading,)))
    session = make_session()
    with session.get(origin.url("/chunks"), stream=True) as response:
        assert response.raw.read(5) == b"12345"
        assert list(response.raw.stream(100)) == [b"abc"]
    assert session.cache.response_count() == 0


def test_reading_on_after_the_end_gives_nothing(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    with session.get(origin.url("/bytes/300"), stream=True) as response:
        assert len(response.raw.read(300)) == 300
        assert response.raw.read(10) == b""
        assert response.raw.read(0) == b""
    assert session.cache.response_count() == 1


class Shouting(HTTPResponse):
    """A response of somebody's own class."""

    def read(self, *args: Any, **kwargs: Any) -> bytes:
        return super().read(*args, **kwargs).upper()


class ShoutingAdapter(HTTPAdapter):
    def send(self, *args: Any, **kwargs: Any) -> requests.Response:
        response = super().send(*args, **kwargs)
        response.raw.__class__ = Shouting
        return response


def test_a_class_of_somebodys_own_keeps_what_it_does(
    origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/text"] = lambda request: Answer(b"text")
    session = make_session()
    session.mount("http://", ShoutingAdapter())
    with session.get(origin.url("/text"), stream=True) as response:
        assert isinstance(response.raw, Shouting)
        assert response.content == b"TEXT"
    assert session.get(origin.url("/text")).content == b"text"
