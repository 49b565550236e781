"""Leases as items of a partition of their own, which the service deletes some day."""

from __future__ import annotations

import math
import os
from typing import Final

from requests_cache import clock

from .attributes import Item
from .keys import sort_key
from .table import Table

__all__ = ["MARK", "Leases"]

MARK: Final = "#leases"
"""What the name of the partition ends with."""

_IS_FREE: Final = "attribute_not_exists(#key) OR #until <= :now"


class Leases:
    """The leases of one namespace."""

    def __init__(self, table: Table, namespace: str) -> None:
        self._table = table
        self._partition = namespace + MARK

    def take(self, key: str, seconds: float) -> str | None:
        """Take a lease; None if somebody else has it."""
        now, token = clock.now(), os.urandom(8).hex()
        until = now + seconds
        lease: Item = {":token": token, ":until": until, ":ttl": math.ceil(until)}
        change = "SET #token = :token, #until = :until, #ttl = :ttl"
        # The service checks the condition and writes in one step, so one of two gets it.
        taken = self._table.update(self._place(key), change, _IS_FREE, {**lease, ":now": now})
        return token if taken else None

    def release(self, key: str, token: str) -> None:
        """Give a lease back, unless somebody else has it by now."""
        self._table.delete(self._place(key), "#token = :token", {":token": token})

    def _place(self, key: str) -> Item:
        return {"namespace": self._partition, "key": sort_key(key)}
