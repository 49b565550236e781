"""Bodies in pieces: how a store takes one that it has not seen the end of, and gives one back."""

from __future__ import annotations

import functools
import io
import os
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, Self

from ..errors import ValueTooLargeError
from .capabilities import WHOLE_LIMIT
from .checked_body import BodyFile
from .entry import Entry
from .read_ahead import ReadAhead

__all__ = ["BodyReader", "BodyWriter", "WholeWriter"]


class BodyWriter(ABC):
    """Takes a body in pieces. Nothing of it can be read before `commit`, nothing is left without.

    One that is forgotten is aborted. In a forked child `abort` does nothing, whoever calls it: what
    it would drop is the parent's, on a connection that both have. One thread at a time calls it,
    but not always the same: a body is written while it still comes, and committed by whoever reads
    it. What a killed process leaves behind the store deletes when it is opened again.
    """

    # Where the documentation has it.
    __module__ = "requests_cache.backends.base"

    _process: int

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Remember the process; a subclass need not call `__init__`."""
        self = super().__new__(cls)
        self._process = os.getpid()
        return self

    def __init_subclass__(cls, **kwargs: object) -> None:
        """Have `abort` do nothing in a forked child."""
        super().__init_subclass__(**kwargs)
        if "abort" in vars(cls):
            setattr(cls, "abort", _only_at_home(cls.abort))  # noqa: B010  # to mypy it is a method

    @abstractmethod
    def write(self, data: bytes) -> None:
        """Take the next piece.

        Raises:
            ValueTooLargeError: the store takes no body of this size.
        """

    @abstractmethod
    def commit(self, key: str, entry: Entry) -> None:
        """Store the body under `key` at once and whole, with an entry whose body is empty."""

    @abstractmethod
    def abort(self) -> None:
        """Drop the pieces; does nothing after `commit` or another `abort`."""

    def __del__(self) -> None:
        """Drop the pieces of a writer that was forgotten."""
        self.abort()


def _only_at_home(abort: Callable[[Any], None]) -> Callable[[Any], None]:
    @functools.wraps(abort)
    def abort_at_home(self: BodyWriter) -> None:
        if self._process == os.getpid():
            abort(self)

    return abort_at_home


class WholeWriter(BodyWriter):
    """Keeps a body in memory and writes it at once, for stores that only take whole values."""

    def __init__(self, write: Callable[[str, Entry], object], name: str) -> None:
        self._write = write
        self._name = name
        self._kept = io.BytesIO()

    def write(self, data: bytes) -> None:
        """Take the next piece."""
        if self._kept.tell() + len(data) > WHOLE_LIMIT:
            raise ValueTooLargeError(
                f"{self._name} takes bodies in pieces up to {WHOLE_LIMIT} bytes"
            )
        self._kept.write(data)

    def commit(self, key: str, entry: Entry) -> None:
        """Store the body under `key`."""
        self._write(key, entry._replace(body=self._kept.getvalue()))
        self.abort()

    def abort(self) -> None:
        """Drop the pieces."""
        self._kept = io.BytesIO()


class BodyReader(BodyFile):
    """A stored body as a file: seekable, and read only as far as it is asked for.

    Args:
        size: size of the body in bytes.
        fetch: gives up to `count` bytes from `position` on, and at least one; raises OSError if it
            cannot.
        release: called once, when the file is closed; not in a forked child, where what the store
            holds is the parent's.
        ahead: who reads more than so many bytes in a row gets the next ones read in advance, about
            so many at once: then `fetch` is called in threads, by one of them at a time. 0 for
            never, as is right for a store that takes no longer than the caller does.
    """

    # Where the documentation has it.
    __module__ = "requests_cache.backends.base"

    def __init__(
        self,
        size: int,
        fetch: Callable[[int, int], bytes],
        release: Callable[[], object],
        ahead: int = 0,
    ) -> None:
        super().__init__()
        self.size = size
        self._ahead = ReadAhead(fetch, size, ahead) if ahead else None
        self._fetch_now = fetch
        self._fetch = self._ahead.fetch if self._ahead else fetch
        self._release = release
        self._process = os.getpid()
        self._position = 0

    def read(self, size: int | None = -1) -> bytes:
        """Give the next `size` bytes, fewer only at the end; all that are left without a size."""
        left = max(0, self.size - self._position)
        wanted = left if size is None or size < 0 else min(size, left)
        data = self._piece(wanted)
        if len(data) == wanted:
            return data
        pieces = [data]
        while wanted := wanted - len(pieces[-1]):
            pieces.append(self._piece(wanted))
        return b"".join(pieces)

    def read_as_asked(self) -> None:
        """Read nothing in advance from now on, which takes less memory."""
        if self._ahead is not None:
            self._ahead.stop()
            self._ahead, self._fetch = None, self._fetch_now

    def _piece(self, wanted: int) -> bytes:
        if self.closed:
            raise ValueError("the stored body is closed")
        if not wanted:
            return b""
        data = self._fetch(self._position, wanted)
        if not data:
            raise OSError(f"the stored body ends at {self._position} of {self.size} bytes")
        self._position += len(data)
        return data

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a position."""
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self.size}[whence]
        self._position = max(0, start + offset)
        return self._position

    def close(self) -> None:
        """Release what the store holds for this file."""
        if not self.closed:
            super().close()
            if self._process != os.getpid():
                return
            if self._ahead is not None:
                self._ahead.stop()
            self._release()
