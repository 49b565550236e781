"""Damaged and made-up bytes are a miss: no exception, no code run, no memory to speak of.

`REQUESTS_CACHE_FUZZ=100000` mutates so many records of each format; the default is for every day.
"""

from __future__ import annotations

import os
import random
import struct
import tracemalloc
import zlib
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests import PreparedRequest, Response
from requests.adapters import BaseAdapter
from requests_cache import CachedSession
from requests_cache._store.entry import Entry
from requests_cache.backends.base import BaseCache
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import Serializer, init_serializer

COUNT = int(os.environ.get("REQUESTS_CACHE_FUZZ", "300"))
SEED = 20260701
# A compressed value may be 200 times as large as stored; JSON takes some 60 times its text.
MOST_TIMES = 400
MOST_AT_LEAST = 1024 * 1024
URL = "http://origin.test/path?q=1"

Pair = tuple[bytes, bytes]


def mutate(rng: random.Random, pairs: list[Pair]) -> Pair:
    """Give a stored value that was damaged in one of many ways."""
    head, body = rng.choice(pairs)
    if body and rng.random() < 0.3:
        return head, _damage(rng, body, [other for _, other in pairs])
    return _damage(rng, head, [other for other, _ in pairs]), body


def _damage(rng: random.Random, data: bytes, others: list[bytes]) -> bytes:
    changed = bytearray(data)
    at = rng.randrange(len(data) + 1)
    match rng.randrange(8):
        case 0:
            for _ in range(rng.randint(1, 8)):
                changed[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
        case 1:
            del changed[at:]
        case 2:
            other = rng.choice(others)
            changed[at:] = other[rng.randrange(len(other) + 1) :]
        case 3:
            changed[3:4] = bytes((rng.randrange(256),))
        case 4:
            width = rng.choice((2, 4, 8))
            changed[at : at + width] = rng.choice((b"\xff", b"\x7f", b"\x00")) * width
        case 5:
            changed[at:at] = changed[at : at + rng.randrange(1, 64)] * rng.randrange(1, 4)
        case 6:
            changed[at:] = rng.randbytes(rng.randrange(64))
        case _:
            changed[at:at] = zlib.compress(bytes(100_000))
    return bytes(changed)


@pytest.fixture
def cache(serializer: Serializer) -> BaseCache:
    return BaseCache(serializer=serializer)


def test_mutated_record_is_a_miss(cache: BaseCache, samples: list[CachedResponse]) -> None:
    rng = random.Random(SEED)
    pairs = [cache.serializer.encode(sample) for sample in samples]
    for _ in range(COUNT):
        head, body = mutate(rng, pairs)
        cache.responses.write("key", Entry(head, body))
        found = _bounded(lambda: cache.get_response("key"), len(head) + len(body))
        assert found is None or _is_one_of(found, samples)
    _assert_usable(cache, samples[0])


def test_mutated_redirect_is_a_miss(cache: BaseCache, samples: list[CachedResponse]) -> None:
    rng = random.Random(SEED)
    pairs: list[Pair] = []
    for number, sample in enumerate(samples):
        cache.write_response(f"target {number}", sample)
        cache.write_redirect("alias", f"target {number}", sample.record.fields.get("history"))
        entry = cache.redirects.read("alias")
        assert entry is not None
        pairs.append((entry.head, entry.body))
    for _ in range(COUNT // 10):
        cache.redirects.write("alias", Entry(*mutate(rng, pairs)))
        found = cache.get_response("alias")
        assert found is None or found.content in [sample.content for sample in samples]
    _assert_usable(cache, samples[0])


def test_session_answers_whatever_is_stored(
    serializer: Serializer, samples: list[CachedResponse], make_response: Callable[..., Response]
) -> None:
    rng = random.Random(SEED)
    pairs = [serializer.encode(sample) for sample in samples]
    contents = {b"fresh", *(sample.content for sample in samples)}
    with CachedSession(backend="memory", serializer=serializer) as session:
        session.mount("http://", _Answering(lambda: make_response(b"fresh")))
        session.get(URL)
        (key,) = session.cache.responses
        for _ in range(COUNT // 10):
            session.cache.responses.write(key, Entry(*mutate(rng, pairs)))
            assert session.get(URL).content in contents
        last: Any = session.get(URL)
        assert last.from_cache
        assert session.cache.stats.bypassed == 0


@pytest.mark.parametrize("name", ["default", "json", "yaml", "bson"])
def test_forged_record_is_a_miss_or_gives_every_attribute(
    name: str, samples: list[CachedResponse]
) -> None:
    """The checksum of a forged record is right, so the parser has to deal with what is in it."""
    rng = random.Random(SEED)
    cache = BaseCache(serializer=name)
    pairs = [cache.serializer.encode(sample) for sample in samples]
    for _ in range(COUNT):
        head, body = SEALERS[name](*mutate(rng, pairs))
        cache.responses.write("key", Entry(head, body))
        found = _bounded(lambda: cache.get_response("key"), len(head) + len(body))
        if found is not None:
            _read_everything(found)
    _assert_usable(cache, samples[0])


@pytest.mark.parametrize(
    "text",
    [
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b'{"a": ' + b"9" * 10_000 + b"}",
        b"{}",
        b"[]",
        b"null",
        b'{"url": 1}',
        b"a: &a [x,x,x,x,x,x,x,x,x]\nb: &b [*a,*a,*a,*a,*a,*a,*a,*a]\nc: [*b,*b,*b,*b,*b,*b]",
        b"!!python/object/apply:os.system ['false']",
        b"a: !!python/name:os.system x",
        b"\xff\xfe\x00",
        b"- " * 50_000,
        b"? " * 50_000,
    ],
    ids=range(13),
)
@pytest.mark.parametrize("name", ["default", "json", "yaml"])
def test_text_that_no_serializer_writes_is_a_miss(name: str, text: bytes) -> None:
    cache = BaseCache(serializer=name)
    prefix = {
        "default": b"RQC\x01" + bytes(40),
        "json": b'{"format": "requests-cache/json", "version": 1, "x":',
        "yaml": b"format: requests-cache/yaml\nversion: 1\nx:\n  ",
    }
    for head in (text, prefix[name] + text, *(SEALERS[name](prefix[name] + text, b"")[:1])):
        cache.responses.write("key", Entry(head, b""))
        assert _bounded(lambda: cache.get_response("key"), len(head)) is None


def _seal_default(head: bytes, body: bytes) -> Pair:
    fixed = head[:36].ljust(36, b"\0")
    fixed = fixed[:24] + struct.pack("<QI", len(body), zlib.crc32(body))
    fixed = b"RQC\x01" + fixed[4:]
    return fixed + struct.pack("<I", zlib.crc32(head[40:], zlib.crc32(fixed))) + head[40:], body


def _seal_bson(head: bytes, body: bytes) -> Pair:
    return b"RQD\x01" + struct.pack("<I", zlib.crc32(head[8:])) + head[8:], body


def _seal_json(head: bytes, body: bytes) -> Pair:
    start, mark, rest = head.partition(b'", "version": 1, "crc32": "')
    return (head if not mark else start + b'", "version": 1,' + rest[10:]), body


def _seal_yaml(head: bytes, body: bytes) -> Pair:
    start, mark, rest = head.partition(b'crc32: "')
    return (head if not mark else start + rest[10:]), body


SEALERS: dict[str, Callable[[bytes, bytes], Pair]] = {
    "bson": _seal_bson,
    "default": _seal_default,
    "json": _seal_json,
    "yaml": _seal_yaml,
}


class _Answering(BaseAdapter):
    """Answers without a network; a hundred thousand requests need no server."""

    def __init__(self, answer: Callable[[], Response]) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: PreparedRequest, *args: Any, **kwargs: Any) -> Response:
        response = self._answer()
        response.request = request
        response.url = request.url or ""
        return response

    def close(self) -> None:
        """There is nothing to close."""


@pytest.fixture(scope="module", autouse=True)
def traced() -> Iterator[None]:
    tracemalloc.start()
    yield
    tracemalloc.stop()


def _bounded(action: Callable[[], Any], size: int) -> Any:
    """Run an action that reads so many bytes, and see how much memory it takes."""
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    found = action()
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before <= MOST_AT_LEAST + MOST_TIMES * size
    return found


def _is_one_of(found: CachedResponse, samples: list[CachedResponse]) -> bool:
    described = _describe(found)
    return any(_describe(sample) == described for sample in samples)


def _describe(response: Any) -> tuple[Any, ...]:
    return (
        response.status_code,
        response.content,
        response.created_at,
        response.expires,
        list(response.headers.items()),
        response.url,
        response.reason,
        [hop.url for hop in response.history],
        response.request.body,
    )


def _read_everything(response: CachedResponse) -> None:
    for each in (response, *response.history):
        _describe(each)
        str(each.elapsed)
        list(each.cookies)
        each.raw.headers.items()
        assert each.encoding is None or isinstance(each.encoding, str)


def _assert_usable(cache: BaseCache, sample: CachedResponse) -> None:
    cache.write_response("after", sample)
    found = cache.get_response("after")
    assert found.content == sample.content
    assert init_serializer(cache.serializer) is cache.serializer
