"""A coded body that cannot be decoded is not stored, whoever reads it and however."""

from __future__ import annotations

import gzip
import random
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import brotli  # type: ignore[import-untyped]  # it brings none
import pytest
import requests
from requests_cache.testing.origin import Answer, Origin
from urllib3 import HTTPResponse
from urllib3.exceptions import DecodeError, HTTPError

MakeSession = Callable[..., Any]
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])
BODY = random.Random(1).randbytes(5000) + b"text " * 5000
CODINGS: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "br": brotli.compress,
    "gzip, gzip": lambda body: gzip.compress(gzip.compress(body)),
    "deflate, br": lambda body: brotli.compress(zlib.compress(body)),
}


def damaged(packed: bytes) -> bytes:
    return packed[:10] + bytes(byte ^ 0x5A for byte in packed[10:40]) + packed[40:]


SPOILS: dict[str, Callable[[bytes], bytes]] = {
    "whole": lambda packed: packed,
    "damaged at its beginning": lambda packed: b"?" * 20 + packed[20:],
    "damaged": damaged,
    "damaged at its end": lambda packed: packed[:-6] + bytes(6),
    "cut": lambda packed: packed[:-9],
    "cut to a part": lambda packed: packed[:100],
    "followed by more": lambda packed: packed + b"more" * 10,
    "not coded": lambda packed: BODY,
}
READS: dict[str, Callable[[Any], object]] = {
    "content": lambda response: response.content,
    "iter_content": lambda response: list(response.iter_content(100)),
    "raw.read": lambda response: response.raw.read(decode_content=True),
    "raw as it comes": lambda response: response.raw.read(decode_content=False),
    "raw in pieces": lambda response: list(response.raw.stream(100, decode_content=False)),
    "drained": lambda response: response.raw.drain_conn(),
}


def outcome(session: Any, url: str) -> object:
    try:
        return session.get(url, timeout=20).content
    except (requests.RequestException, HTTPError) as error:
        return type(error)


@pytest.mark.parametrize(
    ("coding", "framing", "cache_control"),
    [("gzip", "length", False), ("gzip", "chunks", True)]
    + [(coding, "length", True) for coding in CODINGS if coding != "gzip"],
)
@pytest.mark.parametrize("spoil", SPOILS)
def test_what_follows_a_miss_is_what_would_be_without_a_cache(
    spoil: str,
    coding: str,
    framing: str,
    cache_control: bool,
    origin: Origin,
    make_session: MakeSession,
) -> None:
    """A hit never fails, whatever the first caller did with the body."""
    packed = SPOILS[spoil](CODINGS[coding](BODY))
    headers = (("Content-Encoding", coding), ("Cache-Control", "max-age=60"))

    def answer(request: object) -> Answer:
        return Answer(packed if framing == "length" else iter((packed[:50], packed[50:])), headers)

    session = make_session(cache_control=cache_control)
    for number, (name, read) in enumerate([*READS.items(), ("at once", None)]):
        origin.answers[f"/{number}"] = answer
        url = origin.url(f"/{number}")
        with suppress(requests.RequestException, HTTPError):
            miss = session.get(url, stream=read is not None)
            with miss:
                if read is not None:
                    read(miss)
            assert spoil != "whole" or miss.cache_status.stored, name
        plain = outcome(requests.Session(), url)
        later = outcome(session, url)
        assert later == plain, name
        assert spoil != "whole" or session.get(url).from_cache


def test_a_reason_is_given(origin: Origin, make_session: MakeSession) -> None:
    origin.answers["/bad"] = lambda request: Answer(b"no gzip", (("Content-Encoding", "gzip"),))
    with make_session().get(origin.url("/bad"), stream=True) as miss:
        miss.raw.read(decode_content=False)
    assert miss.cache_status.detail == "undecodable"


def test_a_body_is_stored_only_if_its_decoder_has_come_to_the_end(
    origin: Origin, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That of zstd says so, which not each urllib3 has; of a small body it is not asked."""

    def flush(self: object) -> bytes:
        raise DecodeError("incomplete")

    packed = gzip.compress(b"text")
    origin.answers["/cut"] = lambda request: Answer(packed, (("Content-Encoding", "gzip"),))
    monkeypatch.setattr(HTTPResponse, "_flush_decoder", flush)
    miss = make_session().get(origin.url("/cut"))
    assert (miss.content, miss.cache_status.detail) == (b"text", "undecodable")


def test_too_many_codings_are_not_stored(origin: Origin, make_session: MakeSession) -> None:
    """urllib3 refuses them when it begins to read."""
    codings = ", ".join(["gzip"] * 9)
    origin.answers["/many"] = lambda request: Answer(b"any", (("Content-Encoding", codings),))
    with make_session().get(origin.url("/many"), stream=True) as miss:
        with suppress(HTTPError):
            miss.raw.read(decode_content=False)
        assert not miss.cache_status.stored


def test_a_coding_that_urllib3_leaves_alone_is_left_alone(
    origin: Origin, make_session: MakeSession
) -> None:
    origin.answers["/own"] = lambda request: Answer(b"as it is", (("Content-Encoding", "own"),))
    session = make_session()
    assert session.get(origin.url("/own"), stream=True).content == b"as it is"
    assert session.get(origin.url("/own")).content == b"as it is"


# Old versions of urllib3 copy what is left with every piece that they hand out.
ZEROS = bytes(3_000_000)


@BOTH_RULES
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_what_compresses_well_is_stored(
    coding: str, stream: bool, cache_control: bool, origin: Origin, make_session: MakeSession
) -> None:
    """Zeros become a thousandth, as much as deflate can do."""
    packed = CODINGS[coding](ZEROS)
    headers = (("Content-Encoding", coding), ("Cache-Control", "max-age=60"))
    origin.answers["/zeros"] = lambda request: Answer(packed, headers)
    session = make_session(cache_control=cache_control)
    for is_hit in (False, True):
        response = session.get(origin.url("/zeros"), stream=stream)
        is_same = response.content == ZEROS
        assert is_same
        assert response.from_cache == is_hit


@BOTH_RULES
@pytest.mark.parametrize("read", ["content", "raw as it comes", "at once"])
@pytest.mark.parametrize("coding", ["br", "gzip, gzip", "deflate, br"])
def test_what_becomes_many_thousand_times_as_large_passes_through(
    coding: str, read: str, cache_control: bool, origin: Origin, make_session: MakeSession
) -> None:
    """The caller gets what he would get without a cache."""
    packed = CODINGS[coding](ZEROS)
    headers = (("Content-Encoding", coding), ("Cache-Control", "max-age=60"))
    origin.answers["/zeros"] = lambda request: Answer(packed, headers)
    session = make_session(cache_control=cache_control)
    response = session.get(origin.url("/zeros"), stream=read != "at once")
    found = READS.get(read, READS["content"])(response)
    assert found == (packed if read.startswith("raw") else ZEROS)
    assert response.cache_status.detail == "decodes-too-large"
    assert session.cache.response_count() == 0


def test_decoding_on_the_side_takes_little_memory(
    origin: Origin, make_session: MakeSession
) -> None:
    packed = gzip.compress(bytes(20_000_000))
    origin.answers["/zeros"] = lambda request: Answer(packed, (("Content-Encoding", "gzip"),))
    session = make_session()
    response = session.get(origin.url("/zeros"), stream=True)
    tracemalloc.start()
    try:
        response.raw.read(decode_content=False)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert response.cache_status.stored
    # Before urllib3 2.6 more comes out at a time.
    assert peak < 4_000_000
