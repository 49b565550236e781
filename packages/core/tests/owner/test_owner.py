"""The owner of a response, as it is made of words and cookies; whole sessions are in the matrix."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import pytest
from requests_cache._matching import owner
from requests_cache._matching.owner import Asker, SentCookie, Word, word_of

EVENT: Word = ("event", "1")
ANN: Word = word_of("field authorization", "ann")
BOB: Word = word_of("field authorization", "bob")
KEY: Word = word_of("query key", "k")
SECRET = ("field authorization", "ann")


def came(name: str = "sid", value: str = "v", *words: Word) -> SentCookie:
    """Give a cookie that came with a response."""
    return SentCookie(name, value, is_program=False, words=words)


def shown(name: str, value: str, *words: Word) -> tuple[str, str, str, list[Word]]:
    """Give what an owner has of a cookie."""
    return (name, "", digest(value), list(words))


def digest(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]


@pytest.mark.parametrize("value", ["ann", "é", "\udc80"])
def test_a_word_is_a_place_and_a_digest(value: str) -> None:
    assert word_of("place", value) == ("place", digest(value))


def test_an_event_is_another_each_time_and_a_word_is_none() -> None:
    one, other = owner.new_event(), owner.new_event()
    assert one != other
    assert [len(bytes.fromhex(value)) for _, value in (one, other)] == [8, 8]
    assert owner.is_event(one)
    assert not owner.is_event(ANN)


def test_elsewhere_all_is_said_but_events() -> None:
    words = [("b", "2"), EVENT, ("a", "1")]
    assert owner.said_elsewhere("c.test", words) == [("c.test a", "1"), ("c.test b", "2")]


@pytest.mark.parametrize(
    ("name", "counts", "is_asked_for"),
    [
        ("sid", True, True),
        ("AWSALB", False, False),
        ("csrftoken", False, True),
        ("Theme", False, False),
    ],
)
def test_a_name_says_whether_a_cookie_counts(name: str, counts: bool, is_asked_for: bool) -> None:
    assert owner.could_count(name, {"theme"}) is counts
    assert owner.is_asked_for(name, {"theme"}) is is_asked_for
    assert owner.could_count("Theme")
    assert owner.is_asked_for("Theme")


@pytest.mark.parametrize(
    ("cookie", "counts"),
    [
        (came("sid", "v", ANN), True),
        (came("sid", "v", ANN, KEY), True),
        (came("sid", "v", KEY), False),
        (came("sid", "v"), False),
        (came("AWSALB", "v", ANN), False),
        (came("Theme", "v", ANN), False),
        (SentCookie("sid", "v", words=(ANN,)), False),
    ],
)
def test_a_cookie_counts_unless_all_is_said_again(cookie: SentCookie, counts: bool) -> None:
    assert owner.counting([cookie], frozenset({KEY}), {"theme"}) == [cookie] * counts
    assert owner.words_said([], Asker(cookies=(cookie,))) == frozenset(
        {word_of("cookie sid", "v")} if cookie.is_program else ()
    )


def test_a_request_says_its_secrets_and_what_the_program_set_and_what_else_is_known() -> None:
    cookies = (SentCookie("a", "1"), SentCookie("Theme", "2"), came("b", "3"))
    asker = Asker(said=frozenset({KEY}), cookies=cookies)
    assert owner.words_said([SECRET], asker, {"theme"}) == {ANN, KEY, word_of("cookie a", "1")}
    assert word_of("cookie Theme", "2") in owner.words_said([SECRET], asker)


@pytest.mark.parametrize(
    ("secrets", "asker", "described"),
    [
        ([], owner.NOBODY, None),
        ([SECRET], owner.NOBODY, [SECRET]),
        ([], Asker(has_auth=True), None),
        ([SECRET], Asker(has_auth=True), [SECRET]),
        ([SECRET], Asker(said=frozenset({ANN})), [SECRET]),
        ([], Asker(said=frozenset({KEY, ANN})), [[], sorted((KEY, ANN)), []]),
        ([SECRET], Asker(said=frozenset({KEY})), [[SECRET], [KEY], []]),
        # Who logs in as somebody else has what was said in another place.
        (
            [SECRET],
            Asker(cookies=(came("s", "v", BOB, KEY),)),
            [[SECRET], [], [shown("s", "v", KEY)]],
        ),
        ([SECRET], Asker(cookies=(came("s", "v", ANN),)), [SECRET]),
        # An event stays, unless this is the request that it is.
        ([], Asker(cookies=(came("s", "v", EVENT),)), [[], [], [shown("s", "v", EVENT)]]),
        (
            [],
            Asker(frozenset({EVENT}), (came("s", "v", EVENT, KEY),)),
            [[], [EVENT], [shown("s", "v", KEY)]],
        ),
        # By name; those of the program are words, too.
        (
            [],
            Asker(cookies=(SentCookie("t", "1"), came("s", "v", KEY), came("r", "v"))),
            [[], [word_of("cookie t", "1")], [shown("s", "v", KEY), shown("t", "1")]],
        ),
        # What only passes by is a word of a program that sets it.
        (
            [],
            Asker(cookies=(SentCookie("AWSALB", "1"),)),
            None,
        ),
        ([], Asker(cookies=(SentCookie("Theme", "1"), came("THEME", "2", KEY))), None),
    ],
)
def test_an_owner_is_what_is_said_and_what_cookies_add(
    secrets: list[tuple[str, str]], asker: Asker, described: list[Any] | None
) -> None:
    assert owner.describe_owner(secrets, asker, {"theme"}) == described


@pytest.mark.parametrize("pick", [lambda many: many, tuple])
def test_words_come_in_the_order_in_which_they_last_travelled(pick: Callable[..., Any]) -> None:
    assert owner.merge(pick([ANN, KEY]), pick([BOB, ANN])) == (ANN, KEY, BOB)
    assert owner.merge(pick([ANN, KEY, BOB]), (), pick([KEY, ANN])) == (BOB, *sorted([KEY, ANN]))


def test_a_new_event_stands_for_those_before_it() -> None:
    later: Word = ("event", "2")
    assert owner.merge([EVENT, ANN], [], [later]) == (ANN, later)
    assert owner.merge([EVENT, ANN], [later], [KEY]) == (EVENT, ANN, later, KEY)


def test_one_event_stands_for_the_oldest_of_many_words() -> None:
    words = [(f"{number:02}", "") for number in range(64)]
    assert owner.merge(words, []) == tuple(words)
    more = [*words, ("64", "")]
    first, *others = owner.merge(more, [])
    assert owner.is_event(first)
    assert others == more[33:]
    for place, is_old in ((0, True), (32, True), (33, False), (50, False)):
        changed = [*more[:place], ("x", ""), *more[place + 1 :]]
        assert (owner.merge(changed, [])[0] != first) is is_old


def test_cookies_of_responses_select_answers_by_name_or_unless_they_pass_by() -> None:
    cookies = [SentCookie("own", "0"), came("sid", "2"), came("AWSALB", "1"), came("Theme", "3")]
    assert owner.selected_values(cookies, ignored={"theme"}) == [("sid", "2")]
    assert owner.selected_values(cookies) == [("Theme", "3"), ("sid", "2")]
    named = owner.selected_values(cookies, {"sid", "AWSALB", "own"})
    assert named == [("AWSALB", "1"), ("sid", "2")]
