"""What a cache has done so far, counted, and what it does, told to who listens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from math import inf
from threading import Lock, RLock, get_ident
from typing import TYPE_CHECKING, ClassVar, Final, TypeAlias

from .. import clock
from .._memos import Memo

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .._matching.credentials import Redactor
    from ..events import Event
    from ..models.record import Record

logger: logging.Logger = logging.getLogger("requests_cache")

DEBUG: Final = logging.DEBUG
_MOST_URLS: Final = 1000
LEVELS: Final[dict[int, bool]] = getattr(logger, "_cache", {})
"""What `logging` has found out: whether a level is written. Any change of a level empties it, so a
hit need not ask `logging` itself."""

Observer: TypeAlias = Callable[[str, int], object]
"""Is told the name of a counter, and by how much it grows."""

Listener: TypeAlias = "Callable[[Event], object]"
"""Is told each event; it is called in the thread in which it happens."""


# A hit only notes the size of its body, for a lock would take a tenth of its time.
_MOST_NOTED: Final = 1000
# Where what is counted lies; what is noted only, and not added yet, need not be added for that.
_PLACES: Final = {"hits": "_hits", "saved_bytes": "_saved_bytes"}


class Events:
    """Tells what a cache does to who listens, and to the log with level DEBUG."""

    __slots__ = ("_busy", "_event", "_lock", "_urls", "_write", "listeners")

    def __init__(self) -> None:
        self.listeners: tuple[Listener, ...] = ()
        self._lock = Lock()
        self._busy: set[tuple[int, int]] = set()
        # Both are imported when the first event is told.
        self._event: type[Event] | None = None
        self._write: Listener | None = None
        self._urls: Memo[str, tuple[Redactor, str | bytes, str]] = Memo(_MOST_URLS)

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Have each event told to `listener` from now on; what is returned ends that.

        What a listener raises is logged and goes no further. It should return soon: the request
        waits for it. It may use the session: what it asks for is told to the others alone.
        """
        with self._lock:
            self.listeners = (*self.listeners, listener)

        def end() -> None:
            with self._lock:
                self.listeners = tuple(each for each in self.listeners if each is not listener)

        return end

    def is_heard(self) -> bool:
        """Say whether anybody listens."""
        return bool(self.listeners) or _is_logged()

    def tell_hit(self, redactor: Redactor, key: str, record: Record, taken: float) -> None:
        """Tell a hit of the fast path, for which the store took so many seconds."""
        make = self._event
        if make is None:
            from ..events import Event

            make = self._event = Event
        now, url = clock.now(), self.url_of(redactor, key, record.source, record)
        ttl = None if record.expires == inf else record.expires - now
        age, size = max(0.0, now - record.created), record.size
        self.tell(make("hit", "GET", url, key, "fresh", record.status, age, ttl, size, taken))

    def url_of(
        self, redactor: Redactor, key: str, source: str | bytes, holder: Record | PreparedRequest
    ) -> str:
        """Give the URL of a record or a request without secrets; it is searched for them once.

        Args:
            redactor: knows what is secret.
            key: the key of the request.
            source: what the URL is read from; empty for what changes.
            holder: has the URL.
        """
        seen = self._urls.get(key)
        if seen is not None and source and seen[0] is redactor and seen[1] == source:
            return seen[2]
        url = redactor.url(holder.url or "")
        self._urls[key] = redactor, source, url
        return url

    def tell(self, event: Event) -> None:
        """Tell an event."""
        if _is_logged():
            self._log(event)
        for listener in self.listeners:
            call = (get_ident(), id(listener))
            if call in self._busy:
                continue
            self._busy.add(call)
            try:
                listener(event)
            except Exception:  # a listener must not fail a request
                logger.exception("a listener to the events of the cache failed")
            finally:
                self._busy.discard(call)

    def _log(self, event: Event) -> None:
        write = self._write
        if write is None:
            from ..events import log_event

            write = self._write = log_event
        write(event)


def _is_logged() -> bool:
    # Looked up as the fast path does: a level that is known needs no call.
    known = LEVELS.get(DEBUG)
    return logger.isEnabledFor(DEBUG) if known is None else known


