"""A hit as code sees it that looks at the object: what a miss has, a hit has."""

from __future__ import annotations

import copy
import pickle
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests
from requests import Request, Response
from requests.exceptions import ContentDecodingError, JSONDecodeError
from requests_cache import CachedRequest, CachedResponse, CachedSession, OriginalResponse
from requests_cache.models.base import attributes_of
from requests_cache.models.record import Flag
from requests_cache.testing.origin import Answer, Origin
from urllib3.exceptions import ResponseNotChunked

PATHS = ["/json", "/gzip", "/cookies", "/redirect/2", "/chunked", "/bytes/0", "/status/404"]
OF_REQUESTS = [name for name in Response.__attrs__ if name != "_content"]


class Updated(Response):
    """As requests-html makes its responses."""

    def __init__(self, response: Response) -> None:
        super().__init__()
        self.__dict__.update(response.__dict__)


class Shared(Response):
    """As locust makes its responses."""

    def __init__(self, response: Response) -> None:
        self.__dict__ = response.__dict__


class Taken(Response):
    """A class that a response is made to be of."""


def taken(response: Response) -> Response:
    response.__class__ = Taken
    return response


def by_state(response: Response) -> Response:
    own = Response()
    own.__setstate__(response.__getstate__())
    return own


def by_vars(response: Response) -> Response:
    own = Response()
    for name, value in vars(response).items():
        setattr(own, name, value)
    return own


WAYS: dict[str, Callable[[Response], Response]] = {
    "update of __dict__": Updated,
    "__dict__ taken over": Shared,
    "__class__ set": taken,
    "__getstate__": by_state,
    "vars": by_vars,
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
    "pickle": lambda response: pickle.loads(pickle.dumps(response)),
}


