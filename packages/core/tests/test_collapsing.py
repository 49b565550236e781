"""Identical requests at the same time: one asks the origin, the others take its response."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Barrier, Event, Thread
from typing import Any

import pytest
import requests
from requests_cache import CachedSession, init_backend
from requests_cache._store.single_flight import SingleFlight
from requests_cache.errors import ConfigurationError
from requests_cache.testing.origin import Answer, Origin, Request

MakeSession = Callable[..., CachedSession]
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])


def at_once(count: int, act: Callable[[], Any]) -> list[Any]:
    """Give what `act` returns or raises in so many threads that start together."""
    start, results = Barrier(count), [None] * count

    def run(number: int) -> None:
        start.wait(20)
        try:
            results[number] = act()
        except requests.RequestException as error:
            results[number] = error  # type: ignore[call-overload]  # a list of anything

    threads = [Thread(target=run, args=(number,), daemon=True) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert not any(thread.is_alive() for thread in threads), "a thread waits for ever"
    return results


class Gate:
    """An answer that waits until it is let go, and then says what it was told."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked = Event()
        self.go = Event()

    def __call__(self, request: Request) -> Answer:
        self.asked.set()
        self.go.wait(20)
        return self.answer


SHARED = Answer(b"shared", (("Cache-Control", "max-age=60"),))
SECRET = Answer(b"mine", (("Cache-Control", "no-store"),))


@BOTH_RULES
@pytest.mark.parametrize("stream", [False, True])
def test_threads_with_the_same_miss_send_one_request(
    origin: Origin, make_session: MakeSession, cache_control: bool, stream: bool
) -> None:
    session = make_session(cache_control=cache_control)
    gate = origin.answers["/one"] = Gate(SHARED)
    gate.go.set()
    answers = at_once(16, lambda: session.get(origin.url("/one"), stream=stream).content)
    assert answers == [b"shared"] * 16
    assert origin.count("/one") == 1
    assert session.cache.stats.hits == 15


@BOTH_RULES
def test_who_waited_says_so(origin: Origin, make_session: MakeSession, cache_control: bool) -> None:
    session = make_session(cache_control=cache_control)
    gate = origin.answers["/one"] = Gate(SHARED)
    leader = Thread(target=session.get, args=(origin.url("/one"),), daemon=True)
    leader.start()
    assert gate.asked.wait(20)
    found: list[Any] = []
    follower = Thread(target=lambda: found.append(session.get(origin.url("/one"))), daemon=True)
    follower.start()
    wait_for_follower(session)
    gate.go.set()
    follower.join(20)
    leader.join(20)
    assert found[0].cache_status.collapsed
    assert session.cache.stats.collapsed == 1


def wait_for_follower(session: CachedSession) -> None:
    """Return when somebody waits for the only flight."""
    (flight,) = session.cache.flights._flying.values()
    while flight._landed is None:
        Event().wait(0.01)  # there is no event for this: nothing else needs to know


def test_another_url_is_not_held_up(origin: Origin, make_session: MakeSession) -> None:
    session = make_session()
    gate = origin.answers["/slow"] = Gate(SHARED)
    leader = Thread(target=session.get, args=(origin.url("/slow"),), daemon=True)
    leader.start()
    assert gate.asked.wait(20)
    assert session.get(origin.url("/json")).ok
    gate.go.set()
    leader.join(20)


@BOTH_RULES
def test_what_may_not_be_stored_is_fetched_by_each(
    origin: Origin, make_session: MakeSession, cache_control: bool
) -> None:
    session = make_session(cache_control=cache_control, allowable_codes=(200,))
    origin.answers["/own"] = lambda _: SECRET if cache_control else SECRET._replace(status=404)
    answers = at_once(8, lambda: session.get(origin.url("/own")).content)
    assert answers == [b"mine"] * 8
    assert origin.count("/own") == 8


def test_nobody_waits_again_for_what_could_not_be_shared(
    origin: Origin, make_session: MakeSession
) -> None:
    session = make_session()
    session.get(origin.url("/status/404"))
    gate = origin.answers["/status/404"] = Gate(Answer(b"", (), 404))
    alone = [
        Thread(target=session.get, args=(origin.url("/status/404"),), daemon=True) for _ in range(2)
    ]
    for thread in alone:
        thread.start()
    while origin.count("/status/404") < 3:
        Event().wait(0.01)  # both have reached the origin, so neither waits for the other
    gate.go.set()
    for thread in alone:
        thread.join(20)


