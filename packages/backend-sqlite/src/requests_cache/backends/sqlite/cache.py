"""The SQLite cache: two tables in one file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from requests_cache.backends.base import BaseCache
from requests_cache.errors import StorageError, StorageTimeoutError

from .errors import mapped_errors
from .storage import DB_OPTIONS, DbDict, open_database

__all__ = ["DbCache"]


class DbCache(BaseCache):
    """A cache in a SQLite file.

    Args:
        db_path: file; `~` is expanded, parent folders are created, `.sqlite` is appended to a name
            without a suffix.
        use_temp: put a relative path into a private folder in the temp folder.
        fast_save: do not wait for the disk: faster, but a power cut may damage the file.
        kwargs: options of `DbDict` and of `BaseCache`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the path cannot be used, or the file's tables are not ours.
        StorageError: the file cannot be opened. One that is damaged can: its use raises, so that
            requests go without it, until `clear()` replaces it.
    """

    OPTIONS = (*BaseCache.OPTIONS, *DB_OPTIONS)

    def __init__(
        self,
        db_path: str | Path = "http_cache",
        use_temp: bool = False,
        fast_save: bool = False,
        **kwargs: Any,
    ) -> None:
        own = {name: kwargs.pop(name) for name in DB_OPTIONS if name in kwargs}
        super().__init__(str(db_path), **kwargs)
        self._db = open_database(db_path, fast_save=fast_save, use_temp=use_temp, **own)
        shared = {"database": self._db, **self.storage_options}
        self.responses: DbDict = DbDict(db_path, "responses", **shared)
        self.redirects: DbDict = DbDict(db_path, "redirects", **shared)

    @property
    def db_path(self) -> Path | str:
        """Give the path of the file."""
        return self._db.path

    def bulk_delete(self, keys: Any) -> None:
        """Delete many responses or redirects with the redirects that lead to them."""
        super().bulk_delete(keys)

    def clear(self) -> None:
        """Delete everything; a file that is damaged is replaced by an empty one."""
        try:
            super().clear()
        except StorageTimeoutError:
            # Somebody is at work on it: it is not damaged, and not ours to take away.
            raise
        except StorageError:
            with mapped_errors(self.db_path):
                self._db.replace()
