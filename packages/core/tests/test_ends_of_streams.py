"""However a streamed response ends, nobody waits for it, nothing stays behind, and it says why."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import suppress
from threading import Event, Thread
from typing import Any
from weakref import ref

import pytest
import requests
from requests_cache.errors import StorageError
from requests_cache.testing.origin import Answer, Origin, Request
from urllib3 import HTTPResponse
from urllib3.exceptions import HTTPError

MakeSession = Callable[..., Any]
End = Callable[[Any], object]
BODY = bytes(range(256)) * 200
FRESH = ("Cache-Control", "max-age=60")
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])


def chunks(request: Request) -> Answer:
    return Answer(iter((BODY[:10_000], BODY[10_000:])), (FRESH,))


def chunks_cut_off(request: Request) -> Answer:
    def break_off() -> Iterator[bytes]:
        yield BODY
        raise ConnectionAbortedError

    return Answer(break_off(), (FRESH,))


def repeat_path(request: Request) -> Answer:
    return Answer(request.path.encode() * 9000, (FRESH,))


ANSWERS: dict[str, Callable[[Request], Answer]] = {
    "/length": lambda request: Answer(BODY, (FRESH,)),
    "/chunks": chunks,
    "/length-cut-off": lambda request: Answer(BODY, (FRESH,), length=len(BODY) + 1),
    "/chunks-cut-off": chunks_cut_off,
    "/nothing": lambda request: Answer(b"", (FRESH,)),
    "/no-content": lambda request: Answer(b"", (FRESH,), 204),
    "/redirect-to-it": lambda request: Answer(b"", (("Location", "/length"),), 302),
}


@pytest.fixture
def session(origin: Origin, make_session: MakeSession, cache_control: bool) -> Any:
    origin.answers |= ANSWERS
    return make_session(cache_control=cache_control, allowable_codes=(200, 204))


def leave(response: Any) -> None:
    with response:
        response.raise_for_status()


def read_in_parts(response: Any) -> None:
    while response.raw.read1(5000):
        pass


def read_into(response: Any) -> None:
    room = bytearray(5000)
    while response.raw.readinto(room):
        pass


def stop_after_a_piece(response: Any) -> None:
    pieces = response.iter_content(100)
    next(pieces, None)
    pieces.close()


def fail_in_the_middle(response: Any) -> None:
    with suppress(ZeroDivisionError), response:
        for _ in response.iter_content(100):
            raise ZeroDivisionError


ENDS: dict[str, End] = {
    "closed": lambda response: response.close(),
    "left": leave,
    "dropped": lambda response: None,
    "content": lambda response: response.content,
    "iter_lines": lambda response: list(response.iter_lines()),
    "iter_content": lambda response: list(response.iter_content(1000)),
    "raw.read": lambda response: response.raw.read(),
    "raw.read(decode_content=False)": lambda response: response.raw.read(decode_content=False),
    "raw.read(0)": lambda response: response.raw.read(0),
    "raw.read1": read_in_parts,
    "raw.readinto": read_into,
    "raw.stream": lambda response: list(response.raw.stream(1000)),
    "raw.stream(0)": lambda response: list(response.raw.stream(0)),
    "raw.read_chunked(0)": lambda response: list(response.raw.read_chunked(0)),
    "raw.release_conn": lambda response: response.raw.release_conn(),
    "raw.drain_conn": lambda response: response.raw.drain_conn(),
    "raw.close": lambda response: response.raw.close(),
    "stopped": stop_after_a_piece,
    "failed": fail_in_the_middle,
}
UNDECIDED = {"dropped", "stopped", "raw.read(0)", "raw.stream(0)", "raw.read_chunked(0)"}
"""After these the caller could read on."""
NEWER = {"raw.read1", "raw.stream(0)", "raw.read_chunked(0)"}
READS = {
    "content",
    "iter_lines",
    "iter_content",
    "raw.read",
    "raw.read(decode_content=False)",
    "raw.read1",
    "raw.readinto",
    "raw.stream",
    "raw.drain_conn",
}


def in_another_thread(act: Callable[[], object]) -> None:
    """A flight is not waited for by the thread that leads it."""

    def run() -> None:
        with suppress(requests.RequestException):
            act()

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Note each wait for a flight, and wait no longer than it takes to see that it has landed."""
    from requests_cache._store.single_flight import Flight

    waits: list[float] = []
    wait = Flight.wait

    def noted(self: Flight, seconds: float | None) -> bool:
        if not self.is_over:
            waits.append(-1.0 if seconds is None else seconds)
            return False
        return wait(self, seconds)

    monkeypatch.setattr(Flight, "wait", noted)
    return waits


