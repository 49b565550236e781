"""What requests-cache 0.7 to 1.3 stored in GridFS, for `requests_cache.migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pymongo import MongoClient

from gridfs import GridFS

from ..mongo.connection import mapped_errors
from ..mongo.migrating import connected


def read_earlier(
    db_name: str, connection: MongoClient[Any] | None = None
) -> Iterator[tuple[str, Any]]:
    """Give key and value of every response; our own are in another bucket.

    Args:
        db_name: database.
        connection: client to use; by default one to this machine.
    """
    with connected(connection) as client, mapped_errors(db_name):
        for file in GridFS(client[db_name]).find():
            yield str(file._id), file.read()  # noqa: SLF001  # the key, which has no other name
