"""Records that are damaged, forged or very many."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from zlib import crc32

import pytest
from requests_cache import BaseCache, CachedResponse, CachedSession
from requests_cache._memos import Memo
from requests_cache.errors import RecordError
from requests_cache.models import record as records
from requests_cache.models import shape
from requests_cache.models.record import Record, parse_text
from requests_cache.testing.origin import Origin

Sessions = Callable[..., CachedSession]
URL = "http://site.test/"
FIELDS: Any = {
    "url": URL,
    "reason": "OK",
    "encoding": None,
    "elapsed": 0.1,
    "headers": [["A", "b"]],
    "request": {"method": "GET", "url": URL, "headers": []},
}


def forged(text: bytes) -> bytes:
    """Give the head of a record with any text, and the right checksum."""
    head, _ = Record(200, 1000.0, None, {}, b"").dump()
    fixed = head[: records._HEAD.size]
    return fixed + crc32(text, crc32(fixed)).to_bytes(4, "little") + text


@pytest.mark.parametrize("text", [b'{"url":"no end', b'{"url":7}', b'{"other":1}', b"[]", b"{"])
def test_a_record_without_a_url_is_unreadable_in_spite_of_its_checksum(text: bytes) -> None:
    with pytest.raises(RecordError):
        _ = Record.load(forged(text), None).url


def test_a_record_without_a_url_is_left_out_of_lists() -> None:
    cache = BaseCache()
    response = CachedResponse.from_record(Record(200, 1000.0, None, FIELDS, b""))
    cache.write_response("good", response)
    entry = cache.responses.read("good")
    assert entry is not None
    cache.responses.write("bad", entry._replace(head=forged(b'{"url":"no end')))
    assert list(cache.urls) == [URL]
    assert cache.stats.invalid == 1


def test_a_head_that_was_checked_takes_its_body_and_no_other() -> None:
    record = Record(200, 1000.0, 2000.0, FIELDS, b"body", 3)
    head = Record.load(record.dump()[0], None)
    whole = head.with_body(b"body")
    assert whole.dump() == record.dump()
    assert (whole.body, whole.fields, whole.url) == (b"body", FIELDS, URL)
    for damaged in (b"bode", b"bod", b""):
        with pytest.raises(RecordError, match="body"):
            head.with_body(damaged)


def test_a_text_that_is_no_object_is_refused() -> None:
    with pytest.raises(RecordError, match="not a JSON object"):
        parse_text(b"[1]")


@pytest.mark.parametrize(
    "change",
    [
        {"headers": [["A", 1]]},
        {"headers": [[None, "b"]]},
        {"headers": 7},
        {"url": 7},
        {"url": "http://[::1/"},
        {"url": "http://a\u2100b/"},
        {"reason": b"OK".hex},
        {"elapsed": 1e300},
        {"request": {"method": 7, "url": URL, "headers": []}},
        {"request": {"method": "GET", "url": URL, "headers": [], "body": 7}},
        {"vary": [["a", 7]]},
        {"cookies": {}},
        {"siblings": ["\ud800"]},
        {"history": [FIELDS]},
        {"history": [{**FIELDS, "status": 302, "body": "", "history": [7]}]},
    ],
)
def test_fields_of_the_wrong_kind_are_refused(change: dict[str, Any]) -> None:
    shape.check_fields(FIELDS)
    with pytest.raises(RecordError, match="record"):
        shape.check_fields({**FIELDS, **change})


@pytest.mark.parametrize("size", [10, 20_000])
def test_a_body_with_one_wrong_byte_is_noticed(size: int) -> None:
    """A large one is looked at when it is read for the first time."""
    head, body = Record(200, 2000.0, None, FIELDS, bytes(size)).dump()
    with pytest.raises(RecordError, match="body is damaged"):
        Record.load(head, body[:-1] + b"!")
    assert Record.load(head, body).body == body


def test_what_is_remembered_of_checked_records_is_bounded(
    origin: Origin, make_session: Sessions, monkeypatch: pytest.MonkeyPatch
) -> None:
    bodies: Memo[Any, None] = Memo(2)
    shapes: Memo[Any, None] = Memo(2)
    monkeypatch.setattr(records, "_checked_bodies", bodies)
    monkeypatch.setattr(shape, "_checked", shapes)
    session = make_session()
    for size in range(20_000, 20_005):
        for _ in range(2):
            response = session.get(origin.url(f"/bytes/{size}"))
        assert response.from_cache
        assert len(bodies) <= 2
        assert len(shapes) <= 2
    assert bodies
    assert shapes