def test_who_waited_for_a_failure_asks_the_origin(
    origin: Origin, make_session: MakeSession
) -> None:
    session = make_session()
    fails = iter([True])

    def send(*args: Any, **kwargs: Any) -> Any:
        if next(fails, False):
            wait_for_follower(session)
            raise requests.ConnectionError("the leader has no luck")
        return plain(*args, **kwargs)

    plain, session.send_to_origin = session.send_to_origin, send  # type: ignore[method-assign]  # a fault of the network
    results = at_once(4, lambda: session.get(origin.url("/json")))
    assert sum(isinstance(result, requests.ConnectionError) for result in results) == 1
    assert origin.count("/json") <= 3
    assert len(session.cache.flights) == 0


@BOTH_RULES
def test_a_redirect_is_followed_once(
    origin: Origin, make_session: MakeSession, cache_control: bool
) -> None:
    session = make_session(cache_control=cache_control)
    answers = at_once(8, lambda: session.get(origin.url("/redirect/2")).status_code)
    assert answers == [200] * 8


def test_a_hook_may_request_the_same_url(origin: Origin, make_session: MakeSession) -> None:
    session = make_session()
    again: list[int] = []

    def hook(response: requests.Response, **_: Any) -> None:
        if not again:
            again.append(0)
            again[0] = session.get(response.url, hooks={"response": []}).status_code

    session.get(origin.url("/json"), hooks={"response": hook})
    assert again == [200]


def test_threads_whose_hooks_request_what_the_other_requests_do_not_wait_for_each_other(
    origin: Origin, make_session: MakeSession
) -> None:
    session = make_session()
    both_lead = Barrier(2)

    def fetch(path: str, other: str) -> int:
        def hook(_: requests.Response, **__: Any) -> None:
            both_lead.wait(20)
            session.get(origin.url(other))

        return session.get(origin.url(path), hooks={"response": hook}).status_code

    pairs = iter([("/bytes/1", "/bytes/2"), ("/bytes/2", "/bytes/1")])
    assert at_once(2, lambda: fetch(*next(pairs))) == [200, 200]


def test_a_waiting_caller_keeps_to_its_own_timeout(
    origin: Origin, make_session: MakeSession
) -> None:
    session = make_session()
    gate = origin.answers["/slow"] = Gate(SHARED)
    leader = Thread(target=session.get, args=(origin.url("/slow"),), daemon=True)
    leader.start()
    assert gate.asked.wait(20)
    with pytest.raises(requests.Timeout):
        session.get(origin.url("/slow"), timeout=0.1)
    gate.go.set()
    leader.join(20)


