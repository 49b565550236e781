"""Leases as documents of a collection of their own, which the service deletes when they end."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import Final

from pymongo.errors import DuplicateKeyError
from requests_cache import clock

from .connection import Connection, Documents

__all__ = ["Leases"]

_SUFFIX: Final = ".leases"


class Leases:
    """The leases of one collection."""

    def __init__(self, connection: Connection, db_name: str, collection_name: str) -> None:
        self._connection = connection
        self._where = db_name, collection_name + _SUFFIX
        self._has_index = False

    def take(self, key: str, seconds: float) -> str | None:
        """Take a lease; None if somebody else has it."""
        now, token = clock.now(), os.urandom(8).hex()
        lease = {"token": token, "until": _date(now + seconds)}
        try:
            # Of two that find it ended, or not there, one inserts what the other cannot.
            self._documents().update_one(
                {"_id": key, "until": {"$lte": _date(now)}}, {"$set": lease}, upsert=True
            )
        except DuplicateKeyError:
            return None
        return token

    def release(self, key: str, token: str) -> None:
        """Give a lease back, unless somebody else has it by now."""
        self._documents().delete_one({"_id": key, "token": token})

    def _documents(self) -> Documents:
        documents = self._connection.collection(*self._where)
        if not self._has_index:
            documents.create_index("until", expireAfterSeconds=0)
            self._has_index = True
        return documents


def _date(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