def frees_by_itself(url: str, end: str) -> bool:
    """Say whether without a cache a response goes at once; errors of old releases keep it."""
    with requests.Session() as plain:
        response = plain.get(url, stream=True)
        with suppress(requests.RequestException, HTTPError, AttributeError):
            ENDS[end](response)
        alive = ref(response)
        del response
        return alive() is None


@BOTH_RULES
@pytest.mark.parametrize("path", ANSWERS)
@pytest.mark.parametrize("end", ENDS)
def test_nobody_waits_after_a_stream_has_ended(
    session: Any, origin: Origin, path: str, end: str, no_waiting: list[float]
) -> None:
    """Each is stored, or says why not."""
    if end in NEWER and not hasattr(HTTPResponse, "read1"):
        pytest.skip("this urllib3 has no read1, and reads nothing for ever")
    gc.disable()
    try:
        response = session.get(origin.url(path), stream=True)
        with suppress(requests.RequestException, HTTPError, AttributeError):
            ENDS[end](response)
        # What the caller was told, though he has forgotten the response.
        status = response.cache_status
        alive = ref(response)
        raw = ref(response.raw)
        if end not in UNDECIDED:
            assert status.stored or status.detail, status
        if end in READS and "cut-off" not in path:
            assert status.stored, status
        if "cut-off" in path:
            assert not status.stored
        del response
        if frees_by_itself(origin.url(path), end):
            assert alive() is None, "a cycle keeps the response"
            assert raw() is None, "a cycle keeps the body"
        assert len(session.cache.flights) == 0
    finally:
        gc.enable()
    in_another_thread(lambda: session.get(origin.url(path)))
    assert no_waiting == []


@BOTH_RULES
@pytest.mark.parametrize("path", ["/nothing", "/no-content"])
def test_what_has_no_body_is_stored_before_anybody_reads_it(
    session: Any, origin: Origin, path: str
) -> None:
    kept = session.get(origin.url(path), stream=True)
    assert kept.cache_status.stored
    assert session.get(origin.url(path), stream=True).from_cache


@BOTH_RULES
def test_the_answer_to_head_is_stored_at_once(
    origin: Origin, make_session: MakeSession, cache_control: bool
) -> None:
    origin.answers |= ANSWERS
    session = make_session(cache_control=cache_control, allowable_methods=("GET", "HEAD"))
    kept = session.head(origin.url("/length"), stream=True)
    assert kept.cache_status.stored
    assert session.head(origin.url("/length")).from_cache


@BOTH_RULES
def test_who_keeps_the_body_alone_has_the_response_stored(session: Any, origin: Origin) -> None:
    """`raw` is handed on, and the response is forgotten."""
    raw = session.get(origin.url("/length"), stream=True).raw
    assert raw.read() == BODY
    hit = session.get(origin.url("/length"))
    assert hit.from_cache
    assert hit.content == BODY
    assert hit.headers["Content-Length"] == str(len(BODY))


@BOTH_RULES
@pytest.mark.parametrize("place", ["hook", "filter"])
def test_an_exception_of_the_callers_own_lets_the_others_go_on(
    session: Any, origin: Origin, place: str, no_waiting: list[float]
) -> None:
    def fail(response: object, **options: object) -> Any:
        raise ZeroDivisionError

    hooks = {"response": fail} if place == "hook" else None
    if place == "filter":
        session.settings.filter_fn = fail
    with pytest.raises(ZeroDivisionError):
        session.get(origin.url("/length"), stream=True, hooks=hooks)
    session.settings.filter_fn = None
    assert len(session.cache.flights) == 0
    in_another_thread(lambda: session.get(origin.url("/length"), timeout=0.5))
    assert no_waiting == []


@BOTH_RULES
def test_a_hook_that_reads_a_part_leaves_nothing_to_store(session: Any, origin: Origin) -> None:
    """Its beginning would be missing."""

    def peek(response: requests.Response, **options: object) -> None:
        response.raw.read(10)

    response = session.get(origin.url("/length"), stream=True, hooks={"response": peek})
    assert response.content == BODY[10:]
    assert response.cache_status.detail == "read-by-hook"
    assert session.get(origin.url("/length")).content == BODY


