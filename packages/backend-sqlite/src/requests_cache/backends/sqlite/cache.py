"""The SQLite cache: two tables in one file."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any, ClassVar

from requests_cache import clock
from requests_cache.backends.base import BOUNDS, BaseCache
from requests_cache.backends.views import Size
from requests_cache.errors import StorageError
from requests_cache.options import take

from .database import mapped_errors
from .opening import (
    DB_KINDS,
    DB_OPTIONS,
    clear_or_replace,
    may_only_read,
    open_database,
    table_names,
)
from .storage import DbDict


class DbCache(BaseCache):
    """A cache in a SQLite file.

    Args:
        db_path: file; `~` is expanded, parent folders are created, `.sqlite` is appended to a name
            without a suffix.
        use_temp: put a relative path into a private folder in the temp folder.
        fast_save: do not wait for the disk: faster, but a power cut may damage the file.
        max_size: bytes of the file with its `-wal` and `-shm` files, at least 1,000,000; the least
            recently used responses go first. None for no limit.
        max_entries: number of responses, likewise.
        kwargs: options of `DbDict` and of `BaseCache`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the path cannot be used, or the file's tables are not ours.
        StorageError: the file cannot be opened. One that is damaged can: its use raises, so that
            requests go without it, until `clear()` replaces it.
    """

    OPTIONS: ClassVar[tuple[str, ...]] = (*BaseCache.OPTIONS, *BOUNDS, *DB_OPTIONS)
    OPTION_KINDS = DB_KINDS

    def __init__(
        self,
        db_path: str | Path = "http_cache",
        use_temp: bool = False,
        fast_save: bool = False,
        **kwargs: Any,
    ) -> None:
        own = take(kwargs, DB_OPTIONS)
        super().__init__(str(db_path), **kwargs)
        if self.max_size is not None:
            from .bounded import log_size

            own["log_size"] = log_size(self.max_size)
        self._db = open_database(db_path, fast_save=fast_save, use_temp=use_temp, **own)
        shared = {"database": self._db, **self.storage_options}
        self.responses: DbDict
        self.redirects: DbDict
        names = table_names(self._db)
        if (self.max_size is None and self.max_entries is None) or may_only_read(self._db):
            self.responses = DbDict(db_path, names[0], **shared)
            self.redirects = DbDict(db_path, names[1], **shared)
        else:
            self._open_bounded(db_path, names, shared)

    def _open_bounded(
        self, db_path: str | Path, names: tuple[str, str], shared: dict[str, Any]
    ) -> None:
        # Imported where there are bounds, for an import is part of a cold start.
        from .bounded import BoundedDict, Bounds, GuestDict

        bounds = Bounds(self._db, names[0], self.max_size, self.max_entries, self.note_evicted)
        self.responses = BoundedDict(db_path, names[0], bounds=bounds, **shared)
        self.redirects = GuestDict(db_path, names[1], bounds=bounds, **shared)
        self.limit_responses(bounds.largest)
        # Of a damaged file nothing can be evicted; its use says so.
        with suppress(StorageError), mapped_errors(self.db_path):
            bounds.enforce()

    @property
    def db_path(self) -> Path | str:
        """Give the path of the file."""
        return self._db.path

    @property
    def earlier_place(self) -> tuple[Path, None, None] | None:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name; see `migrate`."""
        return (self.db_path, None, None) if isinstance(self.db_path, Path) else None

    @property
    def size(self) -> Size:
        """The bytes of the file with its `-wal` and `-shm` files; of one in memory the values."""
        if not isinstance(self.db_path, Path):
            return super().size
        files = (Path(f"{self.db_path}{suffix}") for suffix in ("", "-wal", "-shm"))
        return Size(sum(file.stat().st_size for file in files if file.exists()))

    def delete(
        self, *keys: str, expired: bool = False, vacuum: bool = False, **criteria: Any
    ) -> None:
        """Delete responses as `BaseCache.delete` does.

        Args:
            keys: keys of responses or redirects.
            expired: delete the responses that have expired.
            vacuum: also give the disk space of all that is deleted back, which rewrites the file.
            criteria: the other arguments of `BaseCache.delete`.
        """
        if not vacuum:
            super().delete(*keys, expired=expired, **criteria)
            return
        super().delete(*keys, **criteria)
        if not expired:
            self.responses.vacuum()
        elif self.responses.purge(clock.now()):
            self._prune_redirects(None, False)

    def bulk_delete(self, keys: Any) -> None:
        """Delete many responses or redirects with the redirects that lead to them."""
        super().bulk_delete(keys)

    def clear(self) -> None:
        """Delete everything; a file that is damaged is replaced by an empty one."""
        clear_or_replace(self._db, super().clear)
