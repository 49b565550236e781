"""What a cache has done so far, counted."""

from __future__ import annotations

from threading import Lock
from typing import ClassVar

__all__ = ["Statistics"]


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
    __slots__ = (*NAMES, "_lock")

    hits: int
    """Requests answered from the cache without asking the origin."""
    misses: int
    """Requests that the origin answered."""
    stale: int
    """Hits with an expired response."""
    revalidated: int
    """Responses that the origin confirmed with 304."""
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
    saved_bytes: int
    """Bytes of the bodies that did not have to be transferred."""
    evicted: int
    """Responses deleted to stay within the bounds."""
    purged: int
    """Responses deleted because they had expired, without being asked to."""

    def __init__(self) -> None:
        self._lock = Lock()
        for name in self.NAMES:
            setattr(self, name, 0)

    def add(self, name: str, amount: int = 1) -> None:
        """Count."""
        with self._lock:
            setattr(self, name, getattr(self, name) + amount)

    def hit(self, size: int) -> None:
        """Count a hit whose body has `size` bytes."""
        with self._lock:
            self.hits += 1
            self.saved_bytes += size

    def as_dict(self) -> dict[str, int]:
        """Give all counters."""
        with self._lock:
            return {name: getattr(self, name) for name in self.NAMES}

    def __repr__(self) -> str:
        """Show the counters that are not zero."""
        counted = ", ".join(f"{name}={n}" for name, n in self.as_dict().items() if n)
        return f"Statistics({counted})"
