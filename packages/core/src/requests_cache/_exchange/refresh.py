"""Refresh stored responses in the background, in a few threads that end with the work."""

from __future__ import annotations

import logging
import os
from collections import deque
from collections.abc import Callable
from contextvars import copy_context
from functools import partial
from threading import Lock, Thread, current_thread
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .. import clock

if TYPE_CHECKING:
    from ..policy.cache_status import CacheStatus

logger = logging.getLogger("requests_cache")

LONGEST_REFRESH: Final = 300.0
"""A refresh that takes longer, in seconds, is taken for one that hangs: another one may begin. It
is also for how long one waits for the next byte of its origin, if the caller set no `timeout`."""

# An origin is not to be asked for all stale pages of a crawl at the same moment.
_MOST_AT_ONCE: Final = 8
# What hangs keeps its thread; of those there is an end, too.
_MOST_THREADS: Final = 32
# Each holds a stored response. What finds no place is refreshed at a later request.
_MOST_WAITING: Final = 128


class _Job:
    """A refresh that waits for its turn, or is at work."""

    __slots__ = ("began", "fetch", "host", "key")

    def __init__(self, key: str, fetch: Callable[[], object], host: str) -> None:
        self.key = key
        self.fetch = fetch
        self.host = host
        self.began: float | None = None
        """When it was begun; None while it waits."""

    def is_overdue(self) -> bool:
        """Say whether it has been at work for so long that it must hang."""
        return self.began is not None and clock.monotonic() - self.began >= LONGEST_REFRESH


class Refresher:
    """Runs at most one refresh for each key at a time, and at most eight in all.

    Threads exist only while there is something to refresh, so only for sessions that allow
    `stale_while_revalidate`. Where none can be started, the caller refreshes by himself.
    """

    def __init__(self) -> None:
        self._begin()

    def _begin(self) -> None:
        self._process = os.getpid()
        self._lock = Lock()
        self._jobs: dict[str, _Job] = {}
        self._waiting: deque[_Job] = deque()
        self._threads: dict[Thread, _Job | None] = {}
        self._failing: set[str] = set()

    def start(self, key: str, fetch: Callable[[], object], url: str = "") -> None:
        """Call `fetch` in a thread soon, unless that is about to happen for `key` already.

        There is one warning when refreshing from a host begins to fail, and one message when it
        works again. Nothing is raised: whoever calls has a stored response in hand.
        """
        if self._process != os.getpid():
            # What was at work when the process forked is the parent's, and may have had the lock.
            self._begin()
        running = self._jobs.get(key)
        if running is not None and not running.is_overdue():
            # As at most stale hits; what hangs for others is noted with what is added next.
            return
        host = urlsplit(url).netloc.rpartition("@")[2]
        job = _Job(key, partial(copy_context().run, fetch), host)
        with self._lock:
            hanging = self._drop_hanging()
            has_thread = not self._add(job) or self._has_thread()
        for host in hanging:
            self._report(host, f"no answer within {LONGEST_REFRESH:.0f} seconds")
        if not has_thread:
            self._run(job)

    def _drop_hanging(self) -> set[str]:
        """Let others begin in the place of those that hang; give the hosts that they wait for."""
        hanging = [job for job in self._jobs.values() if job.is_overdue()]
        for job in hanging:
            del self._jobs[job.key]
        return {job.host for job in hanging}

    def _add(self, job: _Job) -> bool:
        if job.key in self._jobs or len(self._waiting) >= _MOST_WAITING:
            return False
        self._jobs[job.key] = job
        self._waiting.append(job)
        return True

    def _has_thread(self) -> bool:
        """Start a thread for the newest job if there may be another; False if it gets none."""
        at_work = sum(job is None or not job.is_overdue() for job in self._threads.values())
        if at_work >= _MOST_AT_ONCE or len(self._threads) >= _MOST_THREADS:
            return True
        thread = Thread(target=self._work, name="requests-cache refresh", daemon=True)
        self._threads[thread] = None
        try:
            thread.start()
        except RuntimeError:  # the limit of the system, the end of the process, or WebAssembly
            del self._threads[thread]
            if not at_work:
                self._waiting.pop().began = clock.monotonic()
            return bool(at_work)
        return True

    def _work(self) -> None:
        while (job := self._take(current_thread())) is not None:
            self._run(job)

    def _take(self, thread: Thread) -> _Job | None:
        """Give the next job; None, and the thread has ended, if there is none."""
        with self._lock:
            if not self._waiting:
                del self._threads[thread]
                return None
            job = self._threads[thread] = self._waiting.popleft()
            job.began = clock.monotonic()
            return job

    def _run(self, job: _Job) -> None:
        try:
            trouble: object = _trouble_of(job.fetch())
        except Exception as error:  # noqa: BLE001  # the origin or a hook may raise anything
            trouble = str(error) or type(error).__name__
        self._report(job.host, trouble)
        # Only now, so that who waits for a refresh finds its message, too.
        with self._lock:
            if self._jobs.get(job.key) is job:
                del self._jobs[job.key]

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

    def drop_waiting(self) -> None:
        """Forget what has not been begun; what is at work ends."""
        if self._process != os.getpid():
            return  # what waits is the parent's
        with self._lock:
            for job in self._waiting:
                del self._jobs[job.key]
            self._waiting.clear()

    def wait(self, timeout: float | None = None) -> None:
        """Wait until what is to be refreshed now is done, at most `timeout` seconds a thread."""
        with self._lock:
            threads = list(self._threads)
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
