"""A request's body taken apart by its media type: pure."""

from __future__ import annotations

import pytest
from requests_cache._matching.bodies import (
    FormBody,
    JsonBody,
    MultipartBody,
    Pairs,
    RawBody,
    StreamBody,
    parse_body,
)

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize("body", [None, b"", ""])
def test_there_may_be_no_body(body: object) -> None:
    assert parse_body(body, FORM) is None


def test_a_form_keeps_blank_values_and_their_order() -> None:
    assert parse_body("b=&a=1&b=2", FORM) == FormBody([("b", ""), ("a", "1"), ("b", "2")])


@pytest.mark.parametrize("body", [b"no equals sign", b"a=\xe9", b"&&"])
def test_what_is_no_form_in_spite_of_its_type_is_bytes(body: bytes) -> None:
    assert parse_body(body, FORM) == RawBody(body)


def test_json_keeps_duplicate_members_and_numbers_as_they_are_written() -> None:
    parsed = parse_body(b'{"a": 1.0, "a": NaN, "b": [true]}', "application/json; charset=utf-8")
    assert parsed == JsonBody(Pairs([("a", "1.0"), ("a", "NaN"), ("b", [True])]))


@pytest.mark.parametrize("body", [b"{", b"\xff\xff", b"[" * 200_000])
def test_what_is_no_json_in_spite_of_its_type_is_bytes(body: bytes) -> None:
    assert parse_body(body, "application/problem+json") == RawBody(body)


def test_multipart_is_split_at_its_boundary() -> None:
    parsed = parse_body(b"--x\r\none\r\n--x\r\ntwo\r\n--x--", 'multipart/mixed; boundary="x"')
    assert parsed == MultipartBody([b"", b"\r\none\r\n", b"\r\ntwo\r\n", b"--"], b"--x")


def test_multipart_without_a_boundary_is_bytes() -> None:
    assert parse_body(b"data", "multipart/mixed") == RawBody(b"data")


@pytest.mark.parametrize("content_type", [None, "", "text/plain"])
def test_any_other_body_is_bytes(content_type: str | None) -> None:
    assert parse_body(bytearray(b"{}"), content_type) == RawBody(b"{}")


def test_a_body_of_more_than_4_mb_is_bytes_whatever_its_type() -> None:
    body = b'"' + b"x" * 4 * 1024 * 1024 + b'"'
    assert parse_body(body, "application/json") == RawBody(body)


def test_what_is_neither_text_nor_bytes_is_a_stream() -> None:
    source = iter([b"a"])
    assert parse_body(source, FORM) == StreamBody(source)


def test_json_that_is_too_deep_is_compared_as_it_is() -> None:
    deep = b"[" * 600 + b"]" * 600
    assert parse_body(deep, "application/json") == RawBody(deep)
