"""What comes back equals what went in, attribute by attribute, for every serializer."""

from __future__ import annotations

from datetime import UTC, timedelta
from http.cookiejar import Cookie
from typing import Any

from hypothesis import example, given, note, settings
from hypothesis import strategies as st
from requests import Request, Response
from requests.adapters import HTTPAdapter
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import Serializer
from urllib3 import HTTPHeaderDict, HTTPResponse

# What http.client takes for text is Latin-1, without control characters in names.
names = st.from_regex(r"X-[A-Za-z0-9-]{1,12}", fullmatch=True)
latin = st.text(st.characters(min_codepoint=32, max_codepoint=255), max_size=40)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
headers = st.lists(
    st.tuples(names | st.sampled_from(["Set-Cookie", "set-cookie", "WWW-Authenticate"]), latin),
    max_size=8,
)
bodies = (
    st.binary(max_size=200) | texts.map(str.encode) | texts.map(lambda text: text.encode("utf-16"))
)
seconds = st.floats(0, 1e9)


@st.composite
def requests(draw: st.DrawFn) -> Any:
    request = Request(
        draw(st.sampled_from(["GET", "POST", "PATCH"])),
        "http://origin.test/" + draw(st.from_regex(r"[a-z0-9/?&=%2]{0,20}", fullmatch=True)),
        headers={draw(names): draw(st.from_regex(r"[!-~]{0,20}", fullmatch=True))},
    ).prepare()
    request.body = draw(st.none() | texts | st.binary(max_size=60))
    return request


@st.composite
def cookies(draw: st.DrawFn) -> Cookie:
    text = st.none() | st.text(st.characters(min_codepoint=33, max_codepoint=126), max_size=8)
    flag = st.booleans()
    port = draw(st.none() | st.just("80"))
    return Cookie(
        version=draw(st.sampled_from([0, 1, None])),
        name=draw(names),
        value=draw(text),
        port=port,
        port_specified=port is not None and draw(flag),
        domain=draw(st.sampled_from(["origin.test", ".origin.test"])),
        domain_specified=draw(flag),
        domain_initial_dot=draw(flag),
        path="/" + draw(texts),
        path_specified=draw(flag),
        secure=draw(flag),
        expires=draw(st.none() | st.integers(0, 2**40)),
        discard=draw(flag),
        comment=draw(text),
        comment_url=draw(text),
        rest=draw(st.dictionaries(names, st.sampled_from([None, "x"]), max_size=2)),
        rfc2109=draw(flag),
    )


@st.composite
def responses(draw: st.DrawFn, hops: bool = True) -> Response:
    raw = HTTPResponse(
        body=b"",
        headers=HTTPHeaderDict(draw(headers)),
        status=draw(st.integers(100, 999)),
        reason=draw(st.none() | latin),
        version=draw(st.sampled_from([9, 10, 11, 20])),
        preload_content=True,
    )
    response = HTTPAdapter().build_response(draw(requests()), raw)
    response._content = draw(bodies)
    response.encoding = draw(st.none() | st.sampled_from(["utf-8", "latin-1", "no such"]))
    response.elapsed = timedelta(seconds=draw(seconds))
    for cookie in draw(st.lists(cookies(), max_size=3)):
        response.cookies.set_cookie(cookie)
    if hops:
        response.history = draw(st.lists(responses(hops=False), max_size=2))
    return response


# One response is drawn for all serializers: drawing is what takes the time.
@settings(max_examples=40, deadline=None)
@given(responses(), seconds, st.none() | seconds)
def test_response_comes_back(
    serializers: dict[str, Serializer], response: Response, created: float, expires: float | None
) -> None:
    stored = CachedResponse.from_response(response, created_at=created, expires=expires)
    for name, serializer in serializers.items():
        note(name)
        loaded = serializer.decode(*serializer.encode(stored))
        assert isinstance(loaded, CachedResponse)
        assert loaded.created_at == stored.created_at
        assert loaded.expires == stored.expires
        assert loaded.record.flags == stored.record.flags
        _assert_equal(loaded, response)
        assert len(loaded.history) == len(response.history)
        for mine, theirs in zip(loaded.history, response.history, strict=True):
            _assert_equal(mine, theirs)


@settings(max_examples=25, deadline=None)
@given(responses())
def test_response_that_came_back_can_be_stored_again(
    serializers: dict[str, Serializer], response: Response
) -> None:
    for name, serializer in serializers.items():
        note(name)
        stored = CachedResponse.from_response(response, created_at=1.0)
        loaded: Any = serializer.decode(*serializer.encode(stored))
        again: Any = serializer.decode(*serializer.encode(loaded))
        _assert_equal(again, response)


plain = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False)
    | texts
    | st.binary()
    | st.datetimes(timezones=st.none() | st.just(UTC))
    | st.dates()
    | st.times()
    | st.timedeltas(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(texts | st.integers(), inner, max_size=4)
        | st.tuples(inner, inner)
        | st.sets(st.integers() | texts, max_size=3)
        | st.frozensets(st.binary(max_size=3), max_size=3)
    ),
    max_leaves=12,
)


@settings(max_examples=60, deadline=None)
@given(plain)
@example(2**31)  # BSON has two types of integers
def test_plain_value_comes_back_with_its_type(serializer: Serializer, value: Any) -> None:
    loaded = serializer.decode(*serializer.encode(value))
    assert repr(loaded) == repr(value) or loaded == value
    assert type(loaded) is type(value)


def _assert_equal(loaded: CachedResponse | Response, original: Response) -> None:
    assert loaded.status_code == original.status_code
    assert loaded.reason == original.reason
    assert loaded.url == original.url
    assert loaded.encoding == original.encoding
    assert loaded.elapsed == original.elapsed
    assert loaded.content == original.content
    assert list(loaded.headers.items()) == list(original.headers.items())
    assert list(loaded.raw.headers.items()) == list(original.raw.headers.items())
    assert loaded.raw.version == original.raw.version
    assert [vars(cookie) for cookie in loaded.cookies] == [
        vars(cookie) for cookie in original.cookies
    ]
    mine, theirs = loaded.request, original.request
    assert (mine.method, mine.url) == (theirs.method, theirs.url)
    assert list(mine.headers.items()) == list(theirs.headers.items())
    assert mine.body == theirs.body or not (mine.body or theirs.body)
    assert type(mine.body) is type(theirs.body) or not theirs.body
