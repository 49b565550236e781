"""How much of the disk a folder of files may take, and an index of them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import suppress
from threading import Lock, local
from typing import Final, NamedTuple

from requests_cache.backends.sqlite.bounded import LogLimit
from requests_cache.backends.sqlite.database import Database
from requests_cache.backends.sqlite.eviction import Eviction, Order
from requests_cache.errors import StorageFullError

from .folder import database_files, size_of

TABLE: Final = "files"
# Of most file systems.
_BLOCK: Final = 4096

_CREATE: Final = (
    "CREATE TABLE IF NOT EXISTS files"
    " (id INTEGER PRIMARY KEY AUTOINCREMENT, key NOT NULL UNIQUE, size INTEGER NOT NULL)",
    "CREATE TABLE IF NOT EXISTS files_total (size INTEGER NOT NULL)",
    "INSERT INTO files_total SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM files_total)",
    "CREATE TRIGGER IF NOT EXISTS files_stored AFTER INSERT ON files BEGIN"
    " UPDATE files_total SET size = size + new.size; END",
    "CREATE TRIGGER IF NOT EXISTS files_removed AFTER DELETE ON files BEGIN"
    " UPDATE files_total SET size = size - old.size; END",
    "CREATE TABLE IF NOT EXISTS files_growing (path TEXT PRIMARY KEY, size INTEGER NOT NULL)",
)
_TOTAL: Final = "SELECT size + (SELECT coalesce(sum(size), 0) FROM files_growing) FROM files_total"


def size_on_disk(size: int) -> int:
    """Give how much of the disk a file of so many bytes takes."""
    return -(-size // _BLOCK) * _BLOCK


def create_index(connection: sqlite3.Connection) -> None:
    """Create the tables of the index where they do not exist."""
    for statement in _CREATE:
        connection.execute(statement)


def note_sizes(connection: sqlite3.Connection, sizes: Mapping[str, int | None]) -> None:
    """Note the sizes of files that were written, and None for those that were deleted."""
    written = [(key, size) for key, size in sizes.items() if size is not None]
    deleted = [(key,) for key, size in sizes.items() if size is None]
    if written:
        connection.executemany("REPLACE INTO files (key, size) VALUES (?, ?)", written)
    if deleted:
        connection.executemany("DELETE FROM files WHERE key = ?", deleted)


def _size_noted(connection: sqlite3.Connection, key: str) -> int:
    """Give the size of a file; 0 if it is not known."""
    found = connection.execute("SELECT size FROM files WHERE key = ?", (key,)).fetchone()
    return 0 if found is None else int(found[0])


# Which files are the oldest

# As many as are evicted at once when they are large; looking for one takes as long as for these.
_FOUND_AT_ONCE: Final = 8

_READ: Final = (
    "SELECT last, 1, files_touched.id, key, size FROM files_touched LEFT JOIN files USING (id)"
    " ORDER BY last, number LIMIT ?"
)
_UNREAD: Final = (
    "SELECT id, 0, id, key, size FROM files WHERE id > ? AND NOT EXISTS"
    " (SELECT 1 FROM files_touched WHERE files_touched.id = files.id) ORDER BY id LIMIT ?"
)
_FORGET: Final = "DELETE FROM files_touched WHERE id = ?"
_DELETE: Final = "DELETE FROM files WHERE id = ?"


class Oldest(NamedTuple):
    """A row of the index."""

    used: int
    """The id that was the last one when the file was read, or its own."""
    was_read: int
    id: int
    key: str | None
    """None for a note of a file that is gone."""
    size: int


class OldestOrder(Order):
    """The order of the files, of which several are looked up at once within a transaction."""

    def __init__(self) -> None:
        super().__init__(TABLE)
        self._first = 0
        """No file has a smaller id that was not read; a guess that may have to begin anew."""

    def take(
        self, connection: sqlite3.Connection, excess: int, missing: int
    ) -> list[tuple[str, int]]:
        """Delete the rows of files that were not used for longest; give their keys and sizes.

        That is until `excess` are gone and they have `missing` bytes: at least one, unless there is
        none left, and some at most.
        """
        files: list[tuple[str, int]] = []
        while not files and (found := self._find(connection)):
            read, gone = [], []
            for row in found:
                if excess <= len(files) and missing <= 0:
                    break
                if row.was_read:
                    read.append((row.id,))
                if row.key is not None:
                    gone.append((row.id,))
                    files.append((row.key, row.size))
                    missing -= row.size
            connection.executemany(_FORGET, read)
            connection.executemany(_DELETE, gone)
        return files

    def _find(self, connection: sqlite3.Connection) -> list[Oldest]:
        """Give the next of them, the oldest one first."""
        read = [Oldest(*row) for row in connection.execute(_READ, (_FOUND_AT_ONCE,))]
        unread = self._find_unread_from(connection, self._first)
        if not unread and self._first:
            unread = self._find_unread_from(connection, 0)
        self._first = unread[0].id - 1 if unread else 0
        # Of two that were used at the same time the one that was read came later. What follows so
        # many may come after others that were not looked up.
        return sorted((*read, *unread), key=lambda row: row[:2])[:_FOUND_AT_ONCE]

    def _find_unread_from(self, connection: sqlite3.Connection, first: int) -> list[Oldest]:
        return [Oldest(*row) for row in connection.execute(_UNREAD, (first, _FOUND_AT_ONCE))]


# The index, redirects and locks of an empty cache.
_EMPTY: Final = 400 * 1024
# So many values are not evicted while one file is written.
_FEW: Final = 100
# Of the bound: what a process may store before it tells the index.
_GRANT_SHARE: Final = 100


def log_size(max_size: int | None) -> int | None:
    """Give from how many bytes on a -wal file in a bounded folder is written into its database."""
    return None if max_size is None else max(max_size // 200, 64 * 1024)


class FileBounds(Eviction):
    """Keeps a folder within bounds, with an index in which all processes note what they store.

    Not each of them: what a process has stored waits until it is a hundredth of the bound, for
    noting takes half as long as storing. A file that is not in the index is not evicted.

    Beside what `Eviction` takes, `path` gives the path of a key's file, `delete` deletes that, or
    gives its size if it cannot be deleted yet, and the databases `others` count as well.
    """

    def __init__(
        self,
        database: Database,
        path: Callable[[str], str],
        delete: Callable[[str], int],
        others: Iterable[Database],
        max_size: int | None,
        max_entries: int | None,
        evicted: Callable[[list[str]], object],
    ) -> None:
        super().__init__(database, TABLE, max_size, max_entries, evicted)
        self._path = path
        self._delete = delete
        databases = (database, *others)
        self._beside = tuple(file for each in databases for file in database_files(each.path))
        self._size_beside = 0
        log = log_size(max_size)
        self._logs = [] if log is None else [LogLimit(each, log) for each in databases]
        self._max_entries = max_entries
        self._grant = (max_size or 0) // _GRANT_SHARE
        self._grant_entries = None if max_entries is None else max_entries // _GRANT_SHARE
        self._order = self._oldest = OldestOrder()
        self._total = 0
        """Bytes that the index knows of, in a transaction."""
        self._lock = Lock()
        self._pending: dict[str, int | None] = {}
        self._pending_size = 0
        self._told = _Told()
        database.add_schema(create_index)

    @property
    def largest(self) -> int | None:
        return None if self._max_size is None else self._max_size - _EMPTY

    @property
    def step(self) -> int:
        """Give how many bytes a body in pieces asks for at once; 0 if it need not ask."""
        return 0 if self._max_size is None else max(self._grant, 64 * 1024)

    def make_room(self, key: str, size: int, grown: int = 0) -> bool:
        """Evict what has to go before a file gets its name; say whether it is known rightly.

        For `grown` bytes of it room was made before.
        """
        room = size_on_disk(size)
        if self._is_granted(room):
            return False
        return self._register(key, room, max(0, room - grown))

    def _register(self, key: str, room: int, more: int) -> bool:
        """Note a file before it gets its name; say whether that is right afterwards, too."""
        with self.room(more, key):
            connection = self._db.connect()
            # Until then the file in whose place it comes is there, too.
            replaced = _size_noted(connection, key)
            note_sizes(connection, {key: room + replaced})
        return not replaced

    def note_written(self, key: str, size: int, is_known: bool) -> None:
        """Note that a file has got its name, after `make_room` said whether it is known."""
        room = size_on_disk(size)
        if not is_known:
            self._note(key, room)
            return
        if not self._holds_few(room):
            return
        # Others may have evicted it before it was there: it was the latest of few. Or be at it.
        with self._db.transaction() as connection:
            is_lost = not _size_noted(connection, key) and os.path.exists(self._path(key))
        if is_lost:
            self._register(key, room, 0)

    def _is_granted(self, size: int) -> bool:
        few = self._grant_entries is None or len(self._pending) < self._grant_entries
        return few and (self._max_size is None or self._pending_size + size <= self._grant)

    def _holds_few(self, room: int) -> bool:
        few = self._max_entries is not None and self._max_entries < _FEW
        return few or (self._max_size is not None and room * _FEW > self._max_size)

    def _note(self, key: str, room: int) -> None:
        with self._lock:
            self._pending.pop(key, None)
            self._pending[key] = room
            self._pending_size += room

    def note_deleted(self, key: str) -> None:
        """Note that a file was deleted."""
        with self._lock:
            self._pending[key] = None

    def settle(self) -> None:
        """Begin a transaction, in which this thread has told the index nothing yet.

        What several threads write at once makes a -wal file longer than SQLite would by itself, and
        all of that is room which no eviction gives.
        """
        self._told.changes = {}
        if self._size_beside > _EMPTY:
            for log in self._logs:
                # One that stays long counts, and so does what is damaged, until it is replaced.
                with suppress(StorageFullError, sqlite3.Error):
                    log.cut(patience=0.0)

    def undo(self) -> None:
        """Keep what this thread has told the index in vain, to tell it again."""
        super().undo()
        told, self._told.changes = self._told.changes, {}
        with self._lock:
            self._pending = {**told, **self._pending}
            self._pending_size = sum(size or 0 for size in self._pending.values())

    def prepare(self, connection: sqlite3.Connection) -> None:
        """Tell the index what was stored and deleted."""
        with self._lock:
            pending, self._pending, self._pending_size = self._pending, {}, 0
        self._told.changes = pending
        note_sizes(connection, pending)
        self._total = int(connection.execute(_TOTAL).fetchone()[0])
        self._size_beside = size_of(self._beside)

    def find_missing(self, connection: sqlite3.Connection, size: int) -> int:
        if self._max_size is None:
            return 0
        return self._total + self._size_beside + size - self._max_size

    def remove(self, connection: sqlite3.Connection, excess: int, missing: int) -> list[str]:
        """Delete the files that were not used for longest, as many as it takes, or some of them."""
        oldest = self._oldest.take(connection, excess, missing)
        for key, size in oldest:
            self._total -= size
            left = self._delete(key)
            if left:
                self._note(key, size_on_disk(left))
        return [key for key, _ in oldest]

    def give_way(self, size: int) -> None:
        """Evict files of so many bytes although the bounds allow more: the disk is full."""
        if self._max_size is not None:
            self.reserve(0)
            has_free = -self.find_missing(self._db.connect(), 0)
            self.reserve(has_free + size_on_disk(size))

    def grow(self, path: str, size: int, more: int) -> None:
        """Make room for a file that is being written, and has `more` bytes than was said before."""
        with self.room(size_on_disk(more)):
            row = path, size_on_disk(size)
            self._db.connect().execute("REPLACE INTO files_growing VALUES (?, ?)", row)

    def forget_growing(self, *paths: str) -> None:
        """Forget files that are not being written any more; what came of them is known."""
        self.settle()
        try:
            with self._db.transaction() as connection:
                self.prepare(connection)
                gone = [(path,) for path in paths]
                connection.executemany("DELETE FROM files_growing WHERE path = ?", gone)
        except BaseException:
            self.undo()
            raise

    def forget_dead(self) -> None:
        """Forget the files of writers that were killed, once they are deleted."""
        growing = self._db.connect().execute("SELECT path FROM files_growing")
        dead = [path for (path,) in growing if not os.path.exists(path)]
        if dead:
            self.forget_growing(*dead)

    def rebuild(self, files: Iterable[tuple[str, str]]) -> None:
        """Compare the index with the keys and paths that are there, and make it right.

        Somebody without bounds may have used the folder, or been killed before telling the index.
        """
        found = sorted(_measure(files))
        with self._db.transaction() as connection:
            known: dict[str, int] = dict(connection.execute("SELECT key, size FROM files"))
            changed: dict[str, int | None] = {
                key: size
                for _, key, path, size in found
                if known.pop(key, None) != size and os.path.exists(path)
            }
            changed |= dict.fromkeys(key for key in known if not os.path.exists(self._path(key)))
            note_sizes(connection, changed)
        self.forget_dead()

    def clear(self) -> None:
        """Forget all files."""
        with self._lock:
            self._pending.clear()
            self._pending_size = 0
        self._db.connect().execute("DELETE FROM files")


class _Told(local):
    """What a thread has told the index in a transaction that may still fail."""

    def __init__(self) -> None:
        self.changes: dict[str, int | None] = {}


def _measure(files: Iterable[tuple[str, str]]) -> Iterator[tuple[float, str, str, int]]:
    """Give the time, key, path and size of each file."""
    for key, path in files:
        with suppress(FileNotFoundError):
            found = os.lstat(path)
            yield found.st_mtime, key, path, size_on_disk(found.st_size)
