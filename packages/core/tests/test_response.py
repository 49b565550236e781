"""A hit behaves as the fresh response did, in every attribute."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from typing import Any, Unpack

import pytest
import requests
from requests import Response
from requests_cache import CachedResponse, CachedSession, OriginalResponse
from requests_cache.errors import RecordError
from requests_cache.models.fields import Fields
from requests_cache.models.record import Record
from requests_cache.testing.origin import Answer, Origin

Sessions = Callable[..., CachedSession]
PATHS = ["/json", "/image", "/gzip", "/chunked", "/cookies", "/redirect/2", "/bytes/70000", "/many"]


@pytest.fixture
def hit(origin: Origin, make_session: Sessions) -> Callable[[str], tuple[Response, Response]]:
    """Give a function that gives a fresh response and a hit."""
    origin.answers["/many"] = lambda request: Answer(
        "grüße\nline 2\r\nline 3".encode("latin-1"),
        (
            ("Content-Type", "text/plain; charset=latin-1"),
            ("Link", '</next>; rel="next"'),
            ("Link", '</last>; rel="last"'),
            ("X-Case", "Kept"),
        ),
    )
    session = make_session(allowable_codes=range(600), replay_cookies=True)

    def both(path: str) -> tuple[Response, Response]:
        session.cookies.clear()
        fresh = session.get(origin.url(path))
        session.cookies.clear()
        cached = session.get(origin.url(path))
        assert (fresh.from_cache, cached.from_cache) == (False, True)
        return fresh, cached

    return both


def comparable(name: str, value: Any) -> Any:
    """Give what can be compared of an attribute."""
    if name == "history":
        return [(r.status_code, r.url, r.content, dict(r.headers)) for r in value]
    if name == "cookies":
        return [vars(cookie) for cookie in value]
    if name == "headers":
        return list(value.items())
    if name == "request":
        return value.method, value.url, value.body, dict(value.headers)
    return value


# `raw` and `connection` belong to the network and have tests of their own.
ATTRIBUTES = [
    name
    for name in dir(Response())
    if not name.startswith("_")
    and not callable(getattr(Response, name, None))
    and name not in ("raw", "connection")
]


def test_the_table_of_attributes_is_that_of_requests() -> None:
    assert {"content", "headers", "history", "links", "next", "ok", "text", "url"} <= {*ATTRIBUTES}


@pytest.mark.parametrize("path", PATHS)
def test_a_hit_has_the_attributes_of_the_fresh_response(
    path: str, hit: Callable[[str], tuple[Response, Response]]
) -> None:
    """Defect k: the same bytes, the same charset."""
    fresh, cached = hit(path)
    for name in ATTRIBUTES:
        one, other = (comparable(name, getattr(r, name)) for r in (fresh, cached))
        assert one == other, name


@pytest.mark.parametrize("path", PATHS)
def test_a_hit_has_the_methods_of_the_fresh_response(
    path: str, hit: Callable[[str], tuple[Response, Response]]
) -> None:
    calls: list[Callable[[Response], object]] = [
        lambda r: list(r),
        lambda r: list(r.iter_content(7)),
        lambda r: list(r.iter_content(7, decode_unicode=True) if r.encoding else r.iter_content(7)),
        lambda r: list(r.iter_lines()),
        lambda r: bool(r),
        lambda r: r.raise_for_status(),
        lambda r: r.json() if path == "/json" else None,
    ]
    fresh, cached = hit(path)
    for number, call in enumerate(calls):
        assert call(fresh) == call(cached), number
    with cached as same:
        assert same is cached
    assert cached.content == fresh.content


@pytest.mark.parametrize("status", [404, 500])
def test_a_stored_error_is_an_error(
    status: int, hit: Callable[[str], tuple[Response, Response]]
) -> None:
    _, cached = hit(f"/status/{status}")
    assert not cached
    with pytest.raises(requests.HTTPError, match=str(status)) as raised:
        cached.raise_for_status()
    assert raised.value.response is cached


def test_raw_gives_the_body_as_it_came_over_the_wire(
    origin: Origin, hit: Callable[[str], tuple[Response, Response]]
) -> None:
    with requests.get(origin.url("/gzip"), stream=True, timeout=10) as plain:
        wire = plain.raw.read()
    _, cached = hit("/gzip")
    assert cached.raw.read() == wire
    assert cached.raw.status == 200
    assert cached.raw.headers["Content-Encoding"] == "gzip"
    assert cached.text.startswith("grüße")


def test_closing_a_hit_does_not_build_what_it_would_close(
    hit: Callable[[str], tuple[Response, Response]],
) -> None:
    _, cached = hit("/gzip")
    cached.close()
    assert isinstance(cached, CachedResponse)
    assert not cached.is_opened
    assert cached.raw.read()
    cached.close()
    assert cached.text.startswith("grüße")


def test_raw_has_each_field_of_a_header_apart(
    hit: Callable[[str], tuple[Response, Response]],
) -> None:
    _, cached = hit("/many")
    assert cached.raw.headers.getlist("Link") == ['</next>; rel="next"', '</last>; rel="last"']
    assert cached.connection is None


def test_changes_of_a_hit_do_not_show_in_the_next(origin: Origin, make_session: Sessions) -> None:
    """Defect n."""
    session = make_session()
    for _ in range(2):
        cached = session.get(origin.url("/redirect/1"))
    pristine = copy.deepcopy(cached)
    cached.headers["X-Mine"] = "1"
    cached.history[0].headers.clear()
    cached.history.clear()
    cached.cookies.set("mine", "1")
    cached.request.headers["X-Mine"] = "1"
    cached.encoding = "utf-16"
    cached.status_code = 500
    cached._content = b"mine"
    again = session.get(origin.url("/redirect/1"))
    for name in ATTRIBUTES:
        one, other = (comparable(name, getattr(r, name)) for r in (pristine, again))
        assert one == other, name


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("duplicate", [lambda r: pickle.loads(pickle.dumps(r)), copy.deepcopy])
def test_a_copy_is_as_the_hit_was(
    path: str,
    duplicate: Callable[[Response], Response],
    hit: Callable[[str], tuple[Response, Response]],
) -> None:
    _, cached = hit(path)
    cached.headers["X-Mine"] = "1"
    again = duplicate(cached)
    assert type(again) is CachedResponse
    for name in (*ATTRIBUTES, "from_cache", "cache_key", "created_at", "expires", "size"):
        one, other = (comparable(name, getattr(r, name)) for r in (cached, again))
        assert one == other, name
    assert again.raw.read() == cached.raw.read()


def test_a_pickle_holds_the_body_once(hit: Callable[[str], tuple[Response, Response]]) -> None:
    _, cached = hit("/bytes/70000")
    assert len(pickle.dumps(cached)) < 80_000


def test_a_fresh_response_can_be_pickled(hit: Callable[[str], tuple[Response, Response]]) -> None:
    fresh, _ = hit("/json")
    again = pickle.loads(pickle.dumps(fresh))
    assert type(again) is OriginalResponse
    assert again.json() == fresh.json()
    assert not again.from_cache


def test_the_stored_request_has_no_secrets(origin: Origin, make_session: Sessions) -> None:
    session = make_session()
    for _ in range(2):
        response = session.get(origin.url("/image?token=secret"), auth=("ann", "pw"))
    assert response.from_cache
    # The caller has his own request.
    assert response.request.url == origin.url("/image?token=secret")
    (response,) = session.cache.filter()
    assert response.request.url == origin.url("/image?token=REDACTED")
    assert response.request.headers["Authorization"] == "REDACTED"
    stored = b"".join(b"".join(entry[:2]) for entry in session.cache.responses.data.values())  # type: ignore[attr-defined]  # a dictionary
    assert b"secret" not in stored


def test_a_response_of_another_class_keeps_it_and_gets_our_attributes() -> None:
    class Mine(Response):
        """A response of another library's."""

    marked = OriginalResponse.mark(Mine(), "why")  # type: ignore[arg-type]  # anything is kept
    assert type(marked) is Mine
    assert marked.from_cache is False  # type: ignore[attr-defined]  # that is what marking adds


