"""A stored body that is read in advance, while the caller works on what has come."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from .background import Background

__all__ = ["ReadAhead"]


class ReadAhead:
    """Wraps the `fetch` of a `BodyReader`: who reads on gets what was read meanwhile.

    That begins when more than `window` bytes were asked for in a row, in pieces of at most so many.
    About twice as many bytes are in memory then.

    Args:
        fetch: gives up to `count` bytes from `position` on; called by one thread at a time.
        size: size of the body in bytes.
        window: about so many bytes are read in advance, in pieces as `fetch` gives them.
    """

    def __init__(self, fetch: Callable[[int, int], bytes], size: int, window: int) -> None:
        self._fetch = fetch
        self._size = size
        self._window = window
        self._position = 0
        self._in_row = 0
        self._end = 0
        self._offset = 0
        self._pieces: deque[bytes] = deque()
        self._coming: Background[deque[bytes]] | None = None

    def fetch(self, position: int, count: int) -> bytes:
        """Give up to `count` bytes from `position` on."""
        if position != self._position:
            self.stop()
            self._position = self._end = position
            self._in_row = 0
        if not self._pieces and self._coming is not None:
            # Whoever is interrupted here still has a thread to wait for.
            self._coming.wait()
            coming, self._coming = self._coming, None
            self._pieces = coming.result()
            self._end += sum(map(len, self._pieces))
        if self._pieces:
            data = self._take(count)
        else:
            data = self._fetch(position, count)
            self._end += len(data)
        self._position += len(data)
        self._in_row += len(data)
        if self._coming is None and self._in_row > self._window >= count and self._end < self._size:
            self._coming = Background(self._read_on)
        return data

    def _take(self, count: int) -> bytes:
        """Give the next bytes of those that are here."""
        piece = self._pieces[0]
        data = piece[self._offset : self._offset + count]
        self._offset += len(data)
        if self._offset == len(piece):
            self._pieces.popleft()
            self._offset = 0
        return data

    def _read_on(self) -> deque[bytes]:
        """Read the next window; what the store gives as one piece is not cut in two.

        A store that has lost a part gives nothing there: who gets as far finds out.
        """
        pieces: deque[bytes] = deque()
        position, latest = self._end, self._end + self._window
        last = 0
        # The next piece will most likely be as large as the last one.
        while position < self._size and position + last <= latest:
            piece = self._fetch(position, self._window)
            if not piece:
                break
            pieces.append(piece)
            last = len(piece)
            position += last
        return pieces

    def stop(self) -> None:
        """Forget what was read in advance; waits for what is being read."""
        if self._coming is not None:
            self._coming.wait()
            self._coming = None
        self._pieces.clear()
        self._offset = 0
