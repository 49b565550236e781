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
        """Say whether a class that is not alone has in its line what it had, and its session has.

        Args:
            own: attributes of the session.
        """
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
