"""A database file: one connection per thread, never across a fork, and errors in our words."""

from __future__ import annotations

import os
import sqlite3
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from requests_cache._store.threads import call_in_child
from requests_cache.errors import (
    CacheError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)
from requests_cache.paths import make_private_folder

from .connection import Held, Readers, close_left, open_connection

PAGES_AT_ONCE: Final = 128
"""So many pages are given back in one go; for 1 MB other writers wait some milliseconds."""

# Pages of this size hold a small response without an overflow page.
_PAGE_SIZE: Final = 8192
# What a connection maps counts as memory of the process. What is not mapped is read, which costs a
# hit a microsecond.
_MMAP_SIZE: Final = 8 * 1024 * 1024
# Pages of a connection in memory, without those that are mapped. Of a thousand small responses
# among a million, half are then read without asking the system.
_CACHE_SIZE: Final = 8 * 1024 * 1024
# What is left of the -wal file when it was longer, and is written from its start again.
_LOG_KEPT: Final = 64 * 1024 * 1024
# For work on the whole file. What a transaction changes is written twice if it does not fit.
_LARGE_MMAP_SIZE: Final = 64 * 1024 * 1024
_LARGE_CACHE_SIZE: Final = 16 * 1024 * 1024
# In seconds. One transaction takes milliseconds, but a caller may be in the middle of his own.
_PATIENCE: Final = 5.0

_databases: weakref.WeakSet[Database] = weakref.WeakSet()


