"""What requests-cache 0.7 to 1.3 stored in MongoDB, for `requests_cache.migrate`."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pymongo import MongoClient

from .connection import mapped_errors


def read_earlier(
    db_name: str, connection: MongoClient[Any] | None = None
) -> Iterator[tuple[str, Any]]:
    """Give key and value of every response; what our own version stored is passed over.

    Args:
        db_name: database.
        connection: client to use; by default one to this machine.
    """
    with connected(connection) as client, mapped_errors(db_name):
        for document in client[db_name]["responses"].find({"head": {"$exists": False}}):
            # The default of version 1 is a document of fields; other serializers give one value.
            yield str(document["_id"]), document.get("data", document)


@contextmanager
def connected(connection: MongoClient[Any] | None) -> Iterator[MongoClient[Any]]:
    """Give a client; one that is made here is closed."""
    client: MongoClient[Any] = MongoClient() if connection is None else connection
    try:
        yield client
    finally:
        if connection is None:
            client.close()
