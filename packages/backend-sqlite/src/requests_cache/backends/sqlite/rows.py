"""Where a large body is: in rows of its own, which are found without an index."""

from __future__ import annotations

from typing import Final, NamedTuple

from .statements import BODY_SHIFT

__all__ = ["BodyRows"]

# With a larger one the ids of its rows are more than SQLite can count.
_IDS: Final = 1 << (62 - BODY_SHIFT)


class BodyRows(NamedTuple):
    """Where a large body is."""

    row_id: int
    size: int
    segment: int

    @classmethod
    def parse(cls, place: object) -> BodyRows | None:
        """Take apart what a SELECT gives in the place of the body; None if it is none of ours."""
        if type(place) is not str:
            return None
        try:
            found = cls(*map(int, place.split()))
        except (TypeError, ValueError):
            return None
        is_ours = abs(found.row_id) < _IDS and found.size >= 0 and found.segment > 0
        return found if is_ours else None

    @property
    def rows(self) -> range:
        """Give the ids of the rows."""
        first = self.row_id << BODY_SHIFT
        return range(first, first - (-self.size // self.segment))

    def locate(self, position: int) -> tuple[int, int]:
        """Give the row that has a byte of the body, and the byte's position in it."""
        number, offset = divmod(position, self.segment)
        return (self.row_id << BODY_SHIFT) + number, offset
