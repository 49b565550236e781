"""What one thread has stored, and so what it may find, while another one clears the store."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from mmap import mmap
from pathlib import Path
from typing import Final, NamedTuple

__all__ = ["Clears", "Ledger", "Mark"]

_NUMBERS: Final = 2
_NUMBER_SIZE: Final = 8


class Mark(NamedTuple):
    """A moment, in numbers of clears."""

    ended: int
    begun: int


class Clears:
    """How many clears have begun and ended, shared by all processes; one thread alone clears."""

    def __init__(self, path: str) -> None:
        file = Path(path)
        if not file.exists():
            file.write_bytes(bytes(_NUMBERS * _NUMBER_SIZE))
        with file.open("r+b") as opened:
            # `struct` makes a number 0 before it writes it, which others would see.
            self._shared = memoryview(mmap(opened.fileno(), _NUMBERS * _NUMBER_SIZE)).cast("Q")

    def look(self) -> Mark:
        """Give the moment: no more have ended, and no fewer begun, than that when it returns."""
        ended = self._shared[1]
        return Mark(ended, self._shared[0])

    @contextmanager
    def clearing(self) -> Iterator[None]:
        """Say that everything is being deleted in this block."""
        self._shared[0] += 1
        yield
        self._shared[1] = self._shared[0]


class _Stored(NamedTuple):
    number: int
    expires: float | None
    begun: Mark
    """Before it was written."""
    done: Mark
    """After it was acknowledged."""


class Ledger:
    """The keys of one thread, which nobody else writes to. Every verdict is strict:

    - A value has to be there unless it has expired, or a clear went on at some time since its
      writing began.
    - It has to be gone if a clear has begun since it was acknowledged, and ended before it was
      asked for; or if a deletion of expired values began after it expired.
    - Nothing but the latest value may ever be there, and what is gone stays gone.
    """

    def __init__(self, clears: Clears) -> None:
        self._clears = clears
        self._stored: dict[str, _Stored] = {}
        self.cleared = 0
        """How many values were found to be gone by a clear, or by expiry."""

    def look(self) -> Mark:
        """Note the moment before the store is asked."""
        return self._clears.look()

    def wrote(self, key: str, number: int, expires: float | None, begun: Mark) -> None:
        """Note a value that the store has acknowledged."""
        self._stored[key] = _Stored(number, expires, begun, self.look())

    def deleted(self, key: str) -> None:
        """Note that a key was deleted."""
        self._stored.pop(key, None)

    def deleted_expired(self, before: float) -> None:
        """Note that what had expired was deleted."""
        for key, stored in list(self._stored.items()):
            if stored.expires is not None and stored.expires <= before:
                self.deleted(key)

    def judge(self, key: str, number: int | None, asked: Mark) -> None:
        """Raise unless the store may say so of a key now; `asked` is the moment before it was."""
        stored = self._stored.get(key)
        if number is None:
            if stored is not None:
                assert self._may_be_gone(stored), f"lost: {key}, number {stored.number}"
                self.cleared += 1
                self.deleted(key)
            return
        latest = stored and stored.number
        assert number == latest, f"wrong: {key} is {number}, not {latest}"
        assert stored is not None
        assert asked.ended <= stored.done.begun, f"not cleared: {key}, number {number}"

    def _may_be_gone(self, stored: _Stored) -> bool:
        if stored.expires is not None and time.time() >= stored.expires:
            return True
        return self.look().begun > stored.begun.ended
