"""What holds for any header content (Hypothesis)."""

from __future__ import annotations

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from requests_cache.policy import (
    CacheStatus,
    Combine,
    Fetch,
    Freshen,
    Headers,
    RequestHead,
    ResponseHead,
    Retry,
    Rules,
    Serve,
    Store,
    StoredHead,
    after_response,
    decide,
    forwarded,
    groups_of,
    in_groups,
    is_complete,
    measure,
    on_error,
    parse_cache_status,
    search_variance,
    variant,
)
from requests_cache.policy.fields import format_date, parse_date, split_list, unquote
from requests_cache.policy.freshness import response_directives
from requests_cache.policy.partial import ContentRange, Span, parse_content_range
from requests_cache.policy.selection import EntityTag, parse_tag
from requests_cache.policy.selection import same_search as matches
from requests_cache.policy.structured import Token, as_token, parse_list, write_bare

NOW = 1_700_000_000.0
URL = "https://example.org/thing?a=1"
WORDS = [
    *("no-store", "no-cache", "max-age", "max-age=60", "max-age=-1", "max-age=" + "9" * 30),
    *("must-revalidate", "must-understand", "public", "private", "immutable", "only-if-cached"),
    *("max-stale", "max-stale=5", "min-fresh=5", "stale-if-error=60", "stale-while-revalidate=60"),
    *("=", ",", ";", '"', "\\", "*", " ", "\t", "\r\n", "0", "-1", "5", "9" * 5000),
    *("x-a", "é", "\ud800", "x-a: 1", "http://[", "/"),
    *('"a"', 'W/"a"', '"b"', "bytes=0-4", "bytes=2-", "-3", "bytes 0-4/10", "bytes 0-9/10", "10"),
    *("Tue, 14 Nov 2023 22:13:20 GMT", "Tuesday, 14-Nov-23 22:13:20 GMT", "GMT"),
    *("params", "except", "key-order", "(", ")", "?1", "gzip", "chunked"),
]  # fmt: skip
NAMES = [
    *("Age", "Authorization", "Cache-Control", "Cache-Groups", "Cache-Group-Invalidation"),
    *("Cache-Status", "Connection", "Content-Length", "Content-Location", "Content-Range"),
    *("Content-Type", "Cookie", "Date", "ETag", "Expires", "If-Match", "If-Modified-Since"),
    *("If-None-Match", "If-Range", "Last-Modified", "Location", "No-Vary-Search", "Pragma"),
    *("Range", "Transfer-Encoding", "Vary", "X-A", "Accept-Language", "Accept"),
]  # fmt: skip
VALUES = st.one_of(st.lists(st.sampled_from(WORDS), max_size=6).map("".join), st.text(max_size=20))
HEADERS = st.lists(st.tuples(st.sampled_from(NAMES), VALUES), max_size=8).map(Headers)
METHODS = st.sampled_from(["GET", "GET", "GET", "HEAD", "POST", "BREW"])
STATUSES = st.sampled_from([100, 200, 200, 204, 206, 206, 301, 302, 304, 304, 404, 416, 500, 599])
SECONDS = st.floats(-1e6, 1e6)
SETTING = st.none() | st.floats(0, 1e9)
REQUESTS = st.builds(RequestHead, METHODS, st.sampled_from([URL, "http://[", ""]), HEADERS)
RESPONSES = st.builds(ResponseHead, STATUSES, HEADERS)
RULES = st.builds(
    Rules,
    lifetime=SETTING,
    fallback=SETTING,
    heuristics=st.booleans(),
    stale_if_error=SETTING,
    stale_while_revalidate=SETTING,
    always_revalidate=st.booleans(),
    refresh=st.booleans(),
    force_refresh=st.booleans(),
    only_if_cached=st.booleans(),
    no_store=st.booleans(),
)


@st.composite
def stored_heads(draw: st.DrawFn) -> StoredHead:
    headers, asked = draw(HEADERS), draw(HEADERS)
    sent = NOW + draw(SECONDS)
    return StoredHead(
        draw(STATUSES),
        headers,
        draw(METHODS),
        draw(st.sampled_from([URL, "https://example.org/thing?a=2", "http://["])),
        sent,
        sent + draw(st.floats(-5, 60)),
        variant(headers, asked) if draw(st.booleans()) else (),
        draw(SETTING),
        draw(st.sampled_from([None, 0, 5, 10])),
        draw(st.booleans()),
        draw(st.text("abc", max_size=1)),
        draw(st.none() | st.floats(NOW - 60, NOW + 60)),
    )


@settings(max_examples=300, deadline=None)
@given(REQUESTS, st.lists(stored_heads(), max_size=3), SECONDS, RULES, RESPONSES)
def test_no_header_content_makes_the_policy_raise(
    request: RequestHead,
    stored: list[StoredHead],
    later: float,
    rules: Rules,
    response: ResponseHead,
) -> None:
    """And an age is never negative, and no-store is never stored, whatever happens."""
    decision = decide(request, stored, NOW + later, rules)
    if isinstance(decision, Serve):
        assert decision.age >= 0
        request, decision = decision.refresh or (request, decision)
    if not isinstance(decision, Fetch):
        return
    forwarded(request, decision)
    on_error(request, decision, NOW + later, rules)
    outcome = after_response(request, response, decision, NOW + later, NOW + later + 1, rules)
    str(getattr(outcome, "cache_status", None))
    for head in written(outcome):
        told = response_directives(head.headers)
        assert not told.no_store or told.must_understand
        assert head.headers.first("date")
        assert measure(head, NOW, rules).age >= 0
    if isinstance(outcome, Retry):
        again = after_response(request, response, outcome.fetch, NOW, NOW, rules)
        assert not isinstance(again, Retry)


