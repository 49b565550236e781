"""What a process remembers to be faster the next time, and how much of it at most."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, TypeVar

_Key = TypeVar("_Key")
_Value = TypeVar("_Value")

MOST_REMEMBERED: Final = 1000
"""A process that only reads tells the others after so many keys."""


class Memo(dict[_Key, _Value]):
    """A dictionary of so many items at most, that begins anew when it is full.

    What is asked for again and again is soon there again, and nothing has to be noted of its use.
    """

    def __init__(self, most: int) -> None:
        super().__init__()
        self._most = most

    def __setitem__(self, key: _Key, value: _Value) -> None:
        """Remember a value."""
        if len(self) >= self._most:
            self.clear()
        super().__setitem__(key, value)


class Recency:
    """The keys that were read since they were last taken, in the order of their last reading."""

    def __init__(self) -> None:
        self._keys: dict[str, None] = {}

    def note(self, key: str) -> bool:
        """Remember that `key` was read; say whether there are many by now."""
        # Each of these steps is one for other threads too; a lock would cost more than they do.
        keys = self._keys
        keys.pop(key, None)
        keys[key] = None
        return len(keys) >= MOST_REMEMBERED

    def oldest_first(self, keys: Iterable[str]) -> list[str]:
        """Sort keys by their last reading: first those that were not read, in their order."""
        last = {key: number for number, key in enumerate(list(self._keys))}
        return sorted(keys, key=lambda key: last.get(key, -1))

    def take(self) -> list[str]:
        """Give the keys, the one that was read last as the last, and forget them."""
        if not self._keys:
            return []
        keys, self._keys = self._keys, {}
        return list(keys)
