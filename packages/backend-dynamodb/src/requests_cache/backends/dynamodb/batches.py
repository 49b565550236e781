"""Many items at a time, and patience with what the service leaves out of a batch."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator
from typing import Any, Final

from requests_cache._store.entry import portions
from requests_cache.errors import StorageTimeoutError

from .attributes import Item, as_item
from .table import Table

__all__ = ["get_many", "write_many"]

# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchWriteItem.html
_WRITES: Final = 25
# https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_BatchGetItem.html
_READS: Final = 100
# Together 9 seconds.
_PAUSES: Final = (0.05, 0.1, 0.2, 0.4, 0.8, 1.6, 2.0, 2.0, 2.0)


def get_many(
    table: Table, keys: Iterable[Item], names: Iterable[str] = (), consistent: bool = False
) -> Iterator[Item]:
    """Give those of the items that there are, in any order; no key may be given twice.

    Args:
        table: the table.
        keys: keys of the items.
        names: attributes to give; by default all.
        consistent: see every write that has ended, even if the table's reads do not.
    """
    how: dict[str, Any] = {"ConsistentRead": consistent or table.consistent}
    if names:
        how["ProjectionExpression"] = ", ".join(f"#{name}" for name in names)
        how["ExpressionAttributeNames"] = {f"#{name}": name for name in names}
    for chunk in portions(keys, _READS):
        request = {"Keys": [table.connection.pack(key) for key in chunk], **how}
        for answer in _until_done(table, "batch_get_item", "UnprocessedKeys", request):
            yield from map(as_item, answer["Responses"].get(table.name, ()))


def write_many(table: Table, puts: Iterable[Item] = (), deletes: Iterable[Item] = ()) -> None:
    """Store and delete many items; no key may be given twice."""
    pack = table.connection.pack
    requests = [{"DeleteRequest": {"Key": pack(key)}} for key in deletes]
    requests += [{"PutRequest": {"Item": pack(item)}} for item in puts]
    for chunk in portions(requests, _WRITES):
        for _ in _until_done(table, "batch_write_item", "UnprocessedItems", chunk):
            pass


def _until_done(table: Table, operation: str, rest: str, request: Any) -> Iterator[Any]:
    """Repeat a batch with what the service left out of it, slower while it does nothing at all."""
    waiting = {table.name: request}
    pauses = iter(_PAUSES)
    while waiting:
        answer = table.request(operation, RequestItems=waiting)
        yield answer
        left = answer.get(rest)
        if left and _size(left[table.name]) == _size(waiting[table.name]):
            pause = next(pauses, None)
            if pause is None:
                raise StorageTimeoutError(
                    f"DynamoDB cache {table.name}: {operation} is being throttled"
                    " (raise the capacity of the table, or bill it on demand)"
                )
            # Callers that wait a random time do not come back all at once.
            time.sleep(random.uniform(pause / 2, pause))  # noqa: S311  # it keeps no secret
        waiting = left


def _size(request: Any) -> int:
    return len(request["Keys"] if isinstance(request, dict) else request)
