"""Partial content (RFC 9110, section 14; RFC 9111, sections 3.3 and 3.4), seen from outside."""

from __future__ import annotations

import gzip

import pytest
from requests_cache.testing.origin import Answer, Request
from world import World

FRESH = "Cache-Control: max-age=100"
BODY = b"0123456789"


@pytest.fixture
def whole(world: World) -> World:
    """Give a world that has stored ten octets."""
    world.says(FRESH, 'ETag: "a"', "Content-Type: text/plain", body=BODY)
    world.get()
    return world


@pytest.fixture
def parts(world: World) -> World:
    """Give a world whose origin answers ranges, and which has stored nothing yet."""

    def answer(request: Request) -> Answer:
        fields: tuple[tuple[str, str], ...] = (("Cache-Control", "max-age=100"), ("ETag", '"a"'))
        fields += (("Date", world.date()), ("No-Vary-Search", "params"))
        asked = request.headers.get("range")
        if asked is None:
            return Answer(BODY, fields)
        first, _, last = asked.removeprefix("bytes=").partition("-")
        end = int(last) if last else 9
        span = ("Content-Range", f"bytes {first}-{end}/10")
        return Answer(BODY[int(first) : end + 1], (*fields, span), 206)

    world.answers(answer)
    return world


@pytest.mark.parametrize(
    ("asked", "body", "span"),
    [
        ("0-3", b"0123", "0-3"),
        ("4-4", b"4", "4-4"),
        ("6-", b"6789", "6-9"),
        ("-3", b"789", "7-9"),
        ("-99", BODY, "0-9"),
        ("8-99", b"89", "8-9"),
    ],
)
def test_range_is_cut_from_a_complete_response(
    whole: World, asked: str, body: bytes, span: str
) -> None:
    response = whole.get(f"Range: bytes={asked}")
    assert response.from_cache
    assert (response.status_code, response.reason) == (206, "Partial Content")
    assert response.content == body
    assert response.headers["Content-Range"] == f"bytes {span}/10"
    assert response.headers["Content-Length"] == str(len(body))
    assert response.raw.read() == body
    assert whole.get().content == BODY


def test_range_is_cut_from_a_streamed_response(whole: World) -> None:
    response = whole.get("Range: bytes=2-5", stream=True)
    assert b"".join(response.iter_content(2)) == b"2345"


@pytest.mark.parametrize("second", ["4-6", "4-", "7-9", "2-6"])
def test_a_range_that_completes_a_stored_one_is_read_through_raw(parts: World, second: str) -> None:
    for asked in ("0-3", second):
        response = parts.get(f"Range: bytes={asked}", stream=True)
        first, _, last = asked.partition("-")
        expected = BODY[int(first) : int(last or 9) + 1]
        assert response.raw.read(1) + response.raw.read() == expected


def test_several_ranges_are_parts_of_one_body(whole: World) -> None:
    response = whole.get("Range: bytes=0-1, 8-9")
    assert response.from_cache
    assert response.status_code == 206
    kind, _, boundary = response.headers["Content-Type"].partition("; boundary=")
    assert kind == "multipart/byteranges"
    _, first, second, end = response.content.split(f"--{boundary}".encode())
    assert b"Content-Range: bytes 0-1/10\r\nContent-Type: text/plain\r\n\r\n01" in first
    assert b"Content-Range: bytes 8-9/10\r\nContent-Type: text/plain\r\n\r\n89" in second
    assert end == b"--\r\n"
    assert len(response.content) == int(response.headers["Content-Length"])


def test_range_outside_is_416_with_the_length(whole: World) -> None:
    response = whole.get("Range: bytes=10-")
    assert response.from_cache
    assert (response.status_code, response.content) == (416, b"")
    assert response.headers["Content-Range"] == "bytes */10"


@pytest.mark.parametrize("asked", ["bytes=5-2", "lines=1-2", "bytes", "bytes=0-5,3-8"])
def test_range_that_is_not_ours_is_forwarded(whole: World, asked: str) -> None:
    response = whole.get(f"Range: {asked}")
    assert not response.from_cache
    assert whole.asked.headers["range"] == asked


def test_if_range_that_matches_gets_the_part(whole: World) -> None:
    assert whole.get("Range: bytes=0-3", 'If-Range: "a"').content == b"0123"


@pytest.mark.parametrize("condition", ['"b"', 'W/"a"'])
def test_if_range_that_fails_gets_the_whole(whole: World, condition: str) -> None:
    response = whole.get("Range: bytes=0-3", f"If-Range: {condition}")
    assert (response.status_code, response.content) == (200, BODY)


