"""Replacing a file: no reader ever sees a part of one."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeVar

from requests_cache import clock
from requests_cache.paths import make_private_folder

from .body_file import BodyFile, remove_abandoned
from .leases import Leases
from .locks import Locked

__all__ = ["Folder", "remove"]

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
        self.leases: Leases = Leases(self._tmp)
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
        path = self.new_path()
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

    def new_path(self) -> str:
        """Give a path beside the others, which nobody else uses."""
        return f"{self._tmp}{os.sep}{os.urandom(12).hex()}"

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
