"""A client that threads share, and that is closed when none of them is in it any more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final, Generic, TypeVar
from weakref import WeakSet

from .threads import call_in_child

_T = TypeVar("_T")

_all: Final[WeakSet[SharedClient[Any]]] = WeakSet()


class _Left:
    """A client that was taken away from new users, and who was there by then.

    Each is equal to itself alone, while clients of one server may be equal.
    """

    def __init__(self, client: Any, users: frozenset[object]) -> None:
        self.client = client
        self.users = users


class SharedClient(Generic[_T]):
    """Opens a client on first use, and closes it without taking it from those who are in it.

    `close` only takes it away from who comes later; the last one of those who were there closes
    it. A forked child has a client of its own, and leaves its parent's as it is.

    No lock is held, so a fork at any moment does no harm: each step is one call of a list or set.

    Args:
        open_client: makes a client.
        close_client: ends it; by default nothing, for a client that belongs to somebody else.
    """

    def __init__(
        self, open_client: Callable[[], _T], close_client: Callable[[_T], object] | None = None
    ) -> None:
        self._make = open_client
        self._end = close_client
        self._parents: list[object] = []
        self._begin()
        _all.add(self)

    def _begin(self) -> None:
        self._clients: list[_T] = []
        self._users: set[object] = set()
        self._left: list[_Left] = []

    @property
    def current(self) -> _T:
        """Give the client of this process. It stays open for who asks for it within `use`."""
        while True:
            try:
                return self._clients[0]
            except IndexError:
                # Of what two threads open at the same time, the second one is only closed.
                self._clients.append(self._make())

    @property
    def is_open(self) -> bool:
        """Say whether there is a client."""
        return bool(self._clients)

    @contextmanager
    def use(self) -> Iterator[_T]:
        """Give the client, which stays open until the end of the block; blocks may be nested."""
        user = object()
        self._users.add(user)
        try:
            yield self.current
        finally:
            self._users.discard(user)
            if self._left:
                self._close_left()

    def close(self) -> None:
        """Close the client when those who are in it have left; the next use opens another one."""
        taken = []
        with suppress(IndexError):
            while True:
                taken.append(self._clients.pop())
        # Only now: who comes later does not get it any more.
        users = frozenset(self._users)
        self._left.extend(_Left(client, users) for client in taken)
        self._close_left()

    def _close_left(self) -> None:
        for left in tuple(self._left):
            if left.users.isdisjoint(self._users):
                try:
                    self._left.remove(left)
                except ValueError:
                    continue  # another thread closes it
                if self._end is not None:
                    self._end(left.client)

    def forget(self) -> None:
        """Begin anew in a forked child; a driver may end its parent's sessions at a `close`."""
        self._parents += [self._clients, self._left]
        self._begin()


call_in_child(SharedClient.forget, _all)
