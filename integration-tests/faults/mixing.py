"""What a thread does to a store together with many others, and what it expects of it."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from requests_cache.backends.base import BaseStorage, Entry
from requests_cache.errors import StorageError

from faults.ledger import Clears, Ledger
from faults.values import check, make_entry

__all__ = ["Mixer"]

_SIZES = (10, 2000, 100_000)
_PIECE = 30_000


class Mixer:
    """One thread's actions, on keys of its own, where nothing may be lost, and on shared ones.

    Args:
        store: has the keys of one's own; `clears` knows when it is cleared.
        shared: another namespace of the same store, where everybody does everything.
        clears: who clears `store`, and when.
        name: of the thread.
        clearing: whether this is the one thread that clears `store`.
    """

    def __init__(
        self, store: BaseStorage, shared: BaseStorage, clears: Clears, name: str, clearing: bool
    ) -> None:
        self._store, self._shared, self._clears = store, shared, clears
        self._name, self._rng = name, random.Random(name)
        self.ledger = Ledger(clears)
        self.operations = 0
        self._actions: dict[Callable[[], None], float] = {
            self._write: 30,
            self._read: 30,
            self._delete: 5,
            self._delete_expired: 0.5,
            self._write_shared: 10,
            self._read_shared: 15,
            self._delete_shared: 5,
            self._sweep: 4,
            self._clear_shared: 0.2,
            self._clear: 5 if clearing else 0,
        }

    def run(self, end: float) -> None:
        """Act until a moment of the monotonic clock."""
        if self._actions[self._clear]:
            self._clear()
        actions, weights = list(self._actions), list(self._actions.values())
        while time.monotonic() < end:
            self.operations += 1
            self._rng.choices(actions, weights)[0]()

    def _key(self) -> str:
        return f"own-{self._name}-{self._rng.randrange(20)}"

    def _shared_key(self) -> str:
        return f"shared-{self._rng.randrange(20)}"

    def _write(self) -> None:
        key, number, begun = self._key(), self.operations, self.ledger.look()
        expires = time.time() + self._rng.uniform(0, 2) if self._rng.random() < 0.3 else None
        entry = make_entry(key, number, self._rng.choice(_SIZES), expires)
        if self._rng.random() < 0.2:
            if not self._write_in_pieces(key, entry):
                assert self.ledger.look().begun > begun.ended, "refused without a clear"
                return
        else:
            self._store.write(key, entry)
        self.ledger.wrote(key, number, expires, begun)

    def _write_in_pieces(self, key: str, entry: Entry) -> bool:
        """Write as a streamed response is; False if the store says that it did not."""
        writer = self._store.create_body()
        try:
            for start in range(0, len(entry.body), _PIECE):
                writer.write(entry.body[start : start + _PIECE])
            writer.commit(key, entry._replace(body=b""))
        except StorageError as error:
            if "cleared" not in str(error):
                raise
            return False
        return True

    def _read(self) -> None:
        key, asked = self._key(), self.ledger.look()
        entry = _read_in_pieces(self._store, key) if self._is_rare() else self._store.read(key)
        self.ledger.judge(key, None if entry is None else check(key, entry), asked)

    def _is_rare(self) -> bool:
        return self._rng.random() < 0.2

    def _delete(self) -> None:
        key = self._key()
        self._store.discard(key)
        self.ledger.deleted(key)

    def _delete_expired(self) -> None:
        now = time.time()
        self._store.delete_expired(now)
        self.ledger.deleted_expired(now)

    def _sweep(self) -> None:
        self._store.sweep(time.time(), 8)
        self._shared.bulk_delete([f"shared-{number}" for number in range(5)])

    def _write_shared(self) -> None:
        key = self._shared_key()
        self._shared.write(key, make_entry(key, self.operations, 5000))

    def _read_shared(self) -> None:
        key = self._shared_key()
        entry = self._shared.read(key)
        if entry is not None:
            check(key, entry)

    def _delete_shared(self) -> None:
        self._shared.discard(self._shared_key())

    def _clear_shared(self) -> None:
        self._shared.clear()

    def _clear(self) -> None:
        with self._clears.clearing():
            self._store.clear()


def _read_in_pieces(store: BaseStorage, key: str) -> Entry | None:
    opened = store.open_body(key)
    if opened is None:
        return None
    entry, file = opened
    with file:
        pieces = iter(lambda: file.read(_PIECE), b"")
        return entry._replace(body=b"".join(pieces))