class Database:
    """Connections to one file, each used by one thread.

    Readers do not wait for writers: the file is in WAL mode, where the file system allows it.

    Args:
        path: the file, or a `file:` URI with `uri=True`.
        fast_save: do not wait for the disk at all (`PRAGMA synchronous=OFF`): after a power cut the
            file may be damaged. Otherwise (NORMAL, in WAL mode) the last commits before a power cut
            may be lost, but nothing is when only the process dies.
        wal: False for file systems without shared memory, such as NFS; readers then wait.
        log_size: so many bytes of the `-wal` file are enough to write them into the database, and
            no more of it are kept; None for what SQLite does by itself (8 MB).
        options: arguments of `sqlite3.connect`.
    """

    def __init__(
        self,
        path: Path | str,
        fast_save: bool = False,
        wal: bool = True,
        log_size: int | None = None,
        **options: Any,
    ) -> None:
        self.path = path
        self.fast_save = fast_save
        self.wal = wal
        self.log_size = log_size
        self.options = options
        self.is_in_memory = False
        self.is_read_only: bool = False
        """Whether the file was opened by somebody who may not write to it."""
        self._file: tuple[int, int] | None = None
        self._log: Path | None = None
        self._schemas: list[Callable[[sqlite3.Connection], None]] = []
        self.begin()
        _databases.add(self)

    @classmethod
    def in_memory(
        cls, fast_save: bool = False, name: str | None = None, **options: Any
    ) -> Database:
        """Make a database that its threads share and that ends when it is closed.

        One with a name is shared by all of the process, until the last one is closed.
        """
        options.update(uri=True, wal=False)
        place = name or f"requests-cache-{os.urandom(16).hex()}"
        self = cls(f"file:/{place}?vfs=memdb", fast_save, **options)
        self.is_in_memory = True
        return self

    def begin(self) -> None:
        """Start without connections and without anybody who uses them."""
        self._lock = threading.RLock()
        self._ended = threading.Condition(self._lock)
        self._turn = threading.RLock()
        self._transactions = 0
        self.forget()

    def forget(self) -> None:
        """Drop the connections: each closes when no thread works with it any more."""
        self._local = threading.local()
        self._first: Held | None = None
        self.readers: Readers = Readers()
        """Who reads bodies in pieces."""

    def forget_if_replaced(self) -> None:
        """Open the file anew if the one that is open was deleted or replaced."""
        if isinstance(self.path, Path) and _identity(self.path) != self._file:
            self.forget()

    @classmethod
    def forget_file(cls, path: object) -> None:
        """Open a file anew at its next use: it failed, and may be another one by then."""
        for database in list(_databases):
            if database.path == path and isinstance(path, Path):
                database.forget()

    def add_schema(self, create: Callable[[sqlite3.Connection], None]) -> None:
        """Have `create` called with every new connection, and with this thread's."""
        self._schemas.append(create)
        create(self.connect())

    def connect(self) -> sqlite3.Connection:
        """Give this thread's connection."""
        try:
            return self._local.connection  # type: ignore[no-any-return]  # threading.local is untyped
        except AttributeError:
            return self._here().connection  # type: ignore[no-any-return]  # as above

    def select(self) -> Callable[[str, Sequence[Any]], sqlite3.Cursor]:
        """Give what runs a SELECT of one row, which has to be fetched at once.

        It uses one cursor of this thread again and again: to make another one takes longer than to
        find a key.
        """
        try:
            return self._local.select  # type: ignore[no-any-return]  # threading.local is untyped
        except AttributeError:
            return self._here().select  # type: ignore[no-any-return]  # as above

    def _here(self) -> Any:
        """Give what belongs to this thread; `close` in another one may put another in its place."""
        local = self._local
        if not hasattr(local, "connection"):
            self._connect(local)
        return local

    def _connect(self, local: Any) -> None:
        close_left()
        try:
            connection = self._open_to_write()
            self.is_read_only = False
        except sqlite3.OperationalError as error:
            opened = _open_to_read(self.path, error, self.options)
            if opened is None:
                raise
            connection = self._prepared(opened, _configure_reader)
            self.is_read_only = True
        if isinstance(self.path, Path):
            self._file = _identity(self.path)
        local.connection = connection
        local.select = connection.cursor().execute
        local.depth = 0
        # The last one: by then the thread has nothing else that refers to the connection.
        local.held = held = Held(connection)
        with self._lock:
            if self._first is None and not isinstance(self.path, Path):
                # A database in memory ends with its last connection, not with its first thread.
                self._first = held

    def _open_to_write(self) -> sqlite3.Connection:
        if isinstance(self.path, Path):
            # A folder that is there need not be ours to make.
            if not self.path.exists():
                make_private_folder(self.path.parent)
            _make_private_file(self.path)
        return self._prepared(open_connection(self.path, self.options), self._configure)

    def _prepared(
        self,
        connection: sqlite3.Connection,
        configure: Callable[[sqlite3.Connection], object],
    ) -> sqlite3.Connection:
        try:
            configure(connection)
            for create in self._schemas:
                create(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def open_reader(self) -> sqlite3.Connection | None:
        """Open a connection that reads one version of the file, whatever is written meanwhile.

        None without WAL: there a reader would keep every writer waiting.
        """
        if not self.wal or self.is_read_only or self._local_depth():
            return None
        connection = open_connection(self.path, self.options)
        connection.text_factory = _decode
        connection.execute("BEGIN")
        return connection

    def find_log_size(self) -> int:
        """Give the bytes of the `-wal` file; 0 if there is none."""
        if self._log is None:
            # A link leads elsewhere, a URI names no file: SQLite knows which one it opened.
            row = self.connect().execute("PRAGMA database_list").fetchone()
            self._log = Path(f"{row[2]}-wal")
        try:
            return self._log.stat().st_size
        except OSError:
            return 0

    def _local_depth(self) -> int:
        """Say how many transactions of this thread are open; only it sees what they wrote."""
        return getattr(self._local, "depth", 0)

    def _configure(self, connection: sqlite3.Connection) -> None:
        execute = connection.execute
        # Text that is no UTF-8 was written by somebody else; that it is wrong is found out later.
        connection.text_factory = _decode
        execute(f"PRAGMA page_size={_PAGE_SIZE}")
        if not execute("PRAGMA page_count").fetchone()[0]:
            # Only a new file can be told; it lets `give_back` move single pages.
            execute("PRAGMA auto_vacuum=INCREMENTAL")
        execute(f"PRAGMA journal_mode={'WAL' if self.wal else 'DELETE'}").fetchone()
        execute(f"PRAGMA synchronous={'OFF' if self.fast_save else 'NORMAL'}")
        _size_memory(connection, _MMAP_SIZE, _CACHE_SIZE)
        # Some builds write zeros over all that is deleted, which others, and SQLite itself, do not.
        execute("PRAGMA secure_delete=OFF").fetchone()
        execute(f"PRAGMA journal_size_limit={_LOG_KEPT}").fetchone()
        if self.log_size is not None:
            execute(f"PRAGMA wal_autocheckpoint={self.log_size // _PAGE_SIZE}").fetchone()
        # REPLACE fires the triggers that delete the body of what it replaces.
        execute("PRAGMA recursive_triggers=ON")

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """Run a block in one transaction of this thread; inside another one it is part of that.

        An exception rolls everything back.
        """
        local = self._here()
        if local.depth:
            local.depth += 1
            try:
                yield local.connection
            finally:
                local.depth -= 1
            return
        with self._counted():
            local = self._here()
            connection = local.connection
            connection.execute("BEGIN IMMEDIATE")
            local.depth = 1
            try:
                yield connection
                connection.execute("COMMIT")
                self.readers.relieve(self)
            except BaseException:
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
            finally:
                local.depth = 0

    @contextmanager
    def in_turn(self) -> Iterator[None]:
        """Run a block of several transactions while no other thread is in one.

        What is half written is not evicted, so many together could leave no room for any.
        """
        if self._local_depth():
            # Whoever has the turn may be waiting for the end of this transaction.
            yield
            return
        with self._turn:
            yield

    @contextmanager
    def _counted(self) -> Iterator[None]:
        """Have `close` wait for a block."""
        with self._lock:
            self._transactions += 1
        try:
            yield
        finally:
            with self._ended:
                self._transactions -= 1
                self._ended.notify_all()

    @contextmanager
    def at_large(self) -> Iterator[None]:
        """Take more memory during a block that goes through much of the file."""
        _size_memory(self.connect(), _LARGE_MMAP_SIZE, _LARGE_CACHE_SIZE)
        try:
            yield
        finally:
            _size_memory(self.connect(), _MMAP_SIZE, _CACHE_SIZE)

    def give_back(self, pages: int) -> None:
        """Give some free pages back to the file system, if a quarter of the file is free."""
        connection = self.connect()
        (free,) = connection.execute("PRAGMA freelist_count").fetchone()
        (total,) = connection.execute("PRAGMA page_count").fetchone()
        if free * 4 > total and not connection.in_transaction:
            # `execute` would move one page: this PRAGMA has a step for each.
            connection.executescript(f"PRAGMA incremental_vacuum({pages})")

    def is_nested(self) -> bool:
        """Say whether this thread is in a transaction within another one."""
        return self._local_depth() > 1

    def close(self) -> None:
        """Close the connections of all threads; the next use opens them again.

        Waits 5 s for the transactions of other threads. A thread that reads, or is still in one,
        ends what it does; its connection closes then.
        """
        self.readers.wait()
        with self._ended:
            own = bool(self._local_depth())
            self._ended.wait_for(lambda: self._transactions <= own, _PATIENCE)
            self.forget()
        close_left()

    def replace(self) -> None:
        """Delete the file, whatever it is, and start with an empty one."""
        with self._lock:
            self.close()
            if isinstance(self.path, Path):
                for suffix in ("", "-wal", "-shm", "-journal"):
                    Path(f"{self.path}{suffix}").unlink(missing_ok=True)
            self.connect()


def _decode(text: bytes) -> str:
    return text.decode("utf-8", "replace")


def _configure_reader(connection: sqlite3.Connection) -> None:
    connection.text_factory = _decode
    _size_memory(connection, _MMAP_SIZE, _CACHE_SIZE)


def _size_memory(connection: sqlite3.Connection, mapped: int, cached: int) -> None:
    connection.execute(f"PRAGMA mmap_size={mapped}").fetchone()
    # A negative number is one of KB, not of pages.
    connection.execute(f"PRAGMA cache_size=-{cached // 1024}")


def _identity(path: Path) -> tuple[int, int] | None:
    """Give what tells a file from another one of its name; None if there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _make_private_file(path: Path) -> None:
    """Create the file for this user alone, before SQLite creates it for everybody."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    except OSError:
        # It exists, or cannot be made: then SQLite says why.
        return


# A file that may not be written to: one in a read-only place, or of others

_NOT_WRITABLE: Final = frozenset((sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN))


def _open_to_read(
    path: Path | str, error: sqlite3.OperationalError, options: dict[str, Any]
) -> sqlite3.Connection | None:
    """Open a file to read it, where it cannot be opened to write; None if it cannot be, either."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code not in _NOT_WRITABLE or not isinstance(path, Path) or not path.is_file():
        return None
    # A file in WAL mode has a -shm file, which somebody has to make, unless nobody writes: then
    # the database is all there is, and can be read as it is.
    for mode in ("mode=ro", "mode=ro&immutable=1"):
        if "immutable" in mode and _has_log(path):
            return None
        connection = _connect_to_read(f"{path.as_uri()}?{mode}", options)
        if connection is not None:
            return connection
    return None


def _connect_to_read(uri: str, options: dict[str, Any]) -> sqlite3.Connection | None:
    """Open a database that can be read; SQLite notices only with the first statement."""
    connection: sqlite3.Connection | None = None
    try:
        connection = open_connection(uri, {**options, "uri": True})
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except sqlite3.OperationalError:
        if connection is not None:
            connection.close()
        return None
    return connection


def _has_log(path: Path) -> bool:
    """Say whether something was written that is not yet in the database itself."""
    try:
        return Path(f"{path}-wal").stat().st_size > 0
    except OSError:
        return False


# Errors

# Primary result codes, https://www.sqlite.org/rescode.html
_BY_CODE: dict[int, tuple[type[StorageError], str]] = {
    sqlite3.SQLITE_BUSY: (StorageTimeoutError, "locked by another writer; raise `timeout`"),
    sqlite3.SQLITE_LOCKED: (StorageTimeoutError, "locked by another writer; raise `timeout`"),
    sqlite3.SQLITE_FULL: (StorageFullError, "the disk is full"),
    sqlite3.SQLITE_READONLY: (StorageUnavailableError, "the file cannot be written to"),
    sqlite3.SQLITE_CANTOPEN: (StorageUnavailableError, "the file cannot be opened"),
    sqlite3.SQLITE_NOTADB: (StorageUnavailableError, "not a database; clear() replaces it"),
    sqlite3.SQLITE_CORRUPT: (StorageUnavailableError, "damaged; clear() replaces it"),
}

# What is there at the next use may be another file.
_FILE_IS_WRONG = frozenset(
    (
        sqlite3.SQLITE_NOTADB,
        sqlite3.SQLITE_CORRUPT,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_IOERR,
    )
)


@contextmanager
def mapped_errors(path: object) -> Iterator[None]:
    """Raise our errors for those of sqlite3 and of the system, with these as the cause."""
    try:
        yield
    except sqlite3.Error as error:
        raise map_error(path, error) from error
    except OSError as error:
        raise StorageUnavailableError(f"SQLite cache {path}: {error} ({_why_not(path)})") from error


def is_damaged(error: StorageError) -> bool:
    """Say whether an error of ours is about a file that is damaged, or no database at all."""
    code = getattr(error.__cause__, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT)


def is_missing(error: sqlite3.Error) -> bool:
    """Say whether there is no body where one is looked for: no row, or another value in it."""
    return "no such rowid" in str(error) or "cannot open value" in str(error)


def map_error(path: object, error: sqlite3.Error) -> CacheError:
    """Give our error for one of sqlite3."""
    if isinstance(error, sqlite3.DataError):
        return ValueTooLargeError(f"{path}: {error}")
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _FILE_IS_WRONG:
        Database.forget_file(path)
    kind, advice = _BY_CODE.get(code, (StorageError, "see the cause"))
    if code == sqlite3.SQLITE_CANTOPEN:
        advice = _why_not(path)
    return kind(f"SQLite cache {path}: {error} ({advice})")


def _why_not(path: object) -> str:
    """Say why a file cannot be opened, and what to do."""
    if not isinstance(path, Path):
        return "the file cannot be opened"
    try:
        if path.is_dir():
            return "a folder has this name: give that of a file"
        if path.exists() and not os.access(path, os.W_OK):
            known = "and cannot be read as it is" if os.access(path, os.R_OK) else "nor be read"
            return f"the file may not be written to, {known}: look at its permissions"
        if not os.access(path.parent, os.W_OK | os.X_OK):
            return "its folder may not be written to: give another one, or use_temp=True"
    except OSError as error:
        return f"{error.strerror}: give another name"
    return "the file cannot be opened: give another folder, or use_temp=True"


# Whoever held a lock of a database is not in a forked child.
call_in_child(Database.begin, _databases)
