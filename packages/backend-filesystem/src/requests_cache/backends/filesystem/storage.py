"""A folder of files as a mapping."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from functools import partial
from math import inf
from pathlib import Path
from random import choice
from re import fullmatch
from typing import Any, BinaryIO, ClassVar, TypeVar

from requests_cache import clock
from requests_cache._store.entry import DAMAGED, is_expired, is_over
from requests_cache.backends.base import BaseStorage, BodyReader, BodyWriter, Capabilities, Entry
from requests_cache.errors import ConfigurationError, RecordError
from requests_cache.option_types import FLAG, NAME, TEXT_OR_NONE, Kind
from requests_cache.options import take
from requests_cache.paths import resolve_path

from .folder import BodyFile, Folder, map_error, mapped_errors, remove
from .layout import (
    PREFIX_SIZE,
    SHARDS,
    is_hashed,
    is_no_file,
    key_of,
    open_entry,
    pack,
    pack_last,
    place_of,
    read_entry,
    read_piece,
    read_plain,
    read_times,
)

FILE_OPTIONS = ("use_cache_dir", "fsync")
"""Keyword options of a folder, beside `use_temp` and `extension`."""

_T = TypeVar("_T")

FILE_KINDS: Mapping[str, Kind] = {
    "cache_name": NAME,
    "use_temp": FLAG,
    "use_cache_dir": FLAG,
    "fsync": FLAG,
    "extension": TEXT_OR_NONE,
}
"""What these options may be."""

# Formats that a person can read: such a file holds nothing that the serializer did not write.
_READABLE = frozenset((".json", ".yaml"))
# A file of up to this size is read whole when its head is replaced.
_SMALL = 64 * 1024
_PIECE = 1024 * 1024
# So many files are opened to look at their times.
_LOOKS = 64
_KEY_SUFFIX = ".key"


class FileDict(BaseStorage):
    """A mapping in a folder, with one file for each value.

    A file is named after its key: `<folder>/<two digits>/<key><extension>`. A key that cannot be a
    file name is encoded; of a very long one the name is a hash, and a second file holds the key.

    Args:
        cache_name: folder; `~` is expanded, parent folders are created.
        use_temp: put a relative path into a private folder in the temp folder.
        extension: suffix of the files, by default that of the serializer, such as ".json". A folder
            may hold files of several suffixes; each is a mapping of its own.
        kwargs: `use_cache_dir` (put a relative path into the user's cache folder), `fsync` (wait
            until each value is on the disk, so that it outlives a power cut; default False),
            `serializer`, `secret_key`, `salt`.

    Raises:
        UnknownOptionError: another option was given.
        ConfigurationError: the path cannot be a folder, or the extension not a suffix.
        StorageError: the folder cannot be made.
    """

    OPTION_KINDS: ClassVar[Mapping[str, Kind]] = FILE_KINDS
    capabilities: Capabilities = Capabilities(
        persistent=True,
        shared_between_processes=True,
        heads_apart=True,
        bounded=True,
        streaming=True,
        leases=True,
    )

    def __init__(
        self,
        cache_name: str | Path,
        use_temp: bool = False,
        extension: str | None = None,
        **kwargs: Any,
    ) -> None:
        own = take(kwargs, FILE_OPTIONS)
        super().__init__(**kwargs)
        self.extension: str = _suffix(self.serializer.extension if extension is None else extension)
        self._grace = 0.0
        self._unswept: list[str] = []
        """Paths of what a sweep looks at next."""
        self._readable = not self.serializer.splits and self.serializer.extension in _READABLE
        self.capabilities = self.capabilities._replace(
            heads_apart=not self._readable, streaming=not self._readable
        )
        path = resolve_path(
            cache_name, use_temp=use_temp, use_cache_dir=own.get("use_cache_dir", False)
        )
        with mapped_errors(path):
            self._folder = Folder(path, own.get("fsync", False))

    @property
    def cache_dir(self) -> Path:
        """Give the folder."""
        return Path(self._folder.path)

    def paths(self) -> list[str]:
        """Give the absolute paths of all files."""
        return list(self._files())

    def read(self, key: str) -> Entry | None:
        """Give what is stored under `key`; its file is opened once."""
        return _look(read_plain if self._readable else read_entry, self._path(key))

    def write(self, key: str, entry: Entry) -> None:
        """Store an entry as one file; a file that a person is to read holds no times."""
        path = self._path(key)
        head = entry.head if self._readable else pack(entry)
        self._grace = max(self._grace, _grace(entry))
        with mapped_errors(path):
            self._keep_key(path, key)
            self._folder.replace(path, (head, entry.body))
            self._keep_key(path, key)

    def _keep_key(self, path: str, key: str) -> None:
        """Store a key that its file's name does not tell.

        This comes before the value, so that a value that is there has a key; and after it too, in
        case somebody deleted the value and the key in between.
        """
        if is_hashed(path) and not os.path.exists(path + _KEY_SUFFIX):
            self._folder.replace(path + _KEY_SUFFIX, (key.encode("utf-8", "surrogatepass"),))

    def create_body(self) -> BodyWriter:
        """Begin a body that comes in pieces, in a file that gets its name when it is complete."""
        if self._readable:
            return super().create_body()
        with mapped_errors(self._folder.path):
            return FileWriter(self._folder.create_body(), self._put, self._folder.fsync)

    def _put(self, key: str, written: str) -> None:
        path = self._path(key)
        self._keep_key(path, key)
        self._folder.move(written, path)
        self._keep_key(path, key)

    def open_body(self, key: str) -> tuple[Entry, BinaryIO] | None:
        """Give an entry and its body as a file; what replaces the body meanwhile is not seen."""
        if self._readable:
            return super().open_body(key)
        opened = _look(open_entry, self._path(key))
        if opened is None or isinstance(opened, Entry):
            # Not there, or a file that is not ours, which comes as the head.
            return super().open_body(key)
        entry, file, first, last = opened
        return entry, _open_file(file, first, last)

    def lease(self, key: str, seconds: float) -> str | None:
        """Take the right to fetch `key`, a file that only one can make."""
        with mapped_errors(self._folder.path):
            return self._folder.lease(key, seconds)

    def release(self, key: str, token: str) -> None:
        with mapped_errors(self._folder.path):
            self._folder.release(key, token)

    def rewrite_head(self, key: str, entry: Entry) -> None:
        """Replace the head and the times of a stored value; a large body is copied in pieces."""
        if self._readable or _is_small(self._path(key)):
            super().rewrite_head(key, entry)
            return
        opened = self.open_body(key)
        if opened is None:
            return
        with opened[1] as body:
            writer = self.create_body()
            while piece := body.read(_PIECE):
                writer.write(piece)
            writer.commit(key, entry._replace(body=b""))

    def scan(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over keys and entries; without `bodies` only the heads are read."""
        for path in self._files():
            key = self._key(path)
            read = partial(read_entry, bodies=bodies)
            entry = _look(self._read_readable if self._readable else read, path)
            if key is not None and entry is not None:
                yield key, entry

    def _read_times(self, path: str) -> Entry | None:
        try:
            return self._read_readable(path) if self._readable else read_times(path)
        except OSError as error:
            if is_no_file(error):
                return None
            raise

    def _read_aged(self, path: str) -> Entry | None:
        """Read a file that a person can read, unless its age tells that it is still wanted.

        Such a file does not say for how long it is wanted after it has expired: as long as what
        this process writes.
        """
        with suppress(FileNotFoundError):
            if os.stat(path).st_mtime + self._grace <= clock.now():
                entry = self._read_readable(path)
                until = entry and entry.expires and entry.expires + self._grace
                return entry and entry._replace(keep_until=until)
        return None

    def _read_readable(self, path: str) -> Entry | None:
        """Read a file and take the time from the response in it, which a person may have edited."""
        entry = read_plain(path)
        if entry is None:
            return None
        with suppress(RecordError):
            value = self.serializer.decode(entry.head, entry.body)
            return entry._replace(expires=getattr(value, "expires_at", None))
        return entry

    def discard(self, key: str) -> bool:
        path = self._path(key)
        with mapped_errors(path):
            if not remove(path):
                return False
            if is_hashed(path):
                self._forget_key(path, key)
        return True

    def _forget_key(self, path: str, key: str) -> None:
        remove(path + _KEY_SUFFIX)
        if os.path.exists(path):  # somebody stored it again meanwhile
            self._keep_key(path, key)

    def discard_expired(self, key: str, now: float) -> bool:
        path = self._path(key)
        with mapped_errors(path):
            is_gone = self._take(path, self._read_times, lambda entry: is_expired(entry, now))
            if is_gone and is_hashed(path):
                self._forget_key(path, key)
        return is_gone

    def sweep(self, now: float, most: int) -> int:
        """Delete some files; all of a subfolder are looked at before it is another one's turn."""
        if not self._unswept:
            self._unswept = self._files_in(choice(SHARDS))  # noqa: S311  # no secret
        read = self._read_aged if self._readable else self._read_times
        swept: list[str] = []
        for _ in range(_LOOKS):
            if not self._unswept or len(swept) >= most:
                break
            # Another thread may take a path; what cannot be deleted is for others to find out.
            with suppress(IndexError, OSError):
                path = self._unswept.pop()
                if self._take(path, read, lambda entry: is_over(entry, now)):
                    swept.append(path)
        for path in swept:
            self._note_swept(path)
        return len(swept)

    def _take(
        self, path: str, read: Callable[[str], Entry | None], goes: Callable[[Entry], bool]
    ) -> bool:
        """Delete a file if it still goes when nobody can replace it; the first look needs no lock.

        Args:
            path: the file.
            read: gives at least its times.
            goes: says whether it goes.
        """

        def is_to_go() -> bool:
            entry = read(path)
            return entry is not None and goes(entry)

        if not is_to_go():
            return False
        with self._folder.lock(alone=True):
            if not is_to_go():
                return False
            with suppress(FileNotFoundError):
                os.unlink(path)
                return True
        return False

    def _note_swept(self, path: str) -> None:
        if is_hashed(path):
            remove(path + _KEY_SUFFIX)

    def _is_value(self, file: str) -> bool:
        return file.endswith(self.extension) and "." not in self._name(file)

    def clear(self) -> None:
        """Delete all files of this mapping, those without a key as well, and empty subfolders."""
        with mapped_errors(self._folder.path):
            for path in self._files():
                remove(path)
                if is_hashed(path):
                    remove(path + _KEY_SUFFIX)
            self._folder.remove_leftovers()
        for shard in SHARDS:
            with suppress(OSError):
                os.rmdir(os.path.join(self._folder.path, shard))

    def _path(self, key: str) -> str:
        return f"{self._folder.path}{os.sep}{place_of(str(key))}{self.extension}"

    def _key(self, path: str) -> str | None:
        """Give the key of a file; None if it was deleted meanwhile, or is not ours."""
        name = self._name(os.path.basename(path))
        if not is_hashed(name):
            return key_of(name)
        stored = _look(read_plain, path + _KEY_SUFFIX)
        try:
            return stored and (stored.head.decode("utf-8", "surrogatepass") or None)
        except UnicodeDecodeError:
            return None

    def _files(self) -> Iterator[str]:
        """Iterate over the paths of the values, one subfolder at a time."""
        for shard in SHARDS:
            yield from self._files_in(shard)

    def _files_in(self, shard: str) -> list[str]:
        folder = f"{self._folder.path}{os.sep}{shard}"
        try:
            files = os.listdir(folder)
        except (FileNotFoundError, NotADirectoryError):
            return []
        except OSError as error:
            raise map_error(folder, error) from error
        return [f"{folder}{os.sep}{file}" for file in files if self._is_value(file)]

    def _name(self, file: str) -> str:
        return file[: len(file) - len(self.extension)]

    def __iter__(self) -> Iterator[str]:
        for path in self._files():
            key = self._key(path)
            if key is not None:
                yield key

    def __contains__(self, key: object) -> bool:
        """Say whether `key` is stored, without opening its file."""
        path = self._path(str(key))
        with mapped_errors(path):
            try:
                os.lstat(path)
            except (FileNotFoundError, NotADirectoryError):
                return False
            return True