def test_a_reader_that_stops_does_not_stop_others(
    origin: Origin, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests_cache._store.single_flight._STREAM_WAIT", 0.2)
    session = make_session()
    with session.get(origin.url("/bytes/100000"), stream=True) as half_read:
        next(half_read.iter_content(10))
        answers = at_once(4, lambda: len(session.get(origin.url("/bytes/100000")).content))
    assert answers == [100000] * 4


@pytest.mark.parametrize(
    "options",
    [{"headers": {"If-None-Match": '"x"'}}, {"headers": {"Range": "bytes=0-1"}}, {"refresh": True}],
)
def test_a_request_of_its_own_kind_waits_for_nobody(
    origin: Origin, make_session: MakeSession, options: dict[str, Any]
) -> None:
    session = make_session()
    gate = origin.answers["/slow"] = Gate(SHARED)
    leader = Thread(target=session.get, args=(origin.url("/slow"),), daemon=True)
    leader.start()
    assert gate.asked.wait(20)
    own = Thread(target=session.get, args=(origin.url("/slow"),), kwargs=options, daemon=True)
    own.start()
    while origin.count("/slow") < 2:
        Event().wait(0.01)  # it has reached the origin while the first one is still on its way
    gate.go.set()
    own.join(20)
    leader.join(20)


def test_collapsing_can_be_turned_off(origin: Origin, make_session: MakeSession) -> None:
    session = make_session(collapse=False)
    together = Barrier(4)

    def answer(_: Request) -> Answer:
        together.wait(20)
        return SHARED

    origin.answers["/each"] = answer
    at_once(4, lambda: session.get(origin.url("/each")))
    assert origin.count("/each") == 4


def test_a_store_without_leases_refuses_to_collapse_between_processes(
    make_session: MakeSession,
) -> None:
    with pytest.raises(ConfigurationError, match="collapse='processes'"):
        make_session(collapse="processes")


@pytest.fixture
def make_process(tmp_path: Path, make_session: MakeSession) -> MakeSession:
    """Give a maker of sessions that share a file and nothing else, as two processes do."""

    def make(**options: Any) -> CachedSession:
        cache = init_backend("sqlite", tmp_path / "shared")
        return make_session(backend=cache, collapse="processes", **options)

    return make


def refusals(session: CachedSession) -> Event:
    """Give what is set when the store refuses this session a lease."""
    responses, refused = session.cache.responses, Event()
    take = responses.lease

    def lease(key: str, seconds: float) -> str | None:
        token = take(key, seconds)
        if token is None:
            refused.set()
        return token

    responses.lease = lease  # type: ignore[method-assign]  # to see what it gives
    return refused


def start(session: CachedSession, url: str, **options: Any) -> tuple[Thread, list[Any]]:
    """Send a request in a thread of its own; give this and where the response will be."""
    found: list[Any] = []
    thread = Thread(target=lambda: found.append(session.get(url, **options)), daemon=True)
    thread.start()
    return thread, found


@BOTH_RULES
def test_of_two_processes_one_sends_the_request(
    origin: Origin, make_process: MakeSession, cache_control: bool
) -> None:
    first, second = (make_process(cache_control=cache_control) for _ in range(2))
    refused = refusals(second)
    gate = origin.answers["/one"] = Gate(SHARED)
    leader, led = start(first, origin.url("/one"))
    assert gate.asked.wait(20)
    follower, followed = start(second, origin.url("/one"))
    assert refused.wait(20)
    gate.go.set()
    leader.join(20)
    follower.join(20)
    assert (led[0].content, followed[0].content) == (b"shared", b"shared")
    assert followed[0].cache_status.collapsed
    assert origin.count("/one") == 1


def test_a_process_fetches_what_another_one_could_not_store(
    origin: Origin, make_process: MakeSession
) -> None:
    first, second = make_process(), make_process()
    refused = refusals(second)
    gate = origin.answers["/own"] = Gate(Answer(b"mine", (), 404))
    leader, _ = start(first, origin.url("/own"))
    assert gate.asked.wait(20)
    follower, followed = start(second, origin.url("/own"))
    assert refused.wait(20)
    gate.go.set()
    leader.join(20)
    follower.join(20)
    assert followed[0].status_code == 404
    assert origin.count("/own") == 2


def test_a_process_waits_no_longer_than_its_own_timeout(
    origin: Origin, make_process: MakeSession
) -> None:
    first, second = make_process(), make_process()
    gate = Gate(SHARED)
    origin.answers["/slow"] = lambda request: (
        gate(request) if origin.count("/slow") == 1 else SHARED
    )
    leader, _ = start(first, origin.url("/slow"))
    assert gate.asked.wait(20)
    assert second.get(origin.url("/slow"), timeout=(0.1, 0.2)).content == b"shared"
    assert origin.count("/slow") == 2
    gate.go.set()
    leader.join(20)


def test_who_waited_for_what_cannot_be_used_asks_the_origin(
    origin: Origin, make_session: MakeSession
) -> None:
    session = make_session(cache_control=True)
    stale = Answer(b"stale", (("Cache-Control", "max-age=0"), ("ETag", '"1"')))
    gate = origin.answers["/stale"] = Gate(stale)
    leader, _ = start(session, origin.url("/stale"))
    assert gate.asked.wait(20)
    follower, followed = start(session, origin.url("/stale"))
    wait_for_follower(session)
    gate.go.set()
    leader.join(20)
    follower.join(20)
    assert followed[0].content == b"stale"
    assert not followed[0].cache_status.collapsed
    assert origin.count("/stale") == 2


def test_what_landed_between_the_look_and_the_start_is_not_fetched_again(
    origin: Origin, make_session: MakeSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = make_session()
    join = SingleFlight.join

    def join_late(self: SingleFlight, key: Any, since: int) -> Any:
        monkeypatch.setattr(SingleFlight, "join", join)
        thread, _ = start(session, origin.url("/json"))  # somebody else is quicker
        thread.join(20)
        return self.join(key, since)

    monkeypatch.setattr(SingleFlight, "join", join_late)
    response = session.get(origin.url("/json"))
    assert response.from_cache
    assert response.cache_status.collapsed
    assert origin.count("/json") == 1
