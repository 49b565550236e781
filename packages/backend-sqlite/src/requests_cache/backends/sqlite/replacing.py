"""What is done about a file that is damaged, or that may only be read."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

from requests_cache.errors import StorageError, StorageTimeoutError

from .database import Database
from .errors import is_damaged, mapped_errors

__all__ = ["clear_or_replace", "may_only_read", "replace_damaged"]


def clear_or_replace(database: Database, clear: Callable[[], object]) -> None:
    """Clear a file; one that is damaged, or has no room for that, is replaced by an empty one."""
    try:
        clear()
        return
    except StorageTimeoutError:
        # Somebody is at work on it: it is not damaged, and not ours to take away.
        raise
    except StorageError:
        if database.is_read_only:
            raise
    # The error is gone by now, and with it the connection that it refers to: a file that is open
    # keeps its room on a full disk.
    with mapped_errors(database.path):
        database.replace()


def may_only_read(database: Database) -> bool:
    """Say whether the file of a database can be read, and not be written to.

    What is in it needs no bounds then, for nothing comes to it.
    """
    # Whoever uses the file next is told what is wrong with it.
    with suppress(StorageError), mapped_errors(database.path):
        database.connect()
    return database.is_read_only


def replace_damaged(database: Database) -> StorageError | None:
    """Begin with an empty file in the place of one that is damaged; give the error, if it was.

    This is for files that can be done without.
    """
    try:
        with mapped_errors(database.path):
            database.connect()
    except StorageError as error:
        if not is_damaged(error):
            raise
        with suppress(StorageError), mapped_errors(database.path):
            database.replace()
        return error
    return None