def _look(read: Callable[[str], _T | None], path: str) -> _T | Entry | None:
    """Give what is read from a file; what is there in the place of a file cannot be read."""
    try:
        return read(path)
    except OSError as error:
        if is_no_file(error):
            return DAMAGED
        raise map_error(path, error) from error


def _is_small(path: str) -> bool:
    try:
        return os.stat(path).st_size <= _SMALL
    except OSError:
        # Who reads it finds out why.
        return True


def _grace(entry: Entry) -> float:
    """Give for how many seconds an entry is kept after it has expired."""
    if entry.expires is None:
        return 0.0
    return inf if entry.keep_until is None else entry.keep_until - entry.expires


def _suffix(extension: str) -> str:
    suffix = f".{extension.lstrip('.')}" if extension else ""
    if not fullmatch(r"(\.[A-Za-z0-9_-]{1,16})?", suffix) or suffix == _KEY_SUFFIX:
        raise ConfigurationError(
            f"extension={extension!r} cannot end the name of a file: give up to 16 letters, digits,"
            f" '_' or '-', such as '.json', and not {_KEY_SUFFIX!r}"
        )
    return suffix


# Bodies in pieces


class FileWriter(BodyWriter):
    """Writes a body beside the others, and gives the file its name at the end, by `put`."""

    def __init__(self, file: BodyFile, put: Callable[[str, str], None], fsync: bool) -> None:
        self._file: BodyFile | None = file
        self._put = put
        self._fsync = fsync
        self._size = 0
        """Bytes of the file so far."""
        self.write(bytes(PREFIX_SIZE))

    def _opened(self) -> BodyFile:
        if self._file is None:
            raise ValueError("this body was committed or aborted")
        return self._file

    def write(self, data: bytes) -> None:
        file = self._opened()
        with mapped_errors(file.path):
            file.write(data)
        self._size += len(data)

    def commit(self, key: str, entry: Entry) -> None:
        """Write the head, and put the file in the place of what was stored under `key`."""
        file = self._opened()
        prefix, head = pack_last(entry, self._size - PREFIX_SIZE)
        with mapped_errors(file.path):
            file.write(head)
            file.rewrite_start(prefix)
            if self._fsync:
                file.sync()
            if os.name != "posix":
                # Windows renames no open file; elsewhere the lock is held until it has its name.
                file.close()
            self._put(key, file.path)
        self._file = None
        file.close()

    def abort(self) -> None:
        file, self._file = self._file, None
        if file is not None:
            file.remove()


def _open_file(file: int, first: int, last: int) -> BinaryIO:
    """Give a part of an open file as a file, which closes it."""

    def fetch(position: int, count: int) -> bytes:
        return read_piece(file, count, first + position)

    return BodyReader(max(0, last - first), fetch, lambda: os.close(file))  # type: ignore[return-value]  # a raw file reads as a buffered one does
