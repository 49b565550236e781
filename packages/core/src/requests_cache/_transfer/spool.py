"""A body on its way to the caller, kept in memory if it is small, in pieces in a store if not."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from io import BytesIO
from typing import TYPE_CHECKING, Final

from ..errors import CacheError, StorageClearedError, UnsupportedValueError, ValueTooLargeError
from ..models.record import Kept, Written

if TYPE_CHECKING:
    from .._store.pieces import BodyWriter
    from .sink import Sink

__all__ = ["Spool", "reason_of_error"]

# A body of up to this size is kept in memory and stored as a whole value, which costs less.
_IN_MEMORY: Final = 1024 * 1024
# Small pieces are handed on together: each time costs as much as some ten thousand bytes.
_GATHERED: Final = 1024 * 1024
# Pieces that are very small take more memory than their bytes.
_MOST_PIECES: Final = 4096


# What is no fault of the store has a reason of its own.
_REASONS: Final[Mapping[type[CacheError], str]] = {
    ValueTooLargeError: "too-large",
    UnsupportedValueError: "serializer-failed",
    StorageClearedError: "cleared",
}


def reason_of_error(error: CacheError) -> str:
    """Say in a word why a store has not taken a value."""
    found = (reason for kind, reason in _REASONS.items() if isinstance(error, kind))
    return next(found, "store-failed")


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
        self.keeps_beginning = False
        """Whether what has come is of use if the origin breaks off."""
        self._create = create
        self._attempt = attempt
        self._limit = limit
        self._pieces: list[bytes] = []
        self._gathered = 0
        self._kept = BytesIO()
        self._sink: Sink | None = None

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
        if self._gathered >= _GATHERED or len(self._pieces) >= _MOST_PIECES:
            self._hand_on()

    def _hand_on(self) -> None:
        """Keep what was gathered: in memory, or in the store."""
        pieces, self._pieces, self._gathered = self._pieces, [], 0
        if self._create is None or (self._sink is None and self.size <= _IN_MEMORY):
            self._kept.writelines(pieces)
        else:
            self._ask_store(lambda: self._write(pieces))

    def _ask_store(self, action: Callable[[], object]) -> None:
        def ask() -> None:
            try:
                action()
            except CacheError as error:
                self.drop(reason_of_error(error))
                raise

        if self._attempt is None or not self._attempt(ask):
            self.drop("store-failed")

    def _write(self, pieces: list[bytes]) -> None:
        if self._sink is None:
            from .sink import Sink

            assert self._create is not None
            self._sink = Sink(self._create())
            pieces = [self._kept.getvalue(), *pieces]
            self._kept = BytesIO()
        self._sink.add(pieces)

    def take(self) -> Kept:
        """Give what was kept; the spool is done with it.

        Look at `refusal` afterwards: the last piece may be the one that the store does not take.
        """
        if self._kept.tell() or self._sink is not None:
            self._hand_on()
        if self._sink is not None:
            self._ask_store(self._sink.finish)
        sink, self._sink = self._sink, None
        if sink is not None:
            return Written(sink.writer, self.size, sink.crc)
        return self._kept.getvalue() or b"".join(self._pieces)

    def drop(self, reason: str) -> None:
        """Keep nothing of this body."""
        if self.refusal is None:
            self.refusal = reason
            self._kept = BytesIO()
            self._pieces = []
            sink, self._sink = self._sink, None
            if sink is not None:
                # What cannot be dropped now is left for the store to find.
                with suppress(Exception):
                    sink.abort()
