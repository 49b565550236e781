"""A store in memory that forgets what was not used for longest, to stay within bounds."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import RLock
from typing import Any

from .._store.entry import Entry
from ..errors import ValueTooLargeError
from .memory import DictStorage


class BoundedStorage(DictStorage):
    """A dictionary of entries with a largest size; the least recently used ones go first.

    Args:
        max_size: bytes of all keys, heads and bodies together; None for no limit.
        max_entries: number of entries; None for no limit.
        evicted: called with the keys that had to go.
    """

    data: OrderedDict[str, Any]

    def __init__(
        self,
        max_size: int | None = None,
        max_entries: int | None = None,
        evicted: Callable[[list[str]], object] = list,
    ) -> None:
        super().__init__()
        self.data = OrderedDict()
        self.max_size = max_size
        self.max_entries = max_entries
        self.held: int = 0
        """Bytes that are stored."""
        self._evicted = evicted
        self._lock = RLock()

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, which is the last to be evicted from now on."""
        with self._lock:
            entry: Entry | None = self.data.get(key)
            if entry is not None:
                self.data.move_to_end(key)
            return entry

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry, and delete as many others as it takes.

        Raises:
            ValueTooLargeError: it alone is larger than `max_size`.
        """
        size = len(key) + entry.size
        if self.max_size is not None and size > self.max_size:
            raise ValueTooLargeError(f"the entry has {size} bytes, max_size is {self.max_size}")
        with self._lock:
            self.discard(key)
            gone = self._make_room(size)
            self.data[key] = entry
            self.held += size
        if gone:
            self._evicted(gone)

    def _make_room(self, size: int) -> list[str]:
        gone = []
        while self.data and self._is_full(size):
            key, entry = self.data.popitem(last=False)
            self.held -= len(key) + entry.size
            gone.append(key)
        return gone

    def _is_full(self, size: int) -> bool:
        too_many = self.max_entries is not None and len(self.data) >= self.max_entries
        return too_many or (self.max_size is not None and self.held + size > self.max_size)

    def rewrite_head(self, key: str, entry: Entry) -> None:
        with self._lock:
            super().rewrite_head(key, entry)

    def discard(self, key: str) -> bool:
        with self._lock:
            entry = self.data.pop(key, None)
            if entry is None:
                return False
            self.held -= len(key) + entry.size
            return True

    def _discard_same(self, key: str, entry: Entry) -> bool:
        with self._lock:
            return self.data.get(key) is entry and self.discard(key)

    def __setitem__(self, key: str, value: Any) -> None:
        self.write(key, Entry(*self.serializer.encode(value)))

    def __delitem__(self, key: str) -> None:
        if not self.discard(key):
            raise KeyError(key)

    def clear(self) -> None:
        with self._lock:
            self.data.clear()
            self.held = 0
