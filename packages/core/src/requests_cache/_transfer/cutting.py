"""A part of a stored body, as a file that reads no more of it than it gives."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from itertools import accumulate
from typing import Any, BinaryIO

from .._store.checked_body import CheckedBody
from .._store.pieces import BodyReader
from ..policy import Piece

__all__ = ["cut_body"]


def cut_body(body: BinaryIO, pieces: Sequence[Piece]) -> tuple[BinaryIO, int]:
    """Give the pieces as one file, and its size; closing it closes the body.

    Its bytes are not checked: there is a checksum of the whole body alone.
    """
    cut = _Cut(body, pieces)
    reader: Any = BodyReader(cut.size, cut.fetch, body.close)
    # urllib3 wants a file that closes itself at its end.
    checked: Any = CheckedBody(reader, cut.size, None, bool)
    return checked, cut.size


class _Cut:
    """Finds bytes of the pieces, in the body or in between."""

    def __init__(self, body: BinaryIO, pieces: Sequence[Piece]) -> None:
        self._body = body
        self._pieces = pieces
        self._starts = list(accumulate(map(_size, pieces), initial=0))
        self.size = self._starts[-1]

    def fetch(self, position: int, count: int) -> bytes:
        """Give up to `count` bytes of one piece."""
        number = bisect_right(self._starts, position) - 1
        piece, offset = self._pieces[number], position - self._starts[number]
        if isinstance(piece, bytes):
            return piece[offset : offset + count]
        self._body.seek(piece.start + offset)
        return self._body.read(min(count, _size(piece) - offset))


def _size(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else int(piece.stop - piece.start)
