"""What a cache tells of each request, write, eviction and validation; see `cache.events`.

    >>> from requests_cache import CachedSession
    >>> told = []
    >>> session = CachedSession(backend="memory", on_event=told.append)

Imported when the first event is told: while nobody listens it costs nothing.
"""

from __future__ import annotations

import logging
import sys
import time
from os import getpid
from threading import current_thread, local
from typing import Any, Final, Literal, NamedTuple

__all__ = ["Event", "Outcome"]

Outcome = Literal[
    "hit", "stale", "revalidated", "miss", "bypassed", "failed", "refreshed", "stored", "evicted"
]
"""What has happened.

Each request ends in one of these:
hit           answered from the cache
stale         answered from the cache with an expired response
revalidated   answered from the cache after the origin confirmed it with 304
miss          answered by the origin
bypassed      answered by the origin, and the cache had no part: it was told so, or its store failed
failed        not answered: an exception was raised, or 504 with `only_if_cached`

Others belong to no caller:
refreshed     a response that was served stale was fetched or confirmed in the background
stored        a response was written
evicted       a response was deleted to stay within the bounds
"""


class Event(NamedTuple):
    """One thing that has happened; nothing in it is secret."""

    outcome: Outcome
    method: str = ""
    url: str = ""
    """URL of the request without secrets; "" for an eviction, of which only the key is known."""
    key: str | None = None
    """Key of the request; None if it has none."""
    reason: str = ""
    """Why, in the words of `response.cache_status`, which are those of RFC 9211, such as
    "uri-miss, stored"; of what is served from the cache it is "fresh" or "stale"."""
    status: int | None = None
    """Status code of the response."""
    age: float | None = None
    """Seconds since the response was received or validated; None if it is not from the cache."""
    ttl: float | None = None
    """Seconds until it expires, negative if it has; None for never, or if it is not stored."""
    size: int | None = None
    """Bytes of the stored body."""
    store_time: float | None = None
    """Seconds that the store took; a body that the caller reads in pieces is not in it."""
    origin_time: float | None = None
    """Seconds that the origin took; None if it was not asked."""


# An event as a line of the log; a hit at level DEBUG waits for it, so it is made with little

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