class Statistics:
    """Counters of one cache in this process; cheap, and safe between threads."""

    NAMES: ClassVar[tuple[str, ...]] = (
        "hits",
        "misses",
        "stale",
        "revalidated",
        "collapsed",
        "bypassed",
        "invalid",
        "stored",
        "stored_bytes",
        "saved_bytes",
        "evicted",
        "purged",
    )
    __slots__ = (
        *("misses", "stale", "revalidated", "collapsed", "bypassed", "invalid", "stored"),
        *("stored_bytes", "evicted", "purged"),
        *("_hits", "_lock", "_noted", "_observers", "_saved_bytes"),
    )

    misses: int
    """Requests that the origin answered."""
    stale: int
    """Hits with an expired response."""
    revalidated: int
    """Responses that the origin confirmed with 304; they are neither hits nor misses."""
    collapsed: int
    """Requests that waited for an identical one and took its response."""
    bypassed: int
    """Requests that went without the cache because the store failed."""
    invalid: int
    """Stored values that could not be read."""
    stored: int
    """Responses stored."""
    stored_bytes: int
    """Bytes of the bodies stored."""
    evicted: int
    """Responses deleted to stay within the bounds."""
    purged: int
    """Responses deleted because they had expired, without being asked to."""

    def __init__(self) -> None:
        self._lock = RLock()
        self._observers: tuple[Observer, ...] = ()
        self._noted: list[int] = []
        self._hits = self._saved_bytes = 0
        for name in self.NAMES:
            setattr(self, name, 0)

    def add(self, name: str, amount: int = 1) -> None:
        """Count."""
        place = _PLACES.get(name, name)
        with self._lock:
            setattr(self, place, getattr(self, place) + amount)

    def hit(self, size: int) -> None:
        """Count a hit whose body has `size` bytes."""
        noted = self._noted
        noted.append(size)
        if len(noted) >= _MOST_NOTED:
            self._add_noted()

    def _add_noted(self) -> None:
        """Add the hits that were only noted; what others note meanwhile comes behind these."""
        with self._lock:
            noted = self._noted[:]
            del self._noted[: len(noted)]
            self._hits += len(noted)
            self._saved_bytes += sum(noted)

    @property
    def hits(self) -> int:
        """Requests answered from the cache alone; the origin was not asked, or failed."""
        self._add_noted()
        return self._hits

    @hits.setter
    def hits(self, count: int) -> None:
        with self._lock:
            self._add_noted()
            self._hits = count

    @property
    def saved_bytes(self) -> int:
        """Bytes of the bodies that did not have to be transferred."""
        self._add_noted()
        return self._saved_bytes

    @saved_bytes.setter
    def saved_bytes(self, count: int) -> None:
        with self._lock:
            self._add_noted()
            self._saved_bytes = count

    def observe(self, observer: Observer) -> None:
        """Have every count handed to `observer`, for logs, metrics or traces.

        It is called in the thread of the request; what it raises is logged and goes no further.

        Args:
            observer: called with the name of a counter and by how much it grows.

        Example:
            >>> counted = []
            >>> stats = Statistics()
            >>> stats.observe(lambda name, amount: counted.append((name, amount)))
            >>> stats.add("misses")
            >>> counted
            [('misses', 1)]
        """
        with self._lock:
            self._observers = (*self._observers, observer)
        # Another class, so that counting costs nothing more where nobody looks.
        self.__class__ = _Observed

    def as_dict(self) -> dict[str, int]:
        """Give all counters."""
        with self._lock:
            return {name: getattr(self, name) for name in self.NAMES}

    def __repr__(self) -> str:
        """Show the counters that are not zero."""
        counted = ", ".join(f"{name}={n}" for name, n in self.as_dict().items() if n)
        return f"Statistics({counted})"

    def _repr_html_(self) -> str:
        """Show the counters in a notebook."""
        from ..notebook import table

        counted = {name: str(n) for name, n in self.as_dict().items() if n}
        asked = self.hits + self.misses + self.revalidated
        if asked:
            counted["hit rate"] = f"{self.hits / asked:.0%}"
        return table("Statistics", counted.items())


class _Observed(Statistics):
    """Counters that somebody looks at."""

    __slots__ = ()

    def add(self, name: str, amount: int = 1) -> None:
        super().add(name, amount)
        self._tell(name, amount)

    def hit(self, size: int) -> None:
        super().hit(size)
        self._tell("hits", 1)
        self._tell("saved_bytes", size)

    def _tell(self, name: str, amount: int) -> None:
        for observer in self._observers:
            try:
                observer(name, amount)
            except Exception:  # an observer must not fail a request
                logger.exception("an observer of the statistics failed")
