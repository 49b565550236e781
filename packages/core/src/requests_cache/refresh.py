"""Refresh stored responses in the background, one thread for each that is being refreshed."""

from __future__ import annotations

import logging
from collections.abc import Callable
from contextvars import copy_context
from threading import Lock, Thread

__all__ = ["Refresher"]

logger = logging.getLogger("requests_cache")


class Refresher:
    """Runs at most one refresh for each key at a time; threads end with their refresh.

    They exist only for sessions that allow `stale_while_revalidate`.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._running: dict[str, Thread] = {}

    def start(self, key: str, fetch: Callable[[], object]) -> None:
        """Call `fetch` in a thread, unless one is at work on `key`."""
        with self._lock:
            if key in self._running:
                return
            context = copy_context()
            thread = Thread(
                target=context.run,
                args=(self._run, key, fetch),
                name=f"requests-cache refresh {key:.12}",
                daemon=True,
            )
            thread.start()
            self._running[key] = thread

    def _run(self, key: str, fetch: Callable[[], object]) -> None:
        try:
            fetch()
        except Exception as error:  # noqa: BLE001  # the origin or a hook may raise anything
            logger.warning("refreshing the response under key %.64s failed: %s", key, error)
        finally:
            with self._lock:
                self._running.pop(key, None)

    def wait(self, timeout: float | None = None) -> None:
        """Wait until what is being refreshed now is done, at most `timeout` seconds for each."""
        with self._lock:
            threads = list(self._running.values())
        for thread in threads:
            thread.join(timeout)
