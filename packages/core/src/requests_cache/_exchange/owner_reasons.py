"""Why something that is there is fetched again: it is another's. The third time the log says so."""

from __future__ import annotations

import logging
from collections import Counter
from threading import Lock
from typing import Final

__all__ = ["OwnerReasons"]

logger = logging.getLogger("requests_cache")

_SAID_AT: Final = 3
_MOST_REMEMBERED: Final = 256
_REMEDIES: Final = {
    "cookie": "ignored_parameters=[{name!r}] if it says nothing of who is asking,"
    " match_cookies=[...] with those that select answers, or partition='...'",
    "selection": "match_cookies=[] if answers do not depend on cookies, else match_cookies=[...]"
    " with those that select them, or partition='...'",
    "needs": "ignored_parameters=[{name!r}] if answers do not depend on it, one session for all"
    " calls, or replay_cookies=True",
    "field": "ignored_parameters=[{name!r}] leaves it out; partition='...' takes its place",
    "event": "any of them may be a login: list in ignored_parameters the cookies that say nothing"
    " of who is asking, or give a partition='...'",
    "auth": "it makes another credential for each request; partition='...' says whose they are",
}
_CAUSES: Final = {
    "cookie": "the cookie {name!r}",
    "selection": "the values of cookies, such as {name!r}, which select what is private",
    "needs": "the cookie {name!r}, which came with them and a new session does not hold",
    "field": "the field or parameter {name!r}",
    "event": "unsafe requests (POST and the like) between them",
    "auth": "the auth object, which changes {name!r}",
}


class OwnerReasons:
    """Counts the reasons of a cache, and says each of them once."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def note(self, kind: str, name: str, host: str) -> None:
        """Count a reason; the third time say it, with what helps.

        Args:
            kind: "cookie", "selection", "needs", "field", "event", or "auth" for a field that an
                auth object makes anew each time.
            name: of the cookie or field.
            host: of the request.
        """
        with self._lock:
            if len(self._times) >= _MOST_REMEMBERED and (kind, name) not in self._times:
                return
            self._times[kind, name] += 1
            if self._times[kind, name] != _SAID_AT:
                return
        # Of what is signed anew each time nothing is ever found, and the store only grows.
        level = logging.WARNING if kind == "auth" else logging.INFO
        cause, remedy = _CAUSES[kind].format(name=name), _REMEDIES[kind].format(name=name)
        logger.log(
            level, "responses of %s are fetched again because of %s: %s", host, cause, remedy
        )
