"""Errors of the driver, as a session knows them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import NoReturn

import psycopg
from psycopg import errors
from requests_cache.errors import (
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
)

__all__ = ["mapped_errors"]

_KINDS: tuple[tuple[type[Exception], type[StorageError]], ...] = (
    (errors.QueryCanceled, StorageTimeoutError),
    (errors.LockNotAvailable, StorageTimeoutError),
    (errors.ConnectionTimeout, StorageTimeoutError),
    (errors.DiskFull, StorageFullError),
    (psycopg.OperationalError, StorageUnavailableError),
)


@contextmanager
def mapped_errors() -> Iterator[None]:
    """Raise our errors for those of psycopg, with these as the cause."""
    try:
        yield
    except psycopg.Error as error:
        _raise_ours(error)


def _raise_ours(error: psycopg.Error) -> NoReturn:
    kind = next((ours for theirs, ours in _KINDS if isinstance(error, theirs)), StorageError)
    # libpq writes several lines, of which the first one says what happened; none has the password.
    raise kind(f"PostgreSQL: {str(error).strip().splitlines()[:1]}") from error
