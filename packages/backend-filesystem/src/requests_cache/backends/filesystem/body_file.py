"""A file that is being written in pieces, and that tells whether its writer still lives."""

from __future__ import annotations

import errno
import os
from contextlib import suppress
from pathlib import Path
from typing import Final

try:
    import fcntl
except ImportError:  # Windows deletes no file that is open, so there the lock is not needed
    fcntl = None  # type: ignore[assignment]  # there is no other name for "not there"

__all__ = ["BODY_PREFIX", "BodyFile", "remove_abandoned"]

BODY_PREFIX: Final = "body-"
"""What the names of such files begin with."""

_CREATE: Final = os.O_RDWR | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)


class BodyFile:
    """A new file, locked as long as its writer lives.

    Args:
        folder: where to make it.

    Raises:
        OSError: it cannot be made.
    """

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
    file = os.open(path, _CREATE, 0o600)
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
    which take no time, age does.

    Args:
        entry: the file.
        oldest: what was not written since is old.

    Raises:
        OSError: somebody writes it, or has deleted it.
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
