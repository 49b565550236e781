"""The operating system's errors in the words of this library."""

from __future__ import annotations

import errno

from requests_cache.errors import (
    CacheError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)

__all__ = ["map_error", "mapped_errors"]

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
        """End the block."""
        if isinstance(error, OSError):
            raise map_error(self._path, error) from error


def map_error(path: object, error: OSError) -> CacheError:
    """Give our error for one of the operating system."""
    kind, advice = _BY_ERRNO.get(error.errno or 0, (StorageError, "see the cause"))
    return kind(f"file cache {path}: {error.strerror or error} ({advice})")
