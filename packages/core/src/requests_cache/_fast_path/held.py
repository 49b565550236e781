"""What is held of a session, to see whether it is as it was: class, cookies, environment.

It is looked at with each call, so all of it is made to be compared fast.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from math import inf
from operator import attrgetter
from time import monotonic
from typing import TYPE_CHECKING, Any, Final

from requests.cookies import RequestsCookieJar
from requests.utils import NETRC_FILES

from .. import clock
from .._exchange.environment import OriginalSession
from .._exchange.jar_marks import counts, marks_of
from .._matching.owner import is_asked_for

if TYPE_CHECKING:
    from collections.abc import Collection

# The class: what leads from `get` to the cache and to requests

# With this a class has a say in all that is read of a session.
_READS_OTHERWISE: Final = "__getattribute__"
_below_of: Final = attrgetter("get", "request", "prepare_request", "merge_environment_settings")


class HeldClass:
    """The class of a session, as it was at one time, with what the session has instead of methods.

    The session is not kept. `mixin` is our class of its classes, and `methods` are what leads from
    `get` to the cache in that.
    """

    def __init__(self, session: object, mixin: type, methods: Mapping[str, Any]) -> None:
        self.kind: Any = type(session)
        self._mixin = mixin
        self._methods = methods
        self.of_kind = attrgetter(*methods, _READS_OTHERWISE)
        """Gives what Python finds in a class under the names of our methods."""
        self.found = self.of_kind(self.kind)
        """What it found in this one."""
        names = frozenset((*methods, _READS_OTHERWISE))
        line = self.kind.__mro__
        place = line.index(mixin)
        self._is_right_above = line[place:] == mixin.__mro__
        above = [(vars(cls), names & vars(cls).keys()) for cls in line[:place]]
        own = vars(session)
        self._own = tuple(map(own.get, methods))
        """What the session has under their names, as by `session.request = partial(...)`."""
        own_names = frozenset(name for name in methods if name in own)
        self.said: frozenset[str] = own_names.union(*(said for _, said in above))
        """Which of these the session or classes above ours have."""
        # What nobody above ours has is found in the class, see `of_kind`.
        held_in = [*(held for held, _ in above), vars(mixin)] if self.said else []
        self._line = [(held, name, held.get(name)) for held in held_in for name in self.said]
        self.is_alone: bool = self._is_right_above and not self.said
        """Whether the class has nothing of its own, and ours lies right above that of requests."""

    def holds(self, own: Mapping[str, Any]) -> bool:
        """Say whether a class that is not alone has what it had, and the session its attributes."""
        if tuple(map(own.get, self._methods)) != self._own:
            return False
        for held, name, method in self._line:
            if held.get(name) is not method:
                return False
        return self._is_right_above or self._is_below_as_read()

    def is_ours(self) -> bool:
        """Say whether our class has its methods, and no doubles of a test."""
        return tuple(map(vars(self._mixin).get, self._methods)) == tuple(self._methods.values())

    def _is_below_as_read(self) -> bool:
        """Say whether the classes between ours and that of requests have none of the steps."""
        below: Any = super(self._mixin, self.kind)
        return bool(_below_of(below) == _below_of(OriginalSession))


# The cookies, and whether they make a difference to what is stored


class HeldJar:
    """A jar that is not empty, as it was at one time."""

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


# The environment: whether requests would find in it what has a part in a key

# `os.environ.get` takes longer than all else that a hit needs; its dictionary is the same thing.
_ENVIRON: Final[Any] = getattr(os.environ, "_data", None)
# Not a POSIX system: requests knows better where to look.
_IS_OTHER: Final = not isinstance(_ENVIRON, dict)
_HOME: Final = b"HOME"
_NETRC: Final = b"NETRC"
_BUNDLES: Final = frozenset({b"REQUESTS_CA_BUNDLE", b"CURL_CA_BUNDLE"})

# Looking takes as long as all else that a hit in memory needs, and lets another thread run. A look
# that is no older than this is as good as a new one: to make a file takes longer.
_AS_GOOD_AS_NOW: Final = 50e-6

_access = os.access
_exists = os.F_OK
_paths: dict[bytes, tuple[bytes, ...]] = {}
# The folder where there was none, and until when that is as good as looking.
_none: tuple[object, float] = (None, 0.0)


def may_have_netrc() -> bool:
    """Say whether there may be a netrc file; as requests does, look each time."""
    if _IS_OTHER or _NETRC in _ENVIRON:
        return True
    home = _ENVIRON.get(_HOME)
    folder, until = _none
    return not (home is folder and monotonic() < until) and _looks_like_one(home)


def names_bundle() -> bool:
    """Say whether a CA bundle is named; with one, requests ignores that a session has none."""
    return _IS_OTHER or not _BUNDLES.isdisjoint(_ENVIRON)


def _looks_like_one(home: object) -> bool:
    global _none  # noqa: PLW0603  # a process has one home
    if not isinstance(home, bytes) or not home.startswith(b"/"):
        # No home to look in, or not a POSIX system after all.
        return True
    paths = _paths.get(home)
    if paths is None:
        _paths.clear()
        paths = _paths[home] = tuple(os.path.join(home, name.encode()) for name in NETRC_FILES)  # noqa: PTH118  # bytes
    begun = monotonic()
    if _access(paths[0], _exists) or _access(paths[1], _exists):
        return True
    _none = home, begun + _AS_GOOD_AS_NOW
    return False
