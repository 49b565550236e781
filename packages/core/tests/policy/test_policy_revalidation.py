"""What is expected of a validation is what would be decided of it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product

import pytest
from requests_cache.policy import (
    Fetch,
    Freshen,
    Headers,
    RequestHead,
    ResponseHead,
    Rules,
    StoredHead,
    after_response,
    decide,
    expires_at,
    variant,
)
from requests_cache.policy.fields import Field, format_date
from requests_cache.policy.http import Http

NOW = 1_700_000_000.0
URL = "https://example.org/thing"
USUAL = (("ETag", '"a"'), ("Cache-Control", "max-age=0"))
STORED: dict[str, tuple[Field, ...]] = {
    "usual": USUAL,
    "dated": (("Last-Modified", "Mon, 13 Nov 2023 22:13:20 GMT"), ("Expires", "0")),
    "both": (*USUAL, ("Last-Modified", "Mon, 13 Nov 2023 22:13:20 GMT")),
    "of this second": (
        ("Last-Modified", "Tue, 14 Nov 2023 22:13:20 GMT"),
        ("Cache-Control", "max-age=0"),
    ),
    "weak": (("ETag", 'W/"a"'), ("Cache-Control", "max-age=1"), ("Vary", "Accept")),
    "broken tag": (("ETag", "a b"), ("Last-Modified", "Mon, 13 Nov 2023 22:13:20 GMT")),
    "always asked": (("ETag", '"a"'), ("Cache-Control", "no-cache, max-age=60"), ("Vary", "X-A")),
    "stale meanwhile": (("ETag", '"a"'), ("Cache-Control", "max-age=0, stale-while-revalidate=9")),
}
# What one 304 says beside the tag, and the others do not.
SAID: list[Field] = [
    *(("ETag", tag) for tag in ('W/"a"', '"b"', "a b")),
    *(("Last-Modified", f"{day} Nov 2023 22:13:20 GMT") for day in ("Mon, 13", "Sun, 12")),
    *(("Cache-Control", said) for said in ("max-age=0", "max-age=60", "no-store", "no-cache")),
    *(
        ("Cache-Control", said)
        for said in ("max-age=0, stale-while-revalidate=9", "must-understand")
    ),
    *(("Expires", said) for said in ("0", "Tue, 14 Nov 2023 23:13:20 GMT")),
    *(("Vary", said) for said in ("Accept", "X-A", "*")),
    *(("Age", said) for said in ("5", "soon")),
    *(("Connection", said) for said in ("close", "ETag, X-B")),
    ("Date", "Tue, 14 Nov 2023 22:13:00 GMT"),
    ("X-B", "1"),
]
ASKED: list[tuple[Field, ...]] = [
    *((), (("Accept", "text/html"),), (("X-A", "1"),), (("If-None-Match", '"b"'),)),
    *((("Cache-Control", said),) for said in ("max-stale", "max-stale=3", "only-if-cached")),
    *((("Pragma", "no-cache"),), (("Range", "bytes=0-0"),), (("If-Match", '"a"'),)),
    (("Range", "bytes=0-0"), ("If-Range", "Tue, 14 Nov 2023 22:13:20 GMT")),
]
RULES = {
    "default": Rules(),
    "a lifetime": Rules(lifetime=1.0),
    "asked each time": Rules(always_revalidate=True, fallback=60.0),
    "stale meanwhile": Rules(stale_while_revalidate=9.0, stale_if_error=9.0),
    "anew": Rules(force_refresh=True),
}


def follow(
    rules: Rules,
    fields: tuple[Field, ...],
    steps: Iterable[tuple[tuple[Field, ...], int, tuple[Field, ...]]],
    **others: object,
) -> None:
    """Compare each decision about a response with one that is made anew.

    Args:
        rules: the rules.
        fields: those of the response that is stored.
        steps: fields of each request, status and fields of its answer.
        others: what else the stored response has.
    """
    policy, now = Http(rules), NOW
    headers = Headers((*fields, ("Date", format_date(NOW))))
    asked = Headers(next(iter(steps))[0])
    made = StoredHead(200, headers, "GET", URL, NOW, NOW, variant(headers, asked), key="k")
    stored = made._replace(**others)  # type: ignore[arg-type]  # fields of any type
    for seconds, (wanted, status, said) in zip((5, 10, 2.5, 70, 20, 20), steps, strict=False):
        now += seconds
        request = RequestHead("GET", URL, Headers(wanted))
        fetch = policy.decide(request, [stored], now)
        assert fetch == decide(request, [stored], now, rules)
        if not isinstance(fetch, Fetch):
            continue
        received = ResponseHead(status, Headers(said))
        outcome = policy.after_response(request, received, fetch, now, now + 0.1)
        assert outcome == after_response(request, received, fetch, now, now + 0.1, rules)
        if isinstance(outcome, Freshen) and outcome.updates:
            head = outcome.updates[-1].head._replace(key="k", alternate=stored.alternate)
            stored = head._replace(expires=expires_at(head, rules))


@pytest.mark.parametrize("rules", RULES.values(), ids=RULES)
@pytest.mark.parametrize("fields", STORED.values(), ids=STORED)
def test_what_a_304_says_once_is_decided_as_ever(fields: tuple[Field, ...], rules: Rules) -> None:
    echo = tuple(field for field in fields if field[0] == "ETag")
    for said, position in product(SAID, (0, 1, 2)):
        answers = [echo] * 6
        answers[position] = (*(f for f in echo if f[0] != said[0]), said)
        follow(rules, fields, [((), 304, answer) for answer in answers])


@pytest.mark.parametrize("fields", STORED.values(), ids=STORED)
def test_what_a_request_wants_once_is_decided_as_ever(fields: tuple[Field, ...]) -> None:
    for first, other, rules in product(ASKED, ASKED, RULES.values()):
        wanted = (first, first, other, first, first)
        follow(rules, fields, [(asked, 304, ()) for asked in wanted])
        # One that names what is meant, or is of the second of the change, and others that are not.
        for said in (USUAL[:1], (("Date", "Tue, 14 Nov 2023 22:13:20 GMT"),)):
            follow(rules, fields, [(first, 304, answer) for answer in (said, (), (), said)])


@pytest.mark.parametrize("status", [200, 404, 500])
def test_another_answer_is_decided_as_ever(status: int) -> None:
    for fields, rules in product(STORED.values(), RULES.values()):
        statuses = (304, 304, status, 304, 304)
        follow(rules, fields, [((), number, USUAL) for number in statuses])


@pytest.mark.parametrize(
    "others",
    [{"status": 206, "body_length": 1}, {"alternate": True}, {"method": "HEAD"}, {"key": ""}],
)
def test_another_response_is_decided_as_ever(others: dict[str, object]) -> None:
    follow(Rules(), USUAL, [((), 304, USUAL[:1])] * 4, **others)


def test_a_request_for_the_head_alone_is_decided_as_ever() -> None:
    policy, request = Http(), RequestHead("HEAD", URL)
    stored = StoredHead(200, Headers(USUAL), "GET", URL, NOW, NOW, body_length=2, key="k")
    for now in (NOW + 5, NOW + 10, NOW + 15):
        fetch = policy.decide(request, [stored], now)
        assert isinstance(fetch, Fetch)
        received = ResponseHead(304, Headers(USUAL[:1]))
        outcome = policy.after_response(request, received, fetch, now, now)
        assert outcome == after_response(request, received, fetch, now, now, Rules())
        assert isinstance(outcome, Freshen)
        head = outcome.updates[0].head
        stored = head._replace(expires=expires_at(head, Rules()))


def test_one_that_is_left_of_two_is_asked_about_alone() -> None:
    policy, request = Http(), RequestHead("GET", URL)
    two = [
        StoredHead(200, Headers([("ETag", tag), USUAL[1]]), "GET", URL, NOW, NOW, key=key)
        for tag, key in (('"a"', "k"), ('"b"', "l"))
    ]
    fetch = policy.decide(request, two, NOW + 5)
    assert isinstance(fetch, Fetch)
    received = ResponseHead(304, Headers(USUAL[:1]))
    outcome = policy.after_response(request, received, fetch, NOW + 5, NOW + 5)
    assert isinstance(outcome, Freshen)
    head = outcome.updates[0].head
    left = head._replace(expires=expires_at(head, Rules()))
    alone = policy.decide(request, [left], NOW + 10)
    assert isinstance(alone, Fetch)
    assert alone.set_fields == (("If-None-Match", '"a"'),)


@pytest.mark.parametrize("ids", [("1", "1"), ("1", "2")], ids=["the same", "another id"])
def test_who_polls_is_not_decided_about_anew(ids: tuple[str, str]) -> None:
    policy, request, now = Http(), RequestHead("GET", URL), NOW
    stored = StoredHead(200, Headers(USUAL), "GET", URL, NOW, NOW, body_length=2, key="k")
    expected = None
    for request_id in ids:
        now += 5
        fetch = policy.decide(request, [stored], now)
        assert isinstance(fetch, Fetch)
        assert expected in (None, fetch)
        answer = ResponseHead(304, Headers([USUAL[0], ("X-Request-Id", request_id)]))
        outcome = policy.after_response(request, answer, fetch, now, now)
        assert isinstance(outcome, Freshen)
        head = outcome.updates[0].head
        stored = head._replace(expires=expires_at(head, policy.rules))
        expected = policy.decide(request, [stored], now + 1)
        assert policy.decide(request, [stored], now + 2) is expected
        # Not about one that somebody else has stored.
        other = stored._replace(request_time=NOW)
        assert policy.decide(request, [other], now + 2) is not expected
