"""The verbs of a store in terms of bytes: four that it has to have, and those it may do better."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator
from io import BytesIO
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Self

from .capabilities import Capabilities, Contracted
from .entry import Entry, is_expired, is_over

if TYPE_CHECKING:
    from .pieces import BodyWriter

__all__ = ["ByteStore"]

# So many values are looked at in a sweep, and so many keys are kept to be looked at.
_LOOKS = 64
_MOST_LISTED = 10_000


class ByteStore(Contracted, ABC):
    """What a cache asks of a store; it knows keys, bytes and times."""

    capabilities: Capabilities = Capabilities()
    """What this store can do; `requests_cache.testing` checks it and writes the support table."""

    _unswept: list[str]
    _round: int

    def __new__(cls, *args: Any, **kwargs: Any) -> Self:
        """Begin to sweep. A subclass may forget to call the constructor."""
        self = super().__new__(cls)
        self._unswept, self._round = [], 0
        return self

    # What a store has to do

    @abstractmethod
    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, expired or not; None if there is nothing."""

    @abstractmethod
    def write(self, key: str, entry: Entry) -> None:
        """Store `entry` under `key` at once and whole, in place of what was there."""

    @abstractmethod
    def discard(self, key: str) -> bool:
        """Delete `key`; say whether it was there."""

    @abstractmethod
    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys; writing meanwhile must not break it."""

    # What a store may do better

    def read_many(self, keys: Iterable[str]) -> Iterator[tuple[str, Entry]]:
        """Give those of `keys` that are stored, with their entries."""
        for key in keys:
            entry = self.read(key)
            if entry is not None:
                yield key, entry

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries."""
        for key, entry in items:
            self.write(key, entry)

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over keys and entries; without `bodies` a store may leave the bodies empty."""
        return self.read_many(list(self))

    def rewrite_head(self, key: str, entry: Entry) -> None:
        """Replace the head and the times of a stored value and leave its body as it is."""
        stored = self.read(key)
        if stored is not None:
            self.write(key, entry._replace(body=stored.body))

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces; `commit` says under which key it belongs."""
        from .pieces import WholeWriter

        return WholeWriter(self.write, repr(self))

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry without its body, and the body as a file, which the caller closes.

        The file shows one version of the body, whatever is written meanwhile. It can seek. Reading
        it raises OSError where the store fails.
        """
        entry = self.read(key)
        return None if entry is None else (entry._replace(body=b""), BytesIO(entry.body))

    def sweep(self, now: float, most: int) -> int:
        """Delete some values whose `keep_until` is past; say how many.

        It is called once for every few writes and has to return soon: it looks at a few values, not
        at all, and deletes at most `most`. Repeated, it comes to all of them.

        By default it looks at 64 values, others each time, of which it lists up to 10,000 at once.
        A store that can find what is over overrides it. One that declares `native_expiry` has
        nothing to do.
        """
        if self.capabilities.native_expiry is not None:
            return 0
        swept = 0
        for key in self._to_look_at():
            if swept == most:
                self._unswept.append(key)
            else:
                swept += self.discard_over(key, now)
        return swept

    def _to_look_at(self) -> list[str]:
        if not self._unswept:
            # Of very many keys every second, third, ... one, from another one on each time.
            step = len(self) // _MOST_LISTED + 1
            self._round = (self._round + 1) % step
            self._unswept = list(islice(self, self._round, None, step))
        looks, self._unswept[-_LOOKS:] = self._unswept[-_LOOKS:], []
        return looks

    def discard_over(self, key: str, now: float) -> bool:
        """Delete `key` if it need not be kept any longer at `now`; say whether it was so.

        As with `discard_expired`, a store does it in one step if it can.
        """
        entry = self.read(key)
        return entry is not None and is_over(entry, now) and self.discard(key)

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key` for so long; None if somebody else has it.

        It ends by itself, so that nobody waits for a process that was killed. Give the returned
        token to `release`.

        Raises:
            NotImplementedError: the store has no leases.
        """
        raise NotImplementedError(f"{type(self).__name__} has no leases")

    def release(self, key: str, token: str) -> None:
        """Give back a lease; nothing happens if it has ended."""
        raise NotImplementedError(f"{type(self).__name__} has no leases")

    def count_unexpired(self, now: float) -> int:
        """Count the values that have not expired at `now`."""
        return sum(not is_expired(entry, now) for _, entry in self.scan())

    def delete_expired(self, now: float) -> int:
        """Delete the values that have expired at `now`; say how many."""
        expired = [key for key, entry in self.scan() if is_expired(entry, now)]
        return sum(self.discard_expired(key, now) for key in expired)

    def discard_expired(self, key: str, now: float) -> bool:
        """Delete `key` if it has expired at `now`; say whether it was there.

        Somebody may be making it fresh at the same time: a store does it in one step if it can.
        """
        entry = self.read(key)
        return entry is not None and is_expired(entry, now) and self.discard(key)

    def bulk_delete(self, keys: Iterable[str]) -> None:
        """Delete many keys; missing ones are no error."""
        for key in keys:
            self.discard(key)

    def clear(self) -> None:
        """Delete everything."""
        self.bulk_delete(list(self))

    def close(self) -> None:  # a store may have nothing to release
        """Release connections that this store opened; a client handed in is not closed."""

    @abstractmethod
    def __len__(self) -> int:
        """Count the keys."""
