"""What happens when a store fails: warn once, go without, come back."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import pytest
from requests_cache._exchange.circuit_breaker import CircuitBreaker
from requests_cache.backends.statistics import Statistics
from requests_cache.errors import StorageBusyError, StorageUnavailableError, ValueTooLargeError


def broken() -> str:
    raise OSError("no route")


@pytest.fixture
def breaker(set_time: Callable[[float], None]) -> CircuitBreaker:
    return CircuitBreaker(Statistics(), "the cache")


def test_what_the_store_gives_is_given(breaker: CircuitBreaker) -> None:
    assert breaker.call(lambda: "value", "nothing") == "value"
    assert not breaker.is_troubled


def test_a_failure_is_warned_about_once_and_leaves_the_store_alone(
    breaker: CircuitBreaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    asked: list[int] = []
    assert breaker.call(broken, "nothing") == "nothing"
    assert breaker.is_troubled
    assert breaker.call(lambda: asked.append(1), None) is None
    assert asked == []
    assert [record.levelname for record in caplog.records] == ["WARNING"]
    assert "the cache: the store failed, requests go on without it: OSError: no route" in (
        caplog.text
    )


def test_the_pause_doubles_up_to_half_a_minute(
    breaker: CircuitBreaker, set_time: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    tried: list[float] = []

    def fail(now: float) -> None:
        tried.append(now)
        raise OSError

    for tenths in range(230):
        now = tenths / 10
        set_time(now)
        breaker.call(partial(fail, now), None)
    assert tried == [0, 1, 3, 7, 12, 17, 22]
    assert len(caplog.records) == 1


def test_one_caller_tries_again_while_the_others_wait(
    breaker: CircuitBreaker, set_time: Callable[[float], None]
) -> None:
    breaker.call(broken, "")
    set_time(1001)

    def meanwhile() -> str:
        return breaker.call(lambda: "mine", "left alone")

    def hang_for(seconds: float) -> str:
        set_time(1001 + seconds)
        return meanwhile()

    assert breaker.call(partial(hang_for, 4.9), "") == "left alone"
    assert meanwhile() == "mine"
    breaker.call(broken, "")
    set_time(1020)
    assert breaker.call(partial(hang_for, 24.1), "") == "mine"


def test_the_store_comes_back_with_one_message(
    breaker: CircuitBreaker, set_time: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    breaker.call(broken, "")
    set_time(1001)
    assert breaker.call(lambda: "value", "") == "value"
    assert breaker.call(lambda: "value", "") == "value"
    assert not breaker.is_troubled
    assert [record.message for record in caplog.records[1:]] == ["the cache: the store works again"]


def test_attempts_that_fail_together_are_one_incident(
    breaker: CircuitBreaker, set_time: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    def fail_after_another() -> str:
        breaker.call(broken, "")
        return broken()

    assert breaker.call(fail_after_another, "nothing") == "nothing"
    assert len(caplog.records) == 1
    set_time(1001.5)
    assert breaker.call(lambda: "after a second, not two", "") == "after a second, not two"


def test_an_attempt_that_began_before_the_failure_does_not_end_the_incident(
    breaker: CircuitBreaker,
) -> None:
    def succeed_late() -> str:
        breaker.call(broken, "")
        return "read before it failed"

    assert breaker.call(succeed_late, "") == "read before it failed"
    assert breaker.is_troubled


def test_an_attempt_that_began_before_the_recovery_does_not_begin_another_incident(
    breaker: CircuitBreaker, set_time: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    breaker.call(broken, "")

    def fail_late() -> str:
        set_time(1010)
        breaker.call(lambda: "it works", "")
        return broken()

    set_time(1002)
    assert breaker.call(fail_late, "nothing") == "nothing"
    assert not breaker.is_troubled
    assert len(caplog.records) == 1


def test_errors_of_ours_are_named_without_their_class(
    breaker: CircuitBreaker, caplog: pytest.LogCaptureFixture
) -> None:
    def unavailable() -> None:
        raise StorageUnavailableError("the server is gone")

    breaker.call(unavailable, None)
    assert "without it: the server is gone" in caplog.text


def test_a_value_that_is_too_large_is_no_failure(
    breaker: CircuitBreaker, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")

    def too_large() -> bool:
        raise ValueTooLargeError("500 KB")

    assert breaker.call(too_large, False) is False
    assert not breaker.is_troubled
    assert "not stored: 500 KB" in caplog.text
    with pytest.raises(ValueTooLargeError):
        breaker.call(too_large, False, reraise=True)


def test_errors_are_raised_on_request_and_do_not_open_the_circuit(breaker: CircuitBreaker) -> None:
    with pytest.raises(OSError, match="no route"):
        breaker.call(broken, "", reraise=True)
    assert not breaker.is_troubled


def test_a_store_that_cannot_be_written_is_still_read(
    breaker: CircuitBreaker, set_time: Callable[[float], None], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    for seconds in range(0, 100, 10):
        set_time(seconds)
        assert breaker.call(broken, "not done", writes=True) == "not done"
        assert breaker.call(lambda: "value", "") == "value"
        assert not breaker.is_troubled
    assert len(caplog.records) == 1
    set_time(200)
    assert breaker.call(lambda: "done", "", writes=True) == "done"
    assert caplog.records[-1].message == "the cache: the store works again"


def test_a_store_that_cannot_be_read_is_not_written(breaker: CircuitBreaker) -> None:
    breaker.call(broken, "")
    assert breaker.call(lambda: "done", "left alone", writes=True) == "left alone"


def test_a_store_that_can_be_read_again_is_written_to_at_once(
    breaker: CircuitBreaker, set_time: Callable[[float], None]
) -> None:
    for seconds in range(1000, 1100, 10):
        set_time(seconds)
        breaker.call(broken, "")
        set_time(seconds + 5)
        breaker.call(broken, "", writes=True)
    assert breaker.call(lambda: "value", "") == "value"
    assert breaker.call(lambda: "done", "left alone", writes=True) == "done"


def test_requests_that_went_without_the_store_are_counted(
    set_time: Callable[[float], None],
) -> None:
    stats = Statistics()
    breaker = CircuitBreaker(stats, "the cache")
    breaker.call(broken, "")
    breaker.call(broken, "")
    assert stats.bypassed == 2

    def busy() -> bool:
        raise StorageBusyError("all connections are in use")

    later = CircuitBreaker(stats, "another cache")
    assert later.call(busy, False) is False
    assert (stats.bypassed, later.is_troubled) == (3, False)
