"""Structured fields (RFC 9651)."""

from __future__ import annotations

import pytest
from requests_cache.policy.structured import Item, Token, parse_dictionary, parse_list, write_bare


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("42", 42),
        ("-42", -42),
        ("4.5", 4.5),
        ("-0.125", -0.125),
        ('"a\\"b\\\\"', 'a"b\\'),
        ("a/b:c", Token("a/b:c")),
        ("*", Token("*")),
        ("?1", True),
        ("?0", False),
        (":aGk=:", b"hi"),
        ('( "a"  b;p )', (Item("a", {}), Item(Token("b"), {"p": True}))),
        ("()", ()),
    ],
)
def test_every_kind_of_value_is_read(text: str, value: object) -> None:
    assert parse_list(text) == [Item(value, {})]  # type: ignore[arg-type]  # any kind


@pytest.mark.parametrize(
    "text",
    [
        *("a b", "a,", ",a", "a,,b", '"a', '"\\x"', '"é"', "é", "1.", "1.2345", "1234567890123456"),
        *("-", "--1", "?2", "?", ":a", ":!:", ":a:", "(a", '("a""b")', "(a,b)", "a;", "a;1"),
        *("a; =1", "1a"),
    ],
)
def test_malformed_list_is_none(text: str) -> None:
    assert parse_list(text) is None


def test_parameters_belong_to_their_item() -> None:
    items = parse_list("a;x=1; y, b;x;x=2")
    assert items == [
        Item(Token("a"), {"x": 1, "y": True}),
        Item(Token("b"), {"x": 2}),
    ]


def test_empty_field_is_an_empty_list() -> None:
    assert parse_list("  ") == []
    assert parse_dictionary("") == {}


def test_dictionary_keeps_the_last_of_equal_keys() -> None:
    found = parse_dictionary("a=1, b;p=2 ,\tc=(x), a=3")
    assert found is not None
    assert list(found) == ["b", "c", "a"]
    assert found["b"] == Item(True, {"p": 2})
    assert found["a"].value == 3


@pytest.mark.parametrize("text", ["A=1", "a=", "a=1,", "a=1 b=2", "1=a"])
def test_malformed_dictionary_is_none(text: str) -> None:
    assert parse_dictionary(text) is None


def test_booleans_are_written_with_a_question_mark() -> None:
    assert [write_bare(value) for value in (True, False, 5, Token("a"), "b")] == [
        "?1", "?0", "5", "a", '"b"',
    ]  # fmt: skip
