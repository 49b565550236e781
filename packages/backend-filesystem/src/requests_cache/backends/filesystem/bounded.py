"""A folder of files that has bounds: what was not used for longest goes first."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, BinaryIO, TypeVar

from requests_cache.backends.base import BodyWriter, Entry
from requests_cache.backends.sqlite.database import Database, is_damaged
from requests_cache.backends.sqlite.database import mapped_errors as sqlite_errors
from requests_cache.backends.sqlite.opening import replace_damaged
from requests_cache.errors import StorageError, StorageFullError

from .bounds import FileBounds, log_size
from .folder import BodyFile
from .layout import PREFIX_SIZE
from .storage import FileDict, FileWriter

_T = TypeVar("_T")


class BoundedFileDict(FileDict):
    """A folder that evicts its least recently used files to stay within bounds.

    An index of all files is beside them; it is made anew from what is there when it is damaged. The
    bounds are those of `Eviction`, within which the databases `beside` it count; `wal` is as for
    `DbDict`, for the index.
    """

    def __init__(
        self,
        *args: Any,
        max_size: int | None = None,
        max_entries: int | None = None,
        evicted: Callable[[list[str]], object] = list,
        beside: Iterable[Database] = (),
        wal: bool = True,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        path = self.cache_dir / f"index{self.extension}.sqlite"
        # It can be made anew, so nobody has to wait until it is on the disk.
        self._db = Database(path, fast_save=True, wal=wal, log_size=log_size(max_size))
        replace_damaged(self._db)
        with sqlite_errors(path):
            self.bounds: FileBounds = FileBounds(
                self._db, self._path, self._evict, beside, max_size, max_entries, evicted
            )
            self._with_index(self._rebuild)

    def enforce(self) -> None:
        """Evict what is over the bounds from the start."""
        self._with_index(lambda: self.bounds.reserve(0))

    def _rebuild(self) -> None:
        files = ((self._key(path), path) for path in self._files())
        self.bounds.rebuild((key, path) for key, path in files if key is not None)

    def _with_index(self, action: Callable[[], _T]) -> _T:
        """Do something with the index; if it is damaged, with a new one."""
        try:
            with sqlite_errors(self._db.path):
                return action()
        except StorageError as error:
            if not is_damaged(error):
                raise
            self._db.replace()
            self._rebuild()
            return action()

    def _evict(self, key: str) -> int:
        """Delete a file; give its size if it cannot be deleted: Windows waits for readers."""
        try:
            super().discard(key)
        except StorageError:
            with suppress(OSError):  # by now somebody else has deleted it
                return os.stat(self._path(key)).st_size
        return 0

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`, which is the last to be evicted from now on."""
        entry = super().read(key)
        if entry is not None:
            self.bounds.note_use(key)
        return entry

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry and its body as a file, and note that it was used."""
        opened = super().open_body(key)
        if opened is not None:
            self.bounds.note_use(key)
        return opened

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry, and evict as many others as it takes.

        It must not alone be larger than the bounds. On a full disk some go even if the bounds would
        allow more.
        """
        size = PREFIX_SIZE + entry.size
        self.bounds.refuse_large(size)
        is_known = self._with_index(lambda: self.bounds.make_room(key, size))
        try:
            super().write(key, entry)
        except StorageFullError:
            # Others have filled the disk, or read files that were deleted since.
            self._with_index(lambda: self.bounds.give_way(size))
            super().write(key, entry)
        with sqlite_errors(self._db.path):
            self.bounds.note_written(key, size, is_known)

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces, for which room is made as it grows."""
        if self._readable:
            return super().create_body()
        self._with_index(self.bounds.forget_dead)
        return _BoundedWriter(
            self._folder.create_body(), self._put, self._folder.fsync, self.bounds
        )

    def discard(self, key: str) -> bool:
        is_gone = super().discard(key)
        if is_gone:
            self.bounds.note_deleted(key)
        return is_gone

    def sweep(self, now: float, most: int) -> int:
        """Delete some files; look whether the index is ours."""
        self._db.forget_if_replaced()
        return super().sweep(now, most)

    def _note_swept(self, path: str) -> None:
        key = self._key(path)
        if key is not None:
            self.bounds.note_deleted(key)
        super()._note_swept(path)

    def clear(self) -> None:
        super().clear()
        self._with_index(self.bounds.clear)

    def close(self) -> None:
        """Tell the index what was stored, and close it; the next use opens it again."""
        with suppress(StorageError), sqlite_errors(self._db.path):
            self.bounds.reserve(0)
        self._db.close()


class _BoundedWriter(FileWriter):
    """Makes room for a file as it grows; it is no value yet, and is not evicted."""

    def __init__(
        self, file: BodyFile, put: Callable[[str, str], None], fsync: bool, bounds: FileBounds
    ) -> None:
        self._bounds = bounds
        self._path = file.path
        self._noted = 0
        super().__init__(file, put, fsync)

    def write(self, data: bytes) -> None:
        """Write the next piece."""
        size = self._size + len(data)
        self._bounds.refuse_large(size)
        if size > self._noted and self._bounds.step:
            noted = size + self._bounds.step
            with sqlite_errors(self._path):
                self._bounds.grow(self._path, noted, noted - self._noted)
            self._noted = noted
        super().write(data)

    def commit(self, key: str, entry: Entry) -> None:
        """Write the head, and put the file in the place of what was stored under `key`."""
        size = self._size + len(entry.head)
        with sqlite_errors(self._path):
            is_known = self._bounds.make_room(key, size, self._noted)
        super().commit(key, entry)
        with sqlite_errors(self._path):
            self._bounds.note_written(key, size, is_known)
        self._forget()

    def abort(self) -> None:
        """Delete the file."""
        super().abort()
        self._forget()

    def _forget(self) -> None:
        if self._noted:
            self._noted = 0
            # What stays noted is forgotten when the next body begins.
            with suppress(StorageError), sqlite_errors(self._path):
                self._bounds.forget_growing(self._path)
