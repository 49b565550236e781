"""What the files that give a stored body have in common."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["BodyFile"]


class BodyFile(io.RawIOBase):
    """A file to read from any position; a subclass says how, by `read` and `seek`."""

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read into a buffer."""
        view = memoryview(buffer).cast("B")
        data = self.read(len(view))
        assert data is not None
        view[: len(data)] = data
        return len(data)

    def read1(self, size: int | None = -1) -> bytes | None:
        """Read what there is, of which http.client and urllib3 have a method of its own."""
        return self.read(-1 if size is None else size)

    def readable(self) -> bool:
        """Say that it can be read."""
        return True

    def seekable(self) -> bool:
        """Say that it can be read from any position."""
        return True

    def read_as_asked(self) -> None:
        """Read nothing in advance from now on, which takes less memory."""
