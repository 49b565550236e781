"""A line of the log is the record that `logging` would have made, whatever a program does to it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.events import Event, log_event

EVENT = Event("hit", "GET", "http://site.test/", "key", "fresh", 200, 1.0, 2.0, 3, 0.004)
# Where and when it was written, and the text.
OF_ITS_OWN = {"created", "msecs", "relativeCreated", "pathname", "filename", "module", "lineno"}
OF_ITS_OWN |= {"funcName", "msg", "args", "message"}


class _Keeping(logging.Handler):
    """Keeps the records, and adds nothing to them."""

    def __init__(self, lines: list[Any]) -> None:
        super().__init__()
        self._lines = lines

    def emit(self, record: logging.LogRecord) -> None:
        self._lines.append(record)


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> list[Any]:
    caplog.set_level(logging.DEBUG, "requests_cache")
    found: list[Any] = []
    monkeypatch.setattr(logging.getLogger("requests_cache"), "handlers", [_Keeping(found)])
    return found


async def _in_a_task(work: Callable[[], None]) -> None:
    work()


def _here(work: Callable[[], None]) -> None:
    work()


def _in_a_thread(work: Callable[[], None]) -> None:
    thread = Thread(target=work, name="another")
    thread.start()
    thread.join()


def _in_a_loop(work: Callable[[], None]) -> None:
    asyncio.run(_in_a_task(work))


@pytest.mark.parametrize("run", [_here, _in_a_thread, _in_a_loop])
def test_it_has_all_that_a_record_has(lines: list[Any], run: Callable[..., None]) -> None:
    def work() -> None:
        # The first of a thread is made in full.
        for _ in range(2):
            log_event(EVENT)
        logging.getLogger("requests_cache").debug("%s", "plain", extra=EVENT._asdict())

    run(work)
    *ours, plain = lines
    for line in ours:
        assert set(vars(line)) == set(vars(plain))
        names = set(vars(plain)) - OF_ITS_OWN
        assert {name: vars(line)[name] for name in names} == {
            name: vars(plain)[name] for name in names
        }
        assert 0 <= plain.created - line.created < 60
        assert abs(line.created % 1 * 1000 - line.msecs) <= 1
        began = [each.created - each.relativeCreated / 1000 for each in (line, plain)]
        assert began[0] == pytest.approx(began[1], abs=0.001)
        assert line.getMessage() == (
            "hit GET http://site.test/ (fresh) status=200 age=1s ttl=2s store=4.00ms key=key"
        )


def test_records_that_a_program_makes_itself_fail_no_request(
    make_session: Callable[..., CachedSession],
    origin: Any,
    lines: list[Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Traced(logging.LogRecord):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            self.trace, self.url, self.method = "trace-1", "/page", "POST"

    before = logging.getLogRecordFactory()
    monkeypatch.setattr(logging, "_logRecordFactory", before)
    logging.setLogRecordFactory(Traced)
    session = make_session()
    for _ in range(3):
        assert session.get(origin.url("/json")).ok
    told = [line for line in lines if hasattr(line, "outcome")]
    assert [line.outcome for line in told] == ["stored", "miss", "hit", "hit"]
    for line in told:
        assert (line.trace, line.url, line.method) == ("trace-1", origin.url("/json"), "GET")


def test_a_name_that_a_thread_is_given_later_is_in_the_next_line(lines: list[Any]) -> None:
    def work() -> None:
        log_event(EVENT)
        thread.name = "renamed"
        log_event(EVENT)

    thread = Thread(target=work, name="first")
    thread.start()
    thread.join()
    assert [line.threadName for line in lines] == ["first", "renamed"]
