"""A backend of requests-cache: `CachedSession("my_cache", backend="diskcache")`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from math import inf
from pathlib import Path
from sqlite3 import Error
from struct import Struct
from typing import Any, ClassVar

import diskcache  # type: ignore[import-untyped]
from requests_cache.backends.base import BaseCache, BaseStorage, Capabilities, Entry
from requests_cache.errors import StorageError

__all__ = ["DiskCache", "DiskDict"]

# expires and keep_until (infinity for None), and the length of the head.
_FIXED = Struct("<ddI")

# diskcache would delete by itself what has to be kept. And a value in a file of its own would be
# missing for a moment while it is being replaced, so everything is in the database.
_OPTIONS: dict[str, Any] = {"eviction_policy": "none", "cull_limit": 0, "disk_min_file_size": 2**30}


class DiskDict(BaseStorage):
    """A mapping in a folder.

    Args:
        folder: it is created where it does not exist.
        kwargs: options of `BaseStorage`.
    """

    contract: ClassVar[int] = 1
    capabilities: Capabilities = Capabilities(
        persistent=True, shared_between_processes=True, ordered=True
    )

    def __init__(self, folder: str | Path, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        with _mapped_errors(folder):
            self._store = diskcache.Cache(str(folder), **_OPTIONS)

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`."""
        with _mapped_errors(self._store.directory):
            data = self._store.get(key, retry=True)
        return None if data is None else _unpack(data)

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry."""
        with _mapped_errors(self._store.directory):
            self._store.set(key, _pack(entry), retry=True)

    def write_many(self, items: Iterable[tuple[str, Entry]]) -> None:
        """Store many entries in one transaction."""
        with _mapped_errors(self._store.directory), self._store.transact(retry=True):
            super().write_many(items)

    def discard(self, key: str) -> bool:
        """Delete `key`; say whether it was there."""
        with _mapped_errors(self._store.directory):
            return bool(self._store.delete(key, retry=True))

    def close(self) -> None:
        """Close this thread's connection; the next use opens another."""
        self._store.close()

    def __iter__(self) -> Iterator[str]:
        """Iterate over the keys in the order of writing."""
        with _mapped_errors(self._store.directory):
            yield from self._store

    def __len__(self) -> int:
        """Count the keys."""
        with _mapped_errors(self._store.directory):
            return len(self._store)


class DiskCache(BaseCache):
    """A cache in a folder.

    Args:
        cache_name: the folder.
        kwargs: options of `BaseCache`.
    """

    def __init__(self, cache_name: str | Path = "http_cache", **kwargs: Any) -> None:
        super().__init__(str(cache_name), **kwargs)
        self.responses: BaseStorage = DiskDict(Path(cache_name, "responses"))
        self.redirects: BaseStorage = DiskDict(Path(cache_name, "redirects"))


def _pack(entry: Entry) -> bytes:
    times = (inf if time is None else time for time in (entry.expires, entry.keep_until))
    return b"".join((_FIXED.pack(*times, len(entry.head)), entry.head, entry.body))


def _unpack(data: bytes) -> Entry:
    expires, keep_until, length = _FIXED.unpack_from(data)
    end = _FIXED.size + length
    times = (None if time == inf else time for time in (expires, keep_until))
    return Entry(data[_FIXED.size : end], data[end:], *times)


@contextmanager
def _mapped_errors(folder: object) -> Iterator[None]:
    """Raise our errors for those of the driver."""
    try:
        yield
    except (Error, OSError) as error:
        raise StorageError(f"diskcache in {folder}: {error}") from error
