"""Lists, quoted strings and numbers (RFC 9110, section 5.6; RFC 9111, section 1.2.2)."""

from __future__ import annotations

import pytest
from requests_cache.policy import Headers
from requests_cache.policy.fields import (
    MAX_SECONDS,
    is_token,
    parse_seconds,
    split_list,
    unquote,
)


@pytest.mark.parametrize(
    ("value", "members"),
    [
        ("a, b", ["a", "b"]),
        (" a\t,,b , ", ["a", "b"]),
        ('a="1, 2", b', ['a="1, 2"', "b"]),
        (r'a="1\", 2", b', [r'a="1\", 2"', "b"]),
        ('b, a="1, 2', ["b", 'a="1', "2"]),
        ('"a, b"', ['"a, b"']),
        ("", []),
    ],
)
def test_list_is_split_at_commas_outside_closed_quotes(value: str, members: list[str]) -> None:
    assert split_list(value) == members


def test_quote_that_never_closes_takes_linear_time() -> None:
    """A field of 64 KB of escaped quotes is split before anyone notices."""
    assert len(split_list('"' + r"\"" * 30_000 + ",no-store")) == 2


@pytest.mark.parametrize(
    ("text", "content"), [('"a"', "a"), (r'"a\"b\\"', 'a"b\\'), ("a", "a"), ('"', '"'), ('""', "")]
)
def test_unquoting_removes_quotes_and_escapes_only(text: str, content: str) -> None:
    assert unquote(text) == content


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("0", 0),
        ("0060", 60),
        ("2147483647", 2147483647),
        ("99999999999999999999", MAX_SECONDS),
        ("9" * 5000, MAX_SECONDS),
        ("-1", None),
        ("+1", None),
        ("1.5", None),
        ("1_0", None),
        (" 1", None),
        ("\u0661", None),
        ("", None),
        (None, None),
    ],
)
def test_seconds_are_digits_and_have_a_limit(text: str | None, seconds: int | None) -> None:
    assert parse_seconds(text) == seconds


def test_token_has_no_separators() -> None:
    assert is_token("max-age")
    assert not is_token("max age")
    assert not is_token("")


def test_headers_are_found_in_any_case_with_all_their_lines() -> None:
    headers = Headers([("Vary", "a"), ("X", " y "), ("vary", "b")])
    assert headers.lines("VARY") == ["a", "b"]
    assert headers.joined("vary") == "a, b"
    assert headers.first("x") == "y"
    assert headers.first("none") is None
    assert "x" in headers
    assert list(headers) == [("Vary", "a"), ("X", " y "), ("vary", "b")]
    assert len(headers) == 3


def test_headers_are_values() -> None:
    one, same = Headers([("A", "1")]), Headers([("A", "1")])
    assert one == same
    assert hash(one) == hash(same)
    assert one != Headers([("a", "1")])
    assert one != [("A", "1")]
    assert repr(one) == "Headers([('A', '1')])"


def test_replacing_a_field_replaces_all_its_lines() -> None:
    headers = Headers([("A", "1"), ("B", "2"), ("a", "3")])
    assert headers.replaced([("A", "4")]) == Headers([("B", "2"), ("A", "4")])
    assert headers.without({"a"}) == Headers([("B", "2")])