def test_stale_response_is_validated_before_a_range_is_cut(whole: World) -> None:
    whole.says(FRESH, 'ETag: "a"', status=304)
    response = whole.get("Range: bytes=0-3", after=100)
    assert response.revalidated
    assert (response.status_code, response.content) == (206, b"0123")
    assert whole.get().content == BODY


def test_range_of_a_coded_response_counts_coded_octets(world: World) -> None:
    coded = gzip.compress(BODY * 100, mtime=0)
    world.says(FRESH, "Content-Encoding: gzip", body=coded)
    assert world.get().content == BODY * 100
    response = world.get("Range: bytes=0-9", stream=True)
    assert response.from_cache
    assert response.raw.read(decode_content=False) == coded[:10]
    assert world.get().content == BODY * 100


def test_part_is_stored_and_answers_ranges_inside_it(parts: World) -> None:
    assert parts.get("Range: bytes=2-7").status_code == 206
    response = parts.get("Range: bytes=3-5")
    assert response.from_cache
    assert response.content == b"345"
    assert response.headers["Content-Range"] == "bytes 3-5/10"


def test_part_is_never_served_as_the_whole(parts: World) -> None:
    parts.get("Range: bytes=2-7")
    response = parts.get()
    assert (response.status_code, response.content) == (200, BODY)
    assert parts.get().from_cache


@pytest.mark.parametrize(("stored", "asked"), [("0-5", "bytes=6-"), ("4-9", "bytes=0-3")])
def test_whole_response_is_completed_from_a_part(parts: World, stored: str, asked: str) -> None:
    parts.get(f"Range: bytes={stored}")
    response = parts.get()
    assert parts.asked.headers["range"] == asked
    assert (response.status_code, response.reason, response.content) == (200, "OK", BODY)
    assert response.cache_status.fwd == "partial"
    assert response.cache_status.stored
    again = parts.get(path="/thing?other=query")
    assert again.from_cache
    assert (again.status_code, again.reason, again.content) == (200, "OK", BODY)
    assert again.headers["Content-Length"] == "10"
    assert "Content-Range" not in again.headers


def test_parts_that_touch_are_joined(parts: World) -> None:
    parts.get("Range: bytes=0-3")
    assert parts.get("Range: bytes=4-6").content == b"456"
    response = parts.get("Range: bytes=2-5")
    assert response.from_cache
    assert response.content == b"2345"
    assert parts.session.cache.response_count() == 1


def test_parts_are_joined_while_streaming(parts: World) -> None:
    parts.get("Range: bytes=0-3")
    assert parts.get("Range: bytes=4-9", stream=True).content == b"456789"
    response = parts.get(stream=True)
    assert response.from_cache
    assert response.content == BODY


def test_rest_of_another_version_is_not_joined(parts: World) -> None:
    parts.get("Range: bytes=0-5")
    parts.says(FRESH, 'ETag: "b"', body=b"changed!!!")
    response = parts.get()
    assert (response.status_code, response.content) == (200, b"changed!!!")
    assert parts.get().content == b"changed!!!"


def test_part_with_several_ranges_is_not_stored(world: World) -> None:
    world.says(FRESH, "Content-Type: multipart/byteranges; boundary=x", status=206)
    assert world.get("Range: bytes=0-1,4-5").cache_status.detail == "partial content"
    assert world.session.cache.response_count() == 0


def test_a_session_that_only_reads_joins_for_the_caller_alone(parts: World) -> None:
    parts.get("Range: bytes=0-5")
    parts.use(read_only=True)
    response = parts.get()
    assert response.content == BODY
    assert not response.cache_status.stored
    assert parts.get().cache_status.fwd == "partial"


def test_coded_part_is_not_joined_because_its_rest_could_not_be_decoded(world: World) -> None:
    coded = gzip.compress(BODY * 100, mtime=0)

    def answer(request: Request) -> Answer:
        fields = (("Cache-Control", "max-age=100"), ("ETag", '"a"'), ("Content-Encoding", "gzip"))
        if "range" not in request.headers:
            return Answer(coded, fields)
        return Answer(coded[:20], (*fields, ("Content-Range", f"bytes 0-19/{len(coded)}")), 206)

    world.answers(answer)
    part = world.get("Range: bytes=0-19", stream=True)
    assert part.raw.read(decode_content=False) == coded[:20]
    assert world.get().content == BODY * 100
    assert "range" not in world.asked.headers


def test_part_that_a_hook_has_read_is_joined(parts: World) -> None:
    read: list[bytes] = []
    hooks = {"response": lambda response, **options: read.append(response.content)}
    parts.get("Range: bytes=0-3", hooks=hooks)
    parts.get("Range: bytes=4-9", hooks=hooks)
    assert read == [b"0123", b"456789"]
    response = parts.get()
    assert response.from_cache
    assert response.content == BODY
