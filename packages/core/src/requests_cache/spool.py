"""A body on its way to the caller, kept in memory if it is small, in pieces in a store if not."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING, Final
from zlib import crc32

from .errors import ValueTooLargeError
from .record import Kept, Written

if TYPE_CHECKING:
    from .backends.pieces import BodyWriter

__all__ = ["Spool"]

# A body of up to this size is kept in memory and stored as a whole value, which costs less.
_IN_MEMORY: Final = 1024 * 1024
# Small pieces are handed on together: each time costs as much as some ten thousand bytes.
_GATHERED: Final = 256 * 1024


class Spool:
    """Keeps what is added to it, until a limit is passed or the store fails.

    Args:
        create: makes a writer for a large body; None keeps everything in memory.
        attempt: calls the store and says whether that went well; what fails is no concern of the
            caller who reads the body.
        limit: largest body in bytes; None for no limit.
    """

    def __init__(
        self,
        create: Callable[[], BodyWriter] | None = None,
        attempt: Callable[[Callable[[], object]], bool] | None = None,
        limit: int | None = None,
    ) -> None:
        self.size = 0
        self.refusal: str | None = None
        """Why nothing is kept any more, if so."""
        self._create = create
        self._attempt = attempt
        self._limit = limit
        self._pieces: list[bytes] = []
        self._gathered = 0
        self._kept = BytesIO()
        self._crc = 0
        self._writer: BodyWriter | None = None

    def add(self, data: bytes) -> None:
        """Keep the next piece."""
        if self.refusal is not None:
            return
        size = len(data)
        self.size += size
        if self._limit is not None and self.size > self._limit:
            self.drop("too-large")
            return
        self._pieces.append(data)
        self._gathered += size
        if self._gathered >= _GATHERED:
            self._hand_on()

    def _hand_on(self) -> None:
        """Keep what was gathered: in memory, or in the store."""
        data = b"".join(self._pieces)
        self._pieces, self._gathered = [], 0
        if self._create is None or (self._writer is None and self.size <= _IN_MEMORY):
            self._kept.write(data)
        elif self._attempt is None or not self._attempt(lambda: self._write(data)):
            self.drop("store-failed")

    def _write(self, data: bytes) -> None:
        try:
            if self._writer is None:
                assert self._create is not None
                self._writer = self._create()
                self._write_piece(self._kept.getvalue())
                self._kept = BytesIO()
            self._write_piece(data)
        except ValueTooLargeError:
            self.drop("too-large")
            raise

    def _write_piece(self, data: bytes) -> None:
        assert self._writer is not None
        self._crc = crc32(data, self._crc)
        self._writer.write(data)

    def take(self) -> Kept:
        """Give what was kept; the spool is done with it.

        Look at `refusal` afterwards: the last piece may be the one that the store does not take.
        """
        if self._kept.tell() or self._writer is not None:
            self._hand_on()
        writer, self._writer = self._writer, None
        if writer is not None:
            return Written(writer, self.size, self._crc)
        return self._kept.getvalue() or b"".join(self._pieces)

    def drop(self, reason: str) -> None:
        """Keep nothing of this body."""
        if self.refusal is None:
            self.refusal = reason
            self._kept = BytesIO()
            self._pieces = []
            writer, self._writer = self._writer, None
            if writer is not None:
                writer.abort()