def written(outcome: object) -> list[StoredHead]:
    match outcome:
        case Store(head=head) | Combine(head=head):
            return [head]
        case Freshen(updates=updates):
            return [update.head for update in updates]
    return []


@given(HEADERS, VALUES, stored_heads())
def test_reading_single_fields_never_raises(headers: Headers, text: str, head: StoredHead) -> None:
    search_variance(headers)
    groups_of(headers)
    parse_cache_status(text)
    assert in_groups(head, text, ()) is False
    assert matches(head, text) in (True, False)
    complete = is_complete(RequestHead("GET", text), ResponseHead(200, headers), 5)
    assert complete in (True, False)


@given(stored_heads(), SECONDS, st.floats(0, 1e6), RULES)
def test_freshness_only_ever_ends(
    head: StoredHead, moment: float, later: float, rules: Rules
) -> None:
    before = measure(head, NOW + moment, rules)
    after = measure(head, NOW + moment + later, rules)
    assert after.age >= before.age >= 0
    assert after.lifetime == before.lifetime >= 0
    assert before.fresh or not after.fresh


@given(st.lists(VALUES, max_size=3), VALUES)
def test_another_directive_never_relaxes_no_store(values: list[str], more: str) -> None:
    fields = [("Cache-Control", "no-store"), *(("Cache-Control", value) for value in values)]
    assert response_directives(Headers(fields)).no_store
    assert response_directives(Headers([("Cache-Control", f"no-store, {more}")])).no_store


@given(st.integers(0, 253402300799))
def test_date_reads_what_it_writes(moment: int) -> None:
    assert parse_date(format_date(float(moment)), NOW) == moment


@given(st.text())
def test_only_a_date_is_a_date(text: str) -> None:
    moment = parse_date(text, NOW)
    assert moment is None or parse_date(format_date(moment), NOW) == moment


PRINTABLE = st.text(st.characters(min_codepoint=32, max_codepoint=126))


@given(
    st.builds(
        CacheStatus,
        hit=st.booleans(),
        fwd=st.none() | st.sampled_from(["uri-miss", "vary-miss", "stale", "request"]),
        fwd_status=st.none() | st.integers(100, 599),
        ttl=st.none() | st.integers(-(10**15) + 1, 10**15 - 1),
        stored=st.booleans(),
        collapsed=st.booleans(),
        key=st.none() | PRINTABLE,
        detail=st.none() | PRINTABLE,
        cache=PRINTABLE,
    )
)
def test_cache_status_reads_what_it_writes(status: CacheStatus) -> None:
    assert parse_cache_status(str(status)) == [status]
    assert parse_cache_status(status.appended_to("Origin; fwd=miss"))[-1] == status


@given(st.booleans() | st.integers(-(10**15) + 1, 10**15 - 1) | PRINTABLE)
def test_structured_item_reads_what_it_writes(value: bool | int | str) -> None:
    items = parse_list(write_bare(value))
    assert items
    assert items[0].value == value
    assert type(items[0].value) is type(value)


@given(st.text(string.ascii_letters + string.digits + "-_./: ", max_size=9))
def test_token_reads_what_it_writes(text: str) -> None:
    items = parse_list(write_bare(as_token(text)))
    assert items
    assert items[0].value == text
    assert isinstance(items[0].value, Token) == isinstance(as_token(text), Token)


@given(st.lists(st.text(min_size=1), min_size=1))
def test_quoted_members_of_a_list_come_back(members: list[str]) -> None:
    quoted = ['"' + m.replace("\\", "\\\\").replace('"', '\\"') + '"' for m in members]
    assert [unquote(member) for member in split_list(", ".join(quoted))] == members


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.integers(1, 10**9))
def test_content_range_reads_what_it_writes(first: int, size: int, rest: int) -> None:
    part = ContentRange(Span(first, first + size), first + size + rest)
    assert parse_content_range(str(part)) == part


@given(st.text(st.characters(min_codepoint=0x23, max_codepoint=0x7E)), st.booleans())
def test_entity_tag_reads_what_it_writes(opaque: str, weak: bool) -> None:
    tag = EntityTag(f'"{opaque}"', weak)
    assert parse_tag(str(tag)) == tag


@pytest.mark.parametrize("length", [0, 1, 10])
@given(data=st.data())
def test_range_served_is_what_the_origin_would_cut(length: int, data: st.DataObject) -> None:
    first = data.draw(st.integers(0, 12))
    last = data.draw(st.integers(first, 14))
    body = bytes(range(length))
    headers = Headers([("Cache-Control", "max-age=60")])
    head = StoredHead(200, headers, "GET", URL, NOW, NOW, body_length=length)
    request = RequestHead("GET", URL, Headers([("Range", f"bytes={first}-{last}")]))
    serve = decide(request, [head], NOW)
    assert isinstance(serve, Serve)
    assert serve.pieces is not None
    wanted = body[first : last + 1]
    assert serve.status == (206 if wanted else 416)
    assert b"".join(body[p] if isinstance(p, slice) else p for p in serve.pieces) == wanted
