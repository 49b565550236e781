"""How many values a table may have, counted as seldom as possible."""

from __future__ import annotations

import sqlite3
from typing import Final

from .statements import quoted

__all__ = ["EntryLimit"]

# Counting reads an index from start to end, so there is room for so many writes after it.
_MARGIN_SHARE: Final = 100


class EntryLimit:
    """A largest number of values.

    Ids grow, so since the last count there came at most as many values as the largest id grew,
    whoever wrote them.
    """

    def __init__(self, table: str, most: int | None) -> None:
        name = quoted(table)
        self._most = most
        self._margin = (most or 0) // _MARGIN_SHARE
        self._last = f"SELECT coalesce(max(id), 0) FROM {name}"
        self._count = f"SELECT count(*) FROM {name}"
        self._contains = f"SELECT 1 FROM {name} WHERE key = ?"
        self._counted: tuple[int, int] | None = None

    def forget(self) -> None:
        """Count anew next time: a value came whose id is not a new one."""
        self._counted = None

    def find_excess(self, connection: sqlite3.Connection, key: str | None) -> int:
        """Give how many values have to go before `key` can be stored; None for no key."""
        if self._most is None:
            return 0
        (last,) = connection.execute(self._last).fetchone()
        if self._counted is not None:
            count, largest = self._counted
            # A smaller id than before: the table was cleared.
            if last >= largest and count + last - largest < self._most:
                return 0
        (count,) = connection.execute(self._count).fetchone()
        self._counted = count, last
        is_new = key is not None and not connection.execute(self._contains, (key,)).fetchone()
        return max(0, int(count) + is_new - self._most + self._margin)

    def note_evicted(self, number: int) -> None:
        """Take evicted values from the count."""
        if self._counted is not None:
            self._counted = self._counted[0] - number, self._counted[1]