@pytest.fixture
def both(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> Callable[..., tuple[Response, Response]]:
    session = make_session(allowable_codes=range(600), replay_cookies=True)

    def get(path: str, **options: Any) -> tuple[Response, Response]:
        session.cookies.clear()
        miss = session.get(origin.url(path), **options)
        assert miss.content is not None
        session.cookies.clear()
        hit = session.get(origin.url(path), **options)
        assert (miss.from_cache, hit.from_cache) == (False, True)
        return miss, hit

    return get


def seen(response: Response) -> dict[str, Any]:
    """Give what can be compared of a response."""
    return {
        "status_code": response.status_code,
        "url": response.url,
        "reason": response.reason,
        "encoding": response.encoding,
        "headers": dict(response.headers),
        "content": response.content,
        "cookies": sorted(response.cookies.items()),
        "history": [(hop.status_code, hop.url) for hop in response.history],
        "elapsed": response.elapsed,
        "request": (response.request.method, response.request.url),
    }


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("path", PATHS)
def test_a_copy_of_a_hit_is_what_a_copy_of_a_miss_is(
    path: str, way: str, both: Callable[..., tuple[Response, Response]]
) -> None:
    miss, hit = both(path)
    assert seen(WAYS[way](hit)) == seen(WAYS[way](miss))


@pytest.mark.parametrize("way", ["copy", "deepcopy", "pickle"])
@pytest.mark.parametrize("stream", [False, True])
def test_a_copy_of_a_hit_whose_dictionary_was_looked_at_has_all_that_the_hit_has(
    way: str, stream: bool, origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    expected = session.get(origin.url("/gzip"))
    hit = session.get(origin.url("/gzip"), stream=stream)
    assert vars(hit)
    copied = WAYS[way](hit)
    assert (copied.content, copied.raw.status) == (expected.content, 200)


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("path", PATHS)
def test_the_dictionary_of_a_hit_has_the_names_that_that_of_a_miss_has(
    path: str, stream: bool, both: Callable[..., tuple[Response, Response]]
) -> None:
    miss, hit = both(path, stream=stream)
    assert vars(hit).keys() >= vars(miss).keys()
    assert {*dir(hit)} >= {*dir(miss)} - {"mark", "wrap_response"}
    for name in OF_REQUESTS:
        assert name in hit.__dict__
        assert hasattr(hit, name)


def test_a_copy_still_tells_that_it_is_a_hit(
    both: Callable[..., tuple[Response, Response]],
) -> None:
    _, hit = both("/json")
    own: Any = Updated(hit)
    assert isinstance(hit, CachedResponse)
    assert own.from_cache
    assert own.cache_key == hit.cache_key
    assert own.created_at == hit.created_at


def test_a_hit_that_nobody_looks_into_builds_nothing(
    both: Callable[..., tuple[Response, Response]],
) -> None:
    _, hit = both("/json")
    assert hit.content
    assert (
        attributes_of(hit)
        .keys()
        .isdisjoint(["headers", "raw", "request", "url", "cookies", "history"])
    )


@pytest.mark.parametrize("looked", [False, True])
@pytest.mark.parametrize("name", OF_REQUESTS)
def test_what_is_deleted_is_gone(
    name: str, looked: bool, both: Callable[..., tuple[Response, Response]]
) -> None:
    for response in both("/json"):
        if looked:
            getattr(response, name)
        delattr(response, name)
        assert not hasattr(response, name)
        with pytest.raises(AttributeError):
            delattr(response, name)


@pytest.mark.parametrize("name", OF_REQUESTS)
def test_what_is_taken_out_of_the_dictionary_is_gone(
    name: str, both: Callable[..., tuple[Response, Response]]
) -> None:
    for response in both("/json"):
        del vars(response)[name]
        assert not hasattr(response, name)


@pytest.mark.parametrize("name", [*OF_REQUESTS, "from_cache", "expires", "created_at", "mine"])
def test_what_is_set_is_what_is_read(
    name: str, both: Callable[..., tuple[Response, Response]]
) -> None:
    value: Any = datetime(2030, 1, 1, tzinfo=UTC) if name in ("expires", "created_at") else "x"
    for response in both("/json"):
        setattr(response, name, value)
        assert getattr(response, name) == value
        assert vars(response)[name] == value


def test_a_dictionary_that_is_set_is_that_of_the_response(
    both: Callable[..., tuple[Response, Response]],
) -> None:
    for response in both("/json"):
        response.__dict__ = {"url": "https://example.org/"}
        assert response.url == "https://example.org/"
        assert not hasattr(response, "headers")


ERRORS: dict[str, tuple[Callable[[Response], object], type[Exception]]] = {
    "json of no JSON": (lambda response: response.json(), JSONDecodeError),
    "a chunk size of the wrong type": (
        lambda response: next(response.iter_content("1")),  # type: ignore[call-overload]
        TypeError,
    ),
    "a status": (lambda response: response.raise_for_status(), requests.HTTPError),
    "an attribute": (lambda response: response.nothing, AttributeError),  # type: ignore[attr-defined]
}


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("name", ERRORS)
def test_the_errors_of_a_hit_are_those_of_a_miss(
    name: str,
    stream: bool,
    origin: Origin,
    both: Callable[..., tuple[Response, Response]],
    make_session: Callable[..., CachedSession],
) -> None:
    origin.answers["/teapot"] = lambda request: Answer(b"short and stout", status=418)
    session = make_session(allowable_codes=(418,))
    session.get(origin.url("/teapot"))
    hit = session.get(origin.url("/teapot"), stream=stream)
    miss = requests.get(origin.url("/teapot"), stream=stream, timeout=10)
    assert hit.from_cache
    do, _ = ERRORS[name]

    def raised_by(response: Response) -> type[BaseException] | None:
        try:
            do(response)
        except Exception as error:  # noqa: BLE001  # whatever it is
            return type(error)
        return None

    assert raised_by(hit) == raised_by(miss)


def test_a_body_that_cannot_be_decoded_is_an_error_of_requests(
    both: Callable[..., tuple[Response, Response]],
) -> None:
    _, hit = both("/json")
    assert isinstance(hit, CachedResponse)
    hit.record.fields["headers"] = [("Content-Encoding", "gzip")]
    hit.record.flags |= Flag.ENCODED
    damaged = CachedResponse.from_record(hit.record)
    with pytest.raises(ContentDecodingError):
        assert damaged.content


class TestMadeByHand:
    """`CachedResponse(...)` for tests, dry runs and the like."""

    def test_it_has_what_it_was_given(self) -> None:
        request = Request("POST", "https://example.org/?token=secret", json={"a": 1})
        made = CachedResponse(
            status_code=201,
            content=b'{"b": 2}',
            headers={"Content-Type": "application/json", "Link": "</2>; rel=next"},
            url="https://example.org/",
            reason="Created",
            encoding="utf-8",
            elapsed=timedelta(seconds=2),
            cookies={"a": "b"},
            history=[CachedResponse(status_code=302, url="https://example.org/old")],
            request=request,
            cache_key="key",
        )
        assert made.json() == {"b": 2}
        assert made.ok
        assert made.from_cache
        assert made.headers["content-type"] == "application/json"
        assert made.links["next"]["url"] == "/2"
        assert made.cookies["a"] == "b"
        assert made.history[0].status_code == 302
        assert made.request.body == b'{"a": 1}'
        assert made.raw.read() == made.content
        assert made.expires is None
        assert not made.is_expired

    def test_it_needs_nothing(self) -> None:
        made = CachedResponse()
        assert made.status_code == 0
        assert made.content == b""
        assert made.request.method is None
        assert repr(made).startswith("<CachedResponse [0]  (hit, 0 B, 0 s old")
        assert vars(CachedResponse.__new__(CachedResponse)) == {}

    def test_a_request_has_cookies_and_a_body_no_coding_by_hand(self) -> None:
        request = CachedRequest("GET", "http://o/", cookies={"a": "b"})
        assert [(each.name, each.value) for each in request._cookies or ()] == [("a", "b")]
        made = CachedResponse(content=b"plain", headers={"Content-Encoding": "gzip"})
        assert "content-encoding" not in made.raw.headers
        with pytest.raises(ResponseNotChunked):
            list(made.raw.read_chunked())

    def test_what_is_none_is_as_if_it_was_not_given(self) -> None:
        assert CachedResponse(url=None, reason=None).url == ""

    def test_it_can_be_stored(self, make_session: Callable[..., CachedSession]) -> None:
        session = make_session()
        url = "https://example.org/?token=secret"
        made = CachedResponse(status_code=200, content="text", url=url, request=Request("GET", url))
        session.cache.save_response(made)
        hit = session.get(url)
        assert hit.from_cache
        assert hit.text == "text"
        assert "secret" not in str(session.cache.responses[hit.cache_key or ""].record.fields)

    def test_a_subclass_keeps_its_class_in_copies(self) -> None:
        made = _Subclass(status_code=200)
        assert type(copy.deepcopy(made)) is _Subclass
        assert type(pickle.loads(pickle.dumps(made))) is _Subclass

    def test_a_name_that_no_response_has_is_an_error(self) -> None:
        with pytest.raises(TypeError, match="no argument 'status'"):
            CachedResponse(status=200)

    def test_a_request_can_be_made_too(self) -> None:
        made = CachedRequest(method="GET", url="https://example.org/", headers={"A": "b"})
        assert CachedRequest.from_request(made).headers["a"] == "b"
        assert type(made.copy()) is CachedRequest
        assert repr(made) == "<CachedRequest GET https://example.org/>"


class _Subclass(CachedResponse):
    pass


class TestTimes:
    """The times of version 1."""

    @pytest.mark.skipif(not hasattr(time, "tzset"), reason="no way to change the time zone")
    def test_a_time_without_a_zone_is_in_utc(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("TZ", "Asia/Tokyo")
        time.tzset()
        try:
            naive = datetime(2030, 1, 1)  # noqa: DTZ001  # that it has no time zone is the case
            made = CachedResponse(created_at=naive, expires=naive)
            assert made.created_at == made.expires == naive.replace(tzinfo=UTC)
        finally:
            monkeypatch.undo()
            time.tzset()

    def test_a_lifetime_is_told_in_three_ways(
        self, set_time: Callable[[float], None], both: Callable[..., tuple[Response, Response]]
    ) -> None:
        made = CachedResponse(expires=datetime.fromtimestamp(1100, UTC))
        assert (made.expires_delta, made.expires_unix, made.ttl) == (100, 1100, 100)
        for response in both("/json"):
            assert isinstance(response, OriginalResponse | CachedResponse)
            assert response.expires_delta is None
            assert response.expires_unix is None

    def test_a_lifetime_can_be_set(self, set_time: Callable[[float], None]) -> None:
        made = CachedResponse()
        assert not made.reset_expiration(50)
        assert made.expires_unix == 1050
        made.expires = datetime(1970, 1, 1)  # noqa: DTZ001  # taken as UTC
        assert made.is_expired
        made.expires = None
        assert made.expires is None
        assert made.reset_expiration(0)

    def test_an_age_can_be_asked_for(self, set_time: Callable[[float], None]) -> None:
        made = CachedResponse()
        set_time(1100)
        assert made.is_older_than(50)
        assert not made.is_older_than(timedelta(seconds=150))
        assert made.is_older_than(datetime.fromtimestamp(1050, UTC))

    def test_a_time_is_taken_by_from_response(self) -> None:
        expires = datetime(2030, 1, 1, tzinfo=UTC)
        copied = CachedResponse.from_response(CachedResponse(), expires=expires)
        assert copied.expires == expires


@pytest.fixture
def printed(
    origin: Origin, make_session: Callable[..., CachedSession], set_time: Callable[[float], None]
) -> Callable[..., str]:
    def get(path: str = "/json", later: float = 0, **options: Any) -> str:
        set_time(1000)
        session = make_session(**{"expire_after": 60, **options})
        session.get(origin.url(path))
        set_time(1000 + later)
        return str(session.get(origin.url(path))).replace(origin.url(""), "http://o")

    return get


def test_a_hit_prints_what_it_is(printed: Callable[..., str]) -> None:
    assert printed(later=20) == (
        "<CachedResponse [200] GET http://o/json (hit, 30 B, 20 s old, expires in 40 s)>"
    )
    assert "(miss, stored, 30 B, 0 s old, expires in 1 min)>" in printed(later=70)
    assert "(miss, not stored, 12 B)>" in printed("/status/404")
    assert "(hit, revalidated, " in printed("/etag", later=70)
    assert "2.05 kB, 2 h old, never expires" in printed("/bytes/2048", 7200, expire_after=-1)
    expired = CachedResponse(expires=datetime.fromtimestamp(500, UTC))
    assert "expired 2 h ago" in repr(expired)


@pytest.mark.parametrize("size", [None, 1, 10, 100])
def test_the_raw_body_of_a_hit_ends(
    size: int | None, both: Callable[..., tuple[Response, Response]]
) -> None:
    _, hit = both("/json")
    assert b"".join(hit.raw.stream(size)) == hit.content
    assert hit.raw.read() == b""


def test_what_is_printed_has_no_secret(printed: Callable[..., str]) -> None:
    for later in (0, 70):
        assert "secret" not in printed("/json?token=secret", later)
        assert "token=REDACTED" in printed("/json?token=secret", later)


def test_a_stream_that_is_not_read_says_so(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    with make_session().get(origin.url("/json"), stream=True) as response:
        assert "body not read" in repr(response)


def test_an_answer_of_the_origin_has_what_a_hit_has(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session(expire_after=10)
    miss = session.get(origin.url("/json"))
    assert (miss.ttl, miss.is_expired, miss.is_older_than(1)) == (9, False, False)
    past = session.post(origin.url("/json"))
    assert (past.ttl, past.is_expired, past.is_older_than(1)) == (None, False, False)
    assert session.get(origin.url("/json"), only_if_cached=True).ttl == 9
