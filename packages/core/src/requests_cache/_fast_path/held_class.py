"""What leads from `get` to the cache and to requests, at one time.

That is methods of a session's class, and what was put in their place in the session itself.
"""

from __future__ import annotations

from collections.abc import Mapping
from operator import attrgetter
from typing import Any, Final

from .._exchange.environment import OriginalSession

__all__ = ["HeldClass"]

# With this a class has a say in all that is read of a session.
_READS_OTHERWISE: Final = "__getattribute__"
_below_of: Final = attrgetter("get", "request", "prepare_request", "merge_environment_settings")


class HeldClass:
    """The class of a session, as it was at one time, with what the session has instead of methods.

    Args:
        session: the session, which is not kept.
        mixin: our class of its classes.
        methods: what leads from `get` to the cache in our class.
    """

    def __init__(self, session: object, mixin: type, methods: Mapping[str, Any]) -> None:
        self.kind: Any = type(session)
        kind = type(session)
        self._mixin = mixin
        self._methods = methods
        self.of_kind = attrgetter(*methods, _READS_OTHERWISE)
        """Gives what Python finds in a class under the names of our methods."""
        self.found = self.of_kind(kind)
        """What it found in this one."""
        names = frozenset((*methods, _READS_OTHERWISE))
        line = kind.__mro__
        place = line.index(mixin)
        above = [(vars(cls), names & vars(cls).keys()) for cls in line[:place]]
        own = vars(session)
        self._own = tuple(map(own.get, methods))
        """What the session has under their names, as by `session.request = partial(...)`."""
        own_names = frozenset(name for name in methods if name in own)
        self.said: frozenset[str] = own_names.union(*(said for _, said in above))
        """Which of these the session or classes above ours have."""
        self._names = (*methods, _READS_OTHERWISE)
        line_above = [(held, tuple(map(held.get, self._names))) for held, _ in above]
        self._line = line_above if self.said else []
        self.is_alone: bool = line[place:] == mixin.__mro__ and not self.said
        """Whether the class has nothing of its own, and ours lies right above that of requests."""

    def holds(self, own: Mapping[str, Any]) -> bool:
        """Say whether a class that is not alone has in its line what it had, and its session has.

        Args:
            own: attributes of the session.
        """
        same = tuple(map(own.get, self._methods)) == self._own
        return same and self._is_below_as_read() and self.methods_hold()

    def methods_hold(self) -> bool:
        """Say whether our class and each above it have the methods that they had."""
        for held, own in self._line:
            if tuple(map(held.get, self._names)) != own:
                return False
        return tuple(map(vars(self._mixin).get, self._methods)) == tuple(self._methods.values())

    def _is_below_as_read(self) -> bool:
        """Say whether the classes between ours and that of requests have none of the steps."""
        below: Any = super(self._mixin, self.kind)
        return bool(_below_of(below) == _below_of(OriginalSession))
