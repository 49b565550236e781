"""A record whose body is not in memory, and a body that was handed to a store in pieces."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

from .record import Record

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import BinaryIO

    from .._store.pieces import BodyWriter

__all__ = ["DetachedRecord", "Kept", "Written"]


class Written(NamedTuple):
    """A body that was handed to a store in pieces and waits for its entry."""

    writer: BodyWriter
    size: int
    crc: int
    """CRC-32 of the whole."""


Kept: TypeAlias = "bytes | Written"
"""A body as it came over the wire, in memory or handed to a store."""


class DetachedRecord(Record):
    """A record whose body is not in memory, because it is being read or written in pieces."""

    __slots__ = ("file", "reader", "reopen", "writer")

    file: BinaryIO | None
    """What the store has opened, if the body is stored."""
    reader: BinaryIO | None
    """The body, or a part of it, as it is read from there."""
    reopen: Callable[[], BinaryIO | None] | None
    """Gives the body once more, None if the store has another one by now; None for a part."""
    writer: BodyWriter | None
    """What took the body and waits for its entry, if it is not."""

    @classmethod
    def of(cls, record: Record, file: BinaryIO) -> DetachedRecord:
        """Give a record, of which only the head was read, the body as a file."""
        self = cls.__new__(cls)
        self.take_over(record)
        self.body = record.body
        self.file = self.reader = file
        self.reopen = self.writer = None
        return self

    def attach_writer(self, written: Written) -> None:
        """Take over a body that was written in pieces."""
        self.file = self.reader = self.reopen = None
        self.writer, self.size, self._crc = written

    def cut(self, reader: BinaryIO, size: int) -> None:
        """Take a part of the body in place of the whole."""
        self.reader, self.reopen = reader, None
        self.size: int = size

    def begin_again(self) -> bool:
        """Open a body that was read to its end once more; say whether it is to be had."""
        again = None if self.reopen is None else self.reopen()
        if again is None:
            return False
        self.reader = again
        return True

    def load_body(self) -> Record:
        """Give a record with the body in memory.

        Raises:
            OSError: it cannot be read, or is damaged.
        """
        record = Record.__new__(Record)
        record.take_over(self)
        record.body = self.read_body()
        return record

    def read_body(self) -> bytes:
        """Give the whole body; who reads it goes on where he was."""
        assert self.reader is not None
        position = self.reader.tell()
        self.reader.seek(0)
        body = self.reader.read(self.size)
        self.reader.seek(position)
        return body
