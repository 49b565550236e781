"""The filesystem cache: a folder of responses, and a SQLite file of redirects."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from requests_cache.backends.base import BOUNDS, BaseCache
from requests_cache.backends.sqlite import DbDict
from requests_cache.backends.sqlite.opening import (
    DB_KINDS,
    clear_or_replace,
    may_only_read,
    open_database,
    replace_damaged,
    table_names,
)
from requests_cache.backends.views import Size
from requests_cache.option_types import Kind
from requests_cache.options import take
from requests_cache.paths import make_private_folder, resolve_path

from .folder import database_files, mapped_errors, size_of
from .storage import FILE_KINDS, FILE_OPTIONS, FileDict

if TYPE_CHECKING:
    from requests_cache.backends.sqlite.database import Database

logger: logging.Logger = logging.getLogger("requests_cache")

_REDIRECTS_OPTIONS = ("fast_save", "timeout", "wal")
_KINDS: Mapping[str, Kind] = {**FILE_KINDS, **{name: DB_KINDS[name] for name in _REDIRECTS_OPTIONS}}


class FileCache(BaseCache):
    """A cache in a folder.

    Responses are in `<cache_name>/responses`, a file for each; redirects in the SQLite file
    `<cache_name>/redirects.sqlite`.

    Args:
        cache_name: folder; `~` is expanded, parent folders are created.
        use_temp: put a relative path into a private folder in the temp folder.
        max_size: bytes on the disk of all files, at least 1,000,000; the least recently used
            responses go first. None for no limit.
        max_entries: number of responses, likewise.
        kwargs: options of `FileDict` and of `BaseCache`, and those of `DbDict` for the redirects:
            `timeout`, `fast_save`, `wal` (False for network file systems).

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the path cannot be a folder, or the extension not a suffix.
        StorageError: the folder cannot be made, or the file of redirects not be opened.
    """

    OPTIONS: ClassVar[tuple[str, ...]] = (*BaseCache.OPTIONS, *BOUNDS)
    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = _KINDS

    def __init__(
        self, cache_name: str | Path = "http_cache", use_temp: bool = False, **kwargs: Any
    ) -> None:
        own = take(kwargs, ("extension", *FILE_OPTIONS))
        of_redirects = take(kwargs, _REDIRECTS_OPTIONS)
        super().__init__(str(cache_name), **kwargs)
        use_cache_dir = own.pop("use_cache_dir", False)
        self.cache_dir: Path = resolve_path(
            cache_name, use_temp=use_temp, use_cache_dir=use_cache_dir
        )
        with mapped_errors(self.cache_dir):
            make_private_folder(self.cache_dir)
        folder, file = self.cache_dir / "responses", self.cache_dir / "redirects.sqlite"
        self.responses: FileDict
        self.redirects: DbDict
        log = None
        if self.max_size is not None:
            # Imported where there are bounds, here and below: an import is part of a cold start.
            from .bounds import log_size

            log = log_size(self.max_size)
        database = open_database(file, log_size=log, **of_redirects)
        self._database = database
        # A redirect that is lost costs a request.
        if (error := replace_damaged(database)) is not None:
            logger.warning("%r: the redirects are lost: %s", self, error)
        if (self.max_size is None and self.max_entries is None) or may_only_read(database):
            self.responses = FileDict(folder, **own, **self.storage_options)
            self.redirects = DbDict(
                file, table_names(database)[1], database=database, **self.storage_options
            )
        else:
            wal = of_redirects.get("wal", True)
            self._open_bounded(folder, database, wal, own)

    def _open_bounded(
        self, folder: Path, database: Database, wal: bool, own: dict[str, Any]
    ) -> None:
        from requests_cache.backends.sqlite.bounded import GuestDict

        from .bounded import BoundedFileDict

        file = self.cache_dir / "redirects.sqlite"
        self.responses = BoundedFileDict(
            folder,
            max_size=self.max_size,
            max_entries=self.max_entries,
            evicted=self.note_evicted,
            beside=(database,),
            wal=wal,
            **own,
            **self.storage_options,
        )
        bounds = self.responses.bounds
        self.redirects = GuestDict(
            file, table_names(database)[1], database=database, bounds=bounds, **self.storage_options
        )
        self.limit_responses(bounds.largest)
        self.responses.enforce()

    def paths(self) -> list[str]:
        """Give the absolute paths of all responses."""
        return self.responses.paths()

    @property
    def earlier_place(self) -> tuple[Path, None, None]:
        """Where requests-cache 0.7 to 1.3 keeps a cache of this name; see `migrate`."""
        return self.cache_dir, None, None

    @property
    def size(self) -> Size:
        """The bytes of the files of all responses and redirects."""
        beside = database_files(self.cache_dir / "redirects.sqlite")
        return Size(size_of((*self.paths(), *beside)))

    def clear(self) -> None:
        """Delete all responses and redirects; other files in the folder are left alone.

        A file of redirects that is damaged is replaced by an empty one.
        """
        self.responses.clear()
        clear_or_replace(self._database, self.redirects.clear)