@BOTH_RULES
def test_reading_on_within_a_chunk_by_another_way_stores_nothing_wrong(
    session: Any, origin: Origin
) -> None:
    """http.client does not know where in a chunk urllib3 stands."""
    misleading = b"12345" + b"3\r\nabc\r\n0\r\n\r\n" + b"more"
    origin.answers["/chunks"] = lambda request: Answer(iter((misleading,)), (FRESH,))
    with session.get(origin.url("/chunks"), stream=True) as response:
        assert next(response.raw.stream(5)) == b"12345"
        with suppress(HTTPError):
            response.raw.read(20)
            response.raw.read()
    assert not response.cache_status.stored
    assert session.get(origin.url("/chunks")).content == misleading


@BOTH_RULES
def test_several_streams_at_once_are_stored_each_with_its_own_body(
    session: Any, origin: Origin
) -> None:
    for number in range(4):
        origin.answers[f"/{number}"] = lambda request: Answer(
            request.path.encode() * 9000, (FRESH,)
        )
    opened = [session.get(origin.url(f"/{number}"), stream=True) for number in range(4)]
    rounds = zip(*(response.iter_content(1000) for response in opened), strict=True)
    bodies = [b"".join(pieces) for pieces in zip(*rounds, strict=True)]
    for number in range(4):
        hit = session.get(origin.url(f"/{number}"))
        assert hit.from_cache
        assert hit.content == bodies[number] == f"/{number}".encode() * 9000


@BOTH_RULES
@pytest.mark.parametrize("end", ["content", "closed"])
def test_a_follower_goes_on_when_the_stream_ends(
    session: Any, origin: Origin, end: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests_cache._store.single_flight import Flight

    monkeypatch.undo()
    waits = Event()
    announce = Flight.announce

    def announced(self: Flight) -> None:
        announce(self)
        waits.set()

    monkeypatch.setattr(Flight, "announce", announced)
    response = session.get(origin.url("/length"), stream=True)
    answers: list[Any] = []
    follower = Thread(target=lambda: answers.append(session.get(origin.url("/length"))))
    follower.start()
    assert waits.wait(30)
    ENDS[end](response)
    follower.join(60)
    assert answers[0].content == BODY
    assert answers[0].from_cache == (end == "content")


def test_a_store_whose_error_reaches_the_caller_lands_the_flight(
    origin: Origin, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    origin.answers |= ANSWERS
    session = make_session(on_error="raise")

    def fail(*args: object) -> None:
        raise StorageError("no room")

    monkeypatch.setattr(session.cache, "write_response", fail)
    response = session.get(origin.url("/length"), stream=True)
    with pytest.raises(StorageError, match="no room"):
        response.raw.read()
    assert len(session.cache.flights) == 0


def test_closed_streams_leave_nothing_behind(origin: Origin, make_session: MakeSession) -> None:
    session = make_session()
    for number in range(20):
        with session.get(origin.url(f"/bytes/3000?{number}"), stream=True) as response:
            next(response.iter_content(10))
    assert len(session.cache.flights) == 0
    assert session.cache.flights._leading == {}


def test_sessions_below_each_other_all_keep_the_body(
    origin: Origin, make_session: MakeSession
) -> None:
    """An adapter that asks another session, twice."""
    origin.answers |= ANSWERS
    innermost = make_session()
    sessions = [innermost]
    for _ in range(2):
        sessions.append(make_session())
        sessions[-1].mount("http://", Through(sessions[-2]))
    with sessions[-1].get(origin.url("/length"), stream=True) as response:
        assert b"".join(response.iter_content(1000)) == BODY
    assert [session.cache.response_count() for session in sessions] == [1, 1, 1]


class Through(requests.adapters.BaseAdapter):
    """Asks another session."""

    def __init__(self, session: requests.Session) -> None:
        super().__init__()
        self.session = session

    def send(self, request: requests.PreparedRequest, **options: Any) -> requests.Response:  # type: ignore[override]  # hands all on
        return self.session.send(request, **{**options, "allow_redirects": False})

    def close(self) -> None:
        """Hold nothing."""
