"""An event as a line of the log; a hit at level DEBUG waits for it, so it is made with little."""

from __future__ import annotations

import logging
import sys
import time
from os import getpid
from threading import current_thread, local
from typing import Any, Final

from .events import Event

__all__ = ["log_event"]

logger: logging.Logger = logging.getLogger("requests_cache")

_NAMES: Final = Event._fields
# What `logging` finds out anew for each record takes longer than the rest of a hit, and is the same
# for all of a thread but for the times and names that are set below.
_of_thread: Final = local()


def log_event(event: Event) -> None:
    """Write one line with level DEBUG; the fields of the event are attributes of the record."""
    # There is no secret in an event, so nothing of it has to be an argument for the filter to see.
    record = _make_record(_Line(event))
    # `extra=` would fail the request where a record has an attribute of this name already.
    record.__dict__.update(zip(_NAMES, event, strict=True))
    logger.handle(record)


def _make_record(line: _Line) -> logging.LogRecord:
    """Make a record as `logging` does: the very one that it makes wherever it may be another."""
    asyncio: Any = sys.modules.get("asyncio.events")
    if (
        logging.getLogRecordFactory() is not logging.LogRecord
        or type(logger) is not logging.Logger
        # A record has the name of the task that runs in this thread.
        or (asyncio is not None and asyncio._get_running_loop() is not None)
    ):
        return _full_record(line)
    template: dict[str, Any] | None = getattr(_of_thread, "template", None)
    if template is None or template["process"] != getpid():
        template = _of_thread.template = vars(_full_record(line))
    record, now = logging.LogRecord.__new__(logging.LogRecord), time.time()
    record.__dict__ = fields = template.copy()
    fields["msg"] = line
    fields["threadName"] = current_thread().name
    fields["created"] = now
    fields["msecs"] = float(int(now % 1 * 1000))
    fields["relativeCreated"] += (now - template["created"]) * 1000
    return record


def _full_record(line: _Line) -> logging.LogRecord:
    place = (__file__, log_event.__code__.co_firstlineno)
    return logger.makeRecord(logger.name, logging.DEBUG, *place, line, (), None, "log_event")


class _Line:
    """The text of an event; it is made when a handler asks for it."""

    __slots__ = ("_event",)

    def __init__(self, event: Event) -> None:
        self._event = event

    def __str__(self) -> str:
        event = self._event
        reason = f" ({event.reason})" if event.reason else ""
        what = f"{event.outcome} {event.method} {event.url}".rstrip()
        return f"{what}{reason}{''.join(_figures(event))}"


def _figures(event: Event) -> list[str]:
    figures = {
        "status": event.status,
        "age": _seconds(event.age),
        "ttl": _seconds(event.ttl),
        "store": _milliseconds(event.store_time),
        "origin": _milliseconds(event.origin_time),
        "key": event.key and event.key[:12],
    }
    return [f" {name}={value}" for name, value in figures.items() if value is not None]


def _seconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds:.0f}s"


def _milliseconds(seconds: float | None) -> str | None:
    return None if seconds is None else f"{seconds * 1000:.2f}ms"
