"""What is stored may say anything: at most it is a miss, with a warning; never an error."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from requests import Response
from requests_cache import BaseCache, CachedSession, DictStorage
from requests_cache.backends.base import Entry
from requests_cache.errors import RecordError
from requests_cache.models import shape
from requests_cache.models.record import Flag, Record
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import init_serializer
from requests_cache.testing.origin import Answer, Origin

URLS = ("/page", "/redirect/2", "/other")
VALUES = st.one_of(
    st.sampled_from(
        [
            None,
            True,
            -1,
            2**31,
            10**400,
            float("nan"),
            float("inf"),
            "",
            "abc",
            "\0",
            "\ud800",
            "http://[",
            "http://a:b/",
            [],
            {},
            [[]],
            [{}],
            [1],
            [["a"]],
            ["\ud800"],
            [["Name", 1]],
            {"base64": "?"},
            {"base64": 1},
        ]
    ),
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.integers() | st.text(max_size=5),
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3)
        ),
        max_leaves=5,
    ),
)
NAMES = (
    "url",
    "reason",
    "headers",
    "encoding",
    "elapsed",
    "version",
    "request",
    "request.method",
    "request.url",
    "request.headers",
    "request.body",
    "cookies",
    "history",
    "history.0.status",
    "history.0.body",
    "history.0.headers",
    "history.0.request",
    "vary",
    "siblings",
    "sent",
    "lifetime",
)
COOKIE = [0, "a", "b", None, False, "127.0.0.1", False, False, "/", True, False, None, True] + [
    None,
    None,
    {},
    False,
]


def _page(request: object) -> Answer:
    fields = ("Cache-Control", "max-age=600"), ("Vary", "Accept-Language")
    return Answer(b"the page", (*fields, ("ETag", '"1"'), ("No-Vary-Search", "params")))


@pytest.fixture(scope="module")
def site() -> Iterator[Origin]:
    with Origin({"/page": _page, "/other": _page}) as server:
        yield server


def _open(**options: Any) -> CachedSession:
    # A cookie that was made up would be another user's.
    return CachedSession(backend="memory", match_credentials=False, **options)


def _change(fields: Any, name: str, value: object) -> None:
    *path, last = [int(part) if part.isdigit() else part for part in name.split(".")]
    for part in path:
        fields = fields[part]
    fields[last] = value


def _use(response: Response) -> None:
    """Read all that a program may read."""
    for name in (
        "url",
        "reason",
        "headers",
        "encoding",
        "elapsed",
        "history",
        "request",
        "cookies",
    ):
        getattr(response, name)
    for part in (*response.history, response):
        assert isinstance(part.text, str)
        repr(part.raw), part.links, part.is_redirect, part.is_permanent_redirect, part.ok
        part.request.copy()
    assert response.raw.read() is not None


def _made_up(record: Record, changes: dict[str, object], flags: int) -> CachedResponse:
    fields: Any = copy.deepcopy(record.fields)
    hop = {name: fields[name] for name in ("url", "reason", "headers", "encoding", "elapsed")}
    hop |= {"request": fields["request"], "status": 302, "body": ""}
    fields |= {"history": [copy.deepcopy(hop)], "cookies": [list(COOKIE)]}
    fields |= {"sent": record.created, "lifetime": 600, "vary": [["accept-language", None]]}
    for name, value in changes.items():
        _change(fields, name, value)
    made = Record(200, record.created, record.expires, fields, b"the page", record.flags | flags)
    return CachedResponse.from_record(made)


Changes = st.dictionaries(st.sampled_from(NAMES), VALUES, min_size=1, max_size=1)
Flags = st.sampled_from([0, Flag.HTTP, Flag.VARY, Flag.HTTP | Flag.VARY, Flag.COOKIES, 0xFFC0])


def _check_all(session: CachedSession, site: Origin) -> None:
    """Ask in every way, and see that what is stored beside it is still used."""
    url = site.url("/page")
    for options in (
        {},
        {"stream": True},
        {"headers": {"Accept-Language": "de"}},
        {"refresh": True},
    ):
        response = session.get(url, **options)
        assert response.status_code == 200
        _use(response)
    session.head(url)
    session.get(url, headers={"Range": "bytes=0-3"}).content  # noqa: B018
    assert session.get(site.url("/other")).from_cache
    assert not session.breaker.is_troubled
    cache = session.cache
    for listed in (cache.urls, cache.filter(), cache.heads(), cache.keys(check_expiry=True)):
        assert len(list(listed)) >= 1
    cache.response_count()
    cache.reset_expiration(1000)
    cache.delete(expired=True, invalid=True)
    cache.delete(urls=[url])
    assert session.get(url).content == b"the page"
    assert session.get(url).from_cache


@pytest.mark.parametrize("cache_control", [False, True], ids=["simple", "http"])
@given(changes=Changes, flags=Flags)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fields_of_a_record(
    cache_control: bool, changes: dict[str, object], flags: int, site: Origin
) -> None:
    with _open(cache_control=cache_control) as first:
        first.get(site.url("/page"))
        first.get(site.url("/other"))
        responses = first.cache.responses
        key = first.cache.create_key(url=site.url("/page"))
        entry = responses.read(key)
        assert entry is not None
        try:
            stored = _made_up(Record.load(entry.head, entry.body), changes, flags)
            made = Entry(*first.cache.serializer.encode(stored))
        except (ValueError, TypeError):
            return  # JSON has no such value
        responses.write(key, made)
        with CachedSession(backend=first.cache, cache_control=cache_control) as session:
            _check_all(session, site)


@pytest.mark.parametrize("serializer", ["json", "yaml", "bson"])
@given(changes=Changes, flags=Flags)
@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_fields_of_a_document(
    serializer: str, changes: dict[str, object], flags: int, site: Origin
) -> None:
    """Each readable format, as a person or another program may have written it."""
    kind = init_serializer(serializer)
    with _open(serializer=serializer) as session:
        first = session.get(site.url("/page"))
        session.get(site.url("/other"))
        assert first.cache_key is not None
        stored = session.cache.read_response(first.cache_key)
        assert stored is not None
        document: Any = kind.read(kind.encode(stored)[0])  # type: ignore[attr-defined]
        (name, value), *_ = changes.items()
        try:
            _change(document, name.removeprefix("history.0."), value)
            made = kind.write({"format": "", "version": 1, **document})  # type: ignore[attr-defined]
        except Exception:  # noqa: BLE001  # the format has no such value
            return
        session.cache.responses.write(first.cache_key, Entry(made))
        _check_all(session, site)


ENTRIES = st.builds(
    tuple.__new__,
    st.just(Entry),
    st.tuples(
        *[st.none() | st.integers() | st.text(max_size=9) | st.binary(max_size=9) | st.floats()] * 4
    ),
)


@pytest.mark.parametrize("cache_control", [False, True], ids=["simple", "http"])
@given(entry=ENTRIES, alias=ENTRIES)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_entries_of_a_store(cache_control: bool, entry: Entry, alias: Entry, site: Origin) -> None:
    """A store that was written to by others may give anything in the place of bytes and times."""
    with _open(cache_control=cache_control) as session:
        key = session.get(site.url("/page")).cache_key or ""
        session.get(site.url("/other"))
        session.cache.responses.write(key, entry)
        session.cache.redirects.write(key, alias)
        session.cache.redirects.write(session.cache.create_key(url=site.url("/redirect/1")), alias)
        assert session.get(site.url("/redirect/1")).status_code == 200
        _check_all(session, site)


@given(value=VALUES)
@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_redirects(value: object, site: Origin) -> None:
    """A redirect leads anywhere, and has any history."""
    with _open() as session:
        session.get(site.url("/redirect/2"))
        session.get(site.url("/page"))
        session.get(site.url("/other"))
        redirects = session.cache.redirects
        for key in list(redirects):
            stored = redirects.read(key)
            assert stored is not None
            try:
                changed = redirects.serializer.encode(value)[0], redirects.serializer.dumps([value])
            except (TypeError, ValueError):
                return
            for entry in (
                stored._replace(head=changed[0]),
                stored._replace(body=changed[1]),
                stored._replace(body=redirects.serializer.dumps(value)),
            ):
                redirects.write(key, entry)
                response = session.get(site.url("/redirect/2"))
                assert response.status_code == 200
                _use(response)
        _check_all(session, site)


def test_a_store_that_gives_no_entry_at_all(
    site: Origin, make_session: Callable[..., CachedSession], caplog: pytest.LogCaptureFixture
) -> None:
    class Foreign(DictStorage):
        def read(self, key: str) -> Any:
            entry = super().read(key)
            return None if entry is None else (entry.head, entry.body)

    cache = BaseCache("foreign")
    cache.responses = Foreign()
    session = make_session(backend=cache)
    session.get(site.url("/page"))
    assert session.get(site.url("/page")).status_code == 200
    assert not session.breaker.is_troubled
    assert "cannot be read" in caplog.text


def test_one_warning_for_each(
    site: Origin, make_session: Callable[..., CachedSession], caplog: pytest.LogCaptureFixture
) -> None:
    session = make_session()
    key = session.get(site.url("/page")).cache_key or ""
    session.cache.responses.write(key, Entry("text"))  # type: ignore[arg-type]
    assert not session.get(site.url("/page")).from_cache
    assert session.get(site.url("/page")).from_cache
    assert len(caplog.records) == 1
    assert session.cache.stats.invalid == 1


def test_a_head_that_was_written_over_is_not_looked_at_again(
    monkeypatch: pytest.MonkeyPatch, site: Origin
) -> None:
    session = CachedSession(backend="memory", always_revalidate=True)
    for _ in range(2):
        session.get(site.url("/etag"))
    looked_at: list[object] = []
    monkeypatch.setattr(shape, "check_fields", looked_at.append)
    for _ in range(3):
        assert session.get(site.url("/etag")).revalidated
    assert not looked_at


@pytest.mark.parametrize("changed", ["created", "text"])
def test_what_was_not_looked_at_vouches_for_no_head(changed: str, site: Origin) -> None:
    session = CachedSession(backend="memory")
    session.get(site.url("/etag"))
    ((_, stored),) = session.cache.responses.items()
    record = stored.record.with_times(stored.record.created, None)
    if changed == "created":
        record.created = float("inf")
    else:
        record = Record(200, 0.0, None, {"url": 5}, b"")  # type: ignore[typeddict-item]  # made up
    head, body = record.dump()
    shape.note_renewed(record, head)
    with pytest.raises(RecordError):
        shape.check_shape(Record.load(head, body))
