"""A folder of files: replaced whole, locked, leased; and the errors of the system in our words."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from typing import Final, TypeVar

from requests_cache import clock
from requests_cache.errors import (
    CacheError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)
from requests_cache.paths import make_private_folder

try:
    import fcntl
except ImportError:
    # Windows deletes no file that is open, so there writers need no lock; a deleter may take a
    # value that was replaced just now.
    fcntl = None  # type: ignore[assignment]  # there is no other name for "not there"

_T = TypeVar("_T")

# Whoever clears the folder removes empty subfolders, maybe the one that was made just now.
_ATTEMPTS: Final = 10
# What a write leaves behind if its process is killed goes after an hour.
_LEFTOVER_AGE: Final = 3600.0

_CAN_GATHER: Final = hasattr(os, "writev")
_CREATE: Final = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class Folder:
    """A private folder with 256 subfolders for files, and one for files that are being written.

    Args:
        path: the folder; it and `tmp` in it are made now, the others when they are needed.
        fsync: whether a write waits until the file is on the disk.
    """

    def __init__(self, path: Path, fsync: bool = False) -> None:
        self.path: str = str(path)
        self.fsync = fsync
        self._tmp = os.path.join(self.path, "tmp")
        make_private_folder(path)
        make_private_folder(path / "tmp")
        self.remove_leftovers()

    def replace(self, path: str, pieces: Sequence[bytes]) -> None:
        """Put a file in the place of whatever is there, whole and at once."""
        written = self._write(pieces)
        try:
            self.move(written, path)
        except FileNotFoundError:
            # Somebody whose clock is ahead took it for left behind.
            self.move(self._write(pieces), path)
        except BaseException:
            with suppress(OSError):
                os.unlink(written)
            raise

    def move(self, written: str, path: str) -> None:
        """Put a file that was written here in the place of whatever is there."""
        with self.lock():
            _with_folder(path, lambda: _replace(written, path))
        if self.fsync:
            _sync_folder(os.path.dirname(path))

    def lock(self, alone: bool = False) -> Locked:
        """Keep others from deleting what has expired, or, with `alone`, from replacing anything."""
        return Locked(self._tmp, alone)

    def _write(self, pieces: Sequence[bytes]) -> str:
        """Write a new file beside the others, which nobody else writes."""
        path = f"{self._tmp}{os.sep}{os.urandom(12).hex()}"
        file = _with_folder(path, lambda: os.open(path, _CREATE, 0o600))
        try:
            _write_all(file, pieces)
            if self.fsync:
                os.fsync(file)
        except BaseException:
            os.close(file)
            os.unlink(path)
            raise
        os.close(file)
        return path

    def create_body(self) -> BodyFile:
        """Make a file for a body that comes in pieces."""
        self.remove_leftovers()
        return _with_folder(os.path.join(self._tmp, ""), lambda: BodyFile(self._tmp))

    def remove_leftovers(self) -> None:
        """Delete what killed writers left; whoever cannot write here need not."""
        oldest = clock.now() - _LEFTOVER_AGE
        with suppress(OSError):
            for file in os.scandir(self._tmp):
                with suppress(OSError):
                    remove_abandoned(file, oldest)

    def lease(self, key: str, seconds: float) -> str | None:
        """Take a lease, a file whose time is when it ends; None if somebody else has it.

        Two processes that find an ended lease in the same moment may both take it: then there is
        one request more, and no other harm. What nobody takes over goes with the other leftovers.
        """
        path = self._lease(key)
        now = clock.now()
        with suppress(FileNotFoundError):
            if os.stat(path).st_mtime > now:
                return None
            os.unlink(path)
        token = os.urandom(8).hex()
        # Made aside and linked, so that no one sees it before it has its time.
        made = f"{path}-{token}"
        file = _with_folder(made, lambda: os.open(made, _CREATE, 0o600))
        try:
            os.write(file, token.encode())
            os.close(file)
            os.utime(made, (now, now + seconds))
            os.link(made, path)
        except FileExistsError:
            return None
        finally:
            os.unlink(made)
        return token

    def release(self, key: str, token: str) -> None:
        """Give a lease back, unless somebody else has it by now."""
        path = self._lease(key)
        with suppress(FileNotFoundError):
            with open(path, "rb") as file:
                is_ours = file.read() == token.encode()
            if is_ours:
                os.unlink(path)

    def _lease(self, key: str) -> str:
        return f"{self._tmp}{os.sep}lease-{sha256(key.encode()).hexdigest()}"


def remove(path: str) -> bool:
    """Delete a file, or whatever somebody put in its place; say whether it was there."""
    try:
        os.unlink(path)
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError:
        if not os.path.isdir(path):
            raise
        # Imported where it is needed, for an import is part of a cold start.
        from shutil import rmtree

        rmtree(path)
    return True


def _replace(written: str, path: str) -> None:
    try:
        os.replace(written, path)
    except OSError as error:
        if isinstance(error, FileNotFoundError) or not os.path.isdir(path):
            raise
        remove(path)
        os.replace(written, path)


def _with_folder(path: str, action: Callable[[], _T]) -> _T:
    """Do something with a path, and again if its folder had to be made first."""
    for _ in range(_ATTEMPTS):
        try:
            return action()
        except FileNotFoundError:
            _make_folder(os.path.dirname(path))
        except NotADirectoryError:
            remove(os.path.dirname(path))
    return action()


def _make_folder(path: str) -> None:
    try:
        os.mkdir(path, 0o700)
    except FileExistsError:
        return
    except FileNotFoundError:
        make_private_folder(Path(path))


def _write_all(file: int, pieces: Sequence[bytes]) -> None:
    """Write pieces one after the other, in one call where the system can."""
    written = os.writev(file, pieces) if _CAN_GATHER else 0
    for piece in pieces:
        left = memoryview(piece)[written:]
        written = max(0, written - len(piece))
        while left:
            left = left[os.write(file, left) :]


def _sync_folder(path: str) -> None:
    """Wait until a new name is on the disk; Windows cannot and need not."""
    if os.name == "posix":
        # Somebody may have cleared it by now, and there is no name left to wait for.
        with suppress(FileNotFoundError):
            folder = os.open(path, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)


def database_files(path: Path | str) -> tuple[str, ...]:
    """Give the paths of the files of a database."""
    return tuple(f"{path}{suffix}" for suffix in ("", "-wal", "-shm"))


def size_of(paths: Iterable[str]) -> int:
    """Give how many bytes files have; somebody may delete one meanwhile."""
    total = 0
    for path in paths:
        try:
            total += os.stat(path).st_size
        except FileNotFoundError:
            continue
    return total


# Files that are being written in pieces, and that tell whether their writers still live

BODY_PREFIX: Final = "body-"
"""What the names of files begin with that are being written in pieces."""

_CREATE_BODY: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class BodyFile:
    """A new file, locked as long as its writer lives; raises OSError if it cannot be made."""

    def __init__(self, folder: str) -> None:
        self._file = -1
        while self._file < 0:
            # Another name each time: whoever took the last one for abandoned deletes it by name,
            # and may do so only now.
            self.path: str = f"{folder}{os.sep}{BODY_PREFIX}{os.urandom(12).hex()}"
            self._file = _create_locked(self.path)

    def write(self, data: bytes) -> None:
        """Write the next piece."""
        view = memoryview(data)
        while view:
            view = view[os.write(self._file, view) :]

    def rewrite_start(self, data: bytes) -> None:
        """Write over the first bytes."""
        os.lseek(self._file, 0, os.SEEK_SET)
        self.write(data)

    def sync(self) -> None:
        """Wait until the file is on the disk."""
        os.fsync(self._file)

    def close(self) -> None:
        """Close the file, and give up the lock."""
        file, self._file = self._file, -1
        if file >= 0:
            os.close(file)

    def remove(self) -> None:
        """Delete the file."""
        self.close()
        with suppress(OSError):
            Path(self.path).unlink()


def _create_locked(path: str) -> int:
    """Make a file and lock it; -1 if somebody took it for abandoned before it was locked."""
    file = os.open(path, _CREATE_BODY, 0o600)
    if fcntl is None:
        return file
    with suppress(OSError):  # no locks here: then age tells
        # Who looks whether it is abandoned holds it for a moment, and deletes it by then.
        fcntl.flock(file, fcntl.LOCK_EX)
    if os.fstat(file).st_nlink:
        return file
    os.close(file)
    return -1


def remove_abandoned(entry: os.DirEntry[str], oldest: float) -> None:
    """Delete a file that was being written by a process that is no more.

    A lock tells, however long a slow body takes. Where there are no locks, and for other files,
    which take no time, age does: what was not written since `oldest` is old. An OSError says that
    somebody writes it, or has deleted it.
    """
    if fcntl is not None and entry.name.startswith(BODY_PREFIX):
        file = os.open(entry.path, os.O_RDONLY | os.O_NONBLOCK)
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # With the lock held: a writer who has just made the file waits for it, and makes
            # another.
            Path(entry.path).unlink()
            return
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno == errno.ENOENT:
                return
        finally:
            os.close(file)
    if entry.stat(follow_symlinks=False).st_mtime < oldest:
        Path(entry.path).unlink()


# Locks: writers replace files together, and one deleter looks and deletes in peace


class Locked:
    """Holds the lock of a folder for a block; where there are no locks, none is held.

    Nobody else holds it then if it is held `alone`. A killed process holds no lock.
    """

    __slots__ = ("_alone", "_file", "_folder")

    def __init__(self, folder: str, alone: bool = False) -> None:
        self._folder = folder
        self._alone = alone
        self._file = -1

    def __enter__(self) -> None:
        if fcntl is None:
            return
        self._file = os.open(self._folder, os.O_RDONLY)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX if self._alone else fcntl.LOCK_SH)
        except OSError:  # some network file systems
            pass
        except BaseException:
            os.close(self._file)
            raise

    def __exit__(self, *failure: object) -> None:
        if self._file >= 0:
            os.close(self._file)


# Errors

_BY_ERRNO: dict[int, tuple[type[CacheError], str]] = {
    errno.ENOSPC: (StorageFullError, "the disk is full"),
    errno.EDQUOT: (StorageFullError, "your share of the disk is full"),
    errno.EFBIG: (ValueTooLargeError, "the file system takes no file of this size"),
    errno.EACCES: (StorageUnavailableError, "look at the permissions"),
    errno.EPERM: (StorageUnavailableError, "look at the permissions"),
    errno.EROFS: (StorageUnavailableError, "the file system cannot be written to"),
    errno.ENOTDIR: (StorageUnavailableError, "a folder was replaced by a file"),
    errno.EIO: (StorageUnavailableError, "look at the disk"),
    errno.ESTALE: (StorageUnavailableError, "look at the file server"),
    errno.ETIMEDOUT: (StorageTimeoutError, "look at the file server"),
}


class mapped_errors:  # noqa: N801  # reads as the function that it was, but takes a quarter of the time
    """Raises our errors for those of the operating system in a block, with these as the cause."""

    __slots__ = ("_path",)

    def __init__(self, path: object) -> None:
        self._path = path

    def __enter__(self) -> None:
        """Begin the block."""

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: object
    ) -> None:
        if isinstance(error, OSError):
            raise map_error(self._path, error) from error


def map_error(path: object, error: OSError) -> CacheError:
    """Give our error for one of the operating system."""
    kind, advice = _BY_ERRNO.get(error.errno or 0, (StorageError, "see the cause"))
    return kind(f"file cache {path}: {error.strerror or error} ({advice})")