def record(**fields: Unpack[Fields]) -> Record:
    return Record(200, 0.0, None, fields, b"")


def test_a_record_that_lacks_a_field_says_which() -> None:
    response = CachedResponse.from_record(record())
    with pytest.raises(RecordError, match="no usable 'url'"):
        _ = response.url
    with pytest.raises(AttributeError, match="no attribute 'colour'"):
        _ = response.colour
    with pytest.raises(AttributeError, match="no attribute 'url'"):
        _ = CachedResponse.__new__(CachedResponse).url


def test_a_response_can_be_made_of_one_that_no_network_gave() -> None:
    """As `responses` and other doubles of requests make them."""
    fresh = Response()
    fresh.status_code, fresh.url, fresh._content = 200, "http://site.test/", b"body"
    fresh.request = requests.Request("GET", fresh.url).prepare()
    cached = CachedResponse.from_response(fresh, expires=60.0)
    assert (cached.content, cached.url, cached.reason) == (b"body", fresh.url, None)
    assert cached.expires_at == 60
    again = CachedResponse.from_response(cached, expires=90.0, cache_key="key")
    assert (again.expires_at, again.cache_key) == (90, "key")
    assert CachedResponse.from_response(again).expires_at == 90
    assert again.ttl is not None
    again.set_expiration(None)
    assert (again.expires, again.ttl, again.is_expired) == (None, None, False)


@pytest.mark.parametrize("path", PATHS)
def test_two_hits_of_one_response_are_equal_and_others_are_not(
    path: str, origin: Origin, make_session: Sessions
) -> None:
    origin.answers["/many"] = lambda request: Answer(b"body")
    session = make_session(match_credentials=False)
    fresh, one, other = (session.get(origin.url(path)) for _ in range(3))
    _, stranger = (session.get(origin.url("/max-age/60")) for _ in range(2))
    assert one == other
    assert len({one, other}) == 1
    assert fresh != one
    assert one != stranger
    requests = [
        session.cache.responses[str(hit.cache_key)].request for hit in (one, other, stranger)
    ]
    assert requests[0] == requests[1]
    assert len({*requests}) == 2
    other.status_code = 418
    assert one != other
