"""The cookies of a session at one time, and whether they make a difference to what is stored.

Most jars hold what an origin gives to everybody: cookies of balancers, of analytics, or of a visit
in which nobody said who he is. To the cache such a jar is as good as an empty one; a request that
is sent, and the one that a hit shows, have its cookies all the same.
"""

from __future__ import annotations

import time
from http.cookiejar import DefaultCookiePolicy
from math import inf
from typing import TYPE_CHECKING, Any

from requests.cookies import RequestsCookieJar

from .. import clock
from .._exchange.jar_marks import counts, marks_of
from .._matching.owner import is_asked_for

if TYPE_CHECKING:
    from collections.abc import Collection

__all__ = ["HeldJar"]


class HeldJar:
    """A jar that is not empty, as it was at one time.

    Args:
        jar: the jar.
        ignored: names of cookies that say nothing, in lower case.
    """

    def __init__(self, jar: Any, ignored: Collection[str]) -> None:
        with jar._cookies_lock:
            cookies = list(jar)
            self._table = {d: {p: dict(c) for p, c in t.items()} for d, t in jar._cookies.items()}
            # A cookie is an object that may be changed where it is.
            self._values = [vars(cookie) for cookie in cookies]
            self._held = [dict(values) for values in self._values]
            self.copy: RequestsCookieJar = jar.copy()
        self._policy = jar._policy
        self._marks = marks_of(jar)
        self._seen = self._marks.__getstate__()
        self._until = min((c.expires for c in cookies if c.expires is not None), default=inf)
        self.selects = any(is_asked_for(cookie.name, ignored) for cookie in cookies)
        """Whether there are cookies by whose values an answer may be selected."""
        self.is_usual = type(jar) is RequestsCookieJar and type(self._policy) is DefaultCookiePolicy
        """Whether it sends and takes cookies as the jars of requests do."""
        self.tells = counts(jar, ignored)
        """Whether any of them says who is asking."""

    def holds(self, jar: Any) -> bool:
        """Say whether the jar is the same still, and none of its cookies has expired."""
        return (
            jar._cookies == self._table
            and self._values == self._held
            and jar._policy is self._policy
            and marks_of(jar) is self._marks
            and vars(self._marks) == self._seen
            and (self._until == inf or max(time.time(), clock.now()) < self._until)
        )
