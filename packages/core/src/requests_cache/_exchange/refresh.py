"""Refresh stored responses in the background, one thread for each that is being refreshed."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable
from contextvars import copy_context
from threading import Lock, Thread
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from ..policy.cache_status import CacheStatus

__all__ = ["Refresher"]

logger = logging.getLogger("requests_cache")


class Refresher:
    """Runs at most one refresh for each key at a time; threads end with their refresh.

    They exist only for sessions that allow `stale_while_revalidate`.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = Lock()
        self._running: dict[str, Thread] = {}
        self._failing: set[str] = set()

    def start(self, key: str, fetch: Callable[[], object], url: str = "") -> None:
        """Call `fetch` in a thread, unless one is at work on `key`.

        There is one warning when refreshing from a host begins to fail, and one message when it
        works again.

        Args:
            key: what is refreshed.
            fetch: gives the answer of the origin, or what is stored if that stands in for it.
            url: where it is fetched from.
        """
        host = urlsplit(url).netloc.rpartition("@")[2]
        if self._process != os.getpid():
            # What was at work when the process forked is the parent's, and may have had the lock.
            self._begin()
        with self._lock:
            if key in self._running:
                return
            context = copy_context()
            thread = Thread(
                target=context.run,
                args=(self._run, key, fetch, host),
                name=f"requests-cache refresh {key:.12}",
                daemon=True,
            )
            thread.start()
            self._running[key] = thread

    def _run(self, key: str, fetch: Callable[[], object], host: str) -> None:
        try:
            trouble: object = _trouble_of(fetch())
        except Exception as error:  # noqa: BLE001  # the origin or a hook may raise anything
            trouble = str(error) or type(error).__name__
        self._report(host, trouble)
        # Only now, so that who waits for a refresh finds its message, too.
        with self._lock:
            self._running.pop(key, None)

    def _report(self, host: str, trouble: object) -> None:
        with self._lock:
            is_news = bool(trouble) != (host in self._failing)
            (self._failing.add if trouble else self._failing.discard)(host)
        if not is_news:
            return
        if trouble:
            logger.warning("refreshing responses of %s in the background fails: %s", host, trouble)
        else:
            logger.info("refreshing responses of %s in the background works again", host)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until what is being refreshed now is done, at most `timeout` seconds for each."""
        with self._lock:
            threads = list(self._running.values())
        for thread in threads:
            thread.join(timeout)


def _trouble_of(answer: object) -> str:
    """Say what is wrong with the answer to a refresh; nothing if it is good."""
    status: CacheStatus | None = getattr(answer, "cache_status", None)
    code: int = getattr(answer, "status_code", 200)
    if status is not None and status.fwd_status is not None:
        code = status.fwd_status
    if code >= 500:
        return f"the origin answers {code}"
    if status is not None and status.detail == "stale-if-error":
        return "the origin cannot be reached"
    return ""
