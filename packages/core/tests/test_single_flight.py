"""What is known of requests that are on their way."""

from __future__ import annotations

import pytest
from requests_cache._store.single_flight import SingleFlight
from requests_cache._transfer.spool import Spool
from requests_cache._transfer.watching import Watch


def test_who_looked_before_the_landing_looks_again() -> None:
    flights = SingleFlight()
    since = flights.landings
    first, leads = flights.join("key", since)
    assert first is not None
    assert leads
    flights.leave(first)
    first.land(True)
    late, _ = flights.join("key", since)
    assert late is not None
    assert late.may_be_late


def test_what_is_kept_apart_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("requests_cache._store.single_flight._MOST_APART", 2)
    flights = SingleFlight()
    for key in ("oldest", "older", "newest"):
        flights.keep_apart(key)
    joined = {key: flights.join(key, 0)[0] for key in ("oldest", "older", "newest")}
    assert joined["oldest"] is not None
    assert (joined["older"], joined["newest"]) == (None, None)


def test_a_flight_lands_once_and_who_comes_after_that_does_not_wait() -> None:
    flight, _ = SingleFlight().join("key", 0)
    assert flight is not None
    flight.land(True)
    flight.land(False)
    flight.announce()
    assert flight.wait(None)


@pytest.mark.parametrize("is_stored", [False, True])
def test_a_flight_of_a_body_that_has_come_by_now_lands_at_once(is_stored: bool) -> None:
    flight, _ = SingleFlight().join("key", 0)
    assert flight is not None
    watch = Watch(Spool(), lambda spool: is_stored)
    watch.give_up()
    watch.land(flight)
    assert (flight.is_over, flight.is_stored) == (True, is_stored)
