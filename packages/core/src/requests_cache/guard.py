"""Keep a failing store from failing requests: warn once, go without, and come back by itself."""

from __future__ import annotations

import logging
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, TypeVar

from . import clock
from .errors import CacheError, ValueTooLargeError

if TYPE_CHECKING:
    from .statistics import Statistics

__all__ = ["Guard"]

logger = logging.getLogger("requests_cache")

_T = TypeVar("_T")

# A store that failed is left alone for one second, then for twice as long after each failure.
_FIRST_PAUSE = 1.0
_LONGEST_PAUSE = 30.0


class Guard:
    """A circuit breaker around one cache.

    After a failure the store is not asked for some seconds; then one request tries it again. There
    is one warning when an incident begins and one message when it ends.
    """

    def __init__(self, stats: Statistics, name: str) -> None:
        self._stats = stats
        self._name = name
        self._lock = Lock()
        self._pause = 0.0
        self._retry_at = 0.0

    @property
    def is_troubled(self) -> bool:
        """Say whether the last call failed."""
        return self._pause != 0.0

    @property
    def is_open(self) -> bool:
        """Say whether the store is being left alone at the moment."""
        if not self._pause:
            return False
        with self._lock:
            now = clock.monotonic()
            if now < self._retry_at:
                return True
            # This caller tries; the others wait for the outcome.
            self._retry_at = now + self._pause
            return False

    def call(self, action: Callable[[], _T], otherwise: _T, reraise: bool = False) -> _T:
        """Give what `action` gives, or `otherwise` if the store fails or is being left alone.

        Args:
            action: asks the store.
            otherwise: stands for "nothing there" or "not done".
            reraise: raise the store's error instead.
        """
        if self._pause and not reraise and self.is_open:
            self._stats.add("bypassed")
            return otherwise
        try:
            result = action()
        except ValueTooLargeError as error:
            if reraise:
                raise
            logger.info("%s: not stored: %s", self._name, error)
            return otherwise
        except Exception as error:  # a store of somebody else's may raise anything
            if reraise:
                raise
            self._failed(error)
            return otherwise
        if self._pause:
            self._recovered()
        return result

    def _failed(self, error: Exception) -> None:
        self._stats.add("bypassed")
        with self._lock:
            begins = not self._pause
            self._pause = min(self._pause * 2 or _FIRST_PAUSE, _LONGEST_PAUSE)
            self._retry_at = clock.monotonic() + self._pause
        if begins:
            kind = "" if isinstance(error, CacheError) else f"{type(error).__name__}: "
            logger.warning(
                "%s: the store failed, requests go on without it: %s%s", self._name, kind, error
            )

    def _recovered(self) -> None:
        with self._lock:
            self._pause = 0.0
        logger.info("%s: the store works again", self._name)
