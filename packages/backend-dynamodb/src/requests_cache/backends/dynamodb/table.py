"""A table, and the requests to it: plain values in and out, one by one or many at a time."""

from __future__ import annotations

import logging
import random
import re
import time
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

from requests_cache._store.entry import portions
from requests_cache.errors import StorageError, StorageTimeoutError, StorageUnavailableError
from requests_cache.option_types import FLAG, NAME, TEXT_OR_NONE, Kind, client_kind

from .attributes import Item, Value, as_item
from .connection import Connection, is_denied, is_missing, is_refused, mapped_errors
from .creation import Creation, enable_expiry, find_status

logger: logging.Logger = logging.getLogger("requests_cache")

_TABLE_OPTIONS = (
    "read_capacity_units",
    "write_capacity_units",
    "create_table",
    "consistent_reads",
)
"""Keyword options of a table; the others are boto3's."""

TABLE_KINDS: Mapping[str, Kind] = {
    "table_name": NAME,
    "namespace": NAME,
    "create_table": FLAG,
    "consistent_reads": FLAG,
    "connection": client_kind("a resource or client of boto3, or None"),
    "region_name": TEXT_OR_NONE,
    "endpoint_url": TEXT_OR_NONE,
}
"""What the options of this library may be; the others are those of boto3."""


# Creating a table takes some seconds.
_PATIENCE: Final = {"Delay": 1, "MaxAttempts": 60}
_EXISTS: Final = "attribute_exists(#key)"


class Table:
    """One table; in expressions every name is written as `#name`.

    `creation` says how to create it if it is missing; None to expect that it is there. With
    `consistent` reads see every write that has ended.
    """

    def __init__(
        self, connection: Connection, name: str, creation: Creation | None, consistent: bool
    ) -> None:
        self.connection = connection
        self.name = name
        self.creation = creation
        self.consistent = consistent
        self._is_there = creation is None
        self._is_made_here = False
        self._may_not_look = False

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.connection, self.name, self.creation, self.consistent)

    def prepare(self, wait: bool = True) -> None:
        """Create the table, if it is missing and may be created.

        Return when it can be used, or, without `wait`, raise StorageUnavailableError until then.
        """
        if self.creation is None or self._is_there or self._may_not_look:
            return
        try:
            with mapped_errors(self.name), self.connection.use() as client:
                self._ensure(self.creation, client, wait)
        except StorageUnavailableError as error:
            if not is_denied(error, "DescribeTable"):
                raise
            # Who may read and write need not have the right to look at the table.
            self._may_not_look = True
            logger.warning(
                "DynamoDB table %r may not be looked at, so it is taken to be there; give"
                " create_table=False, and nobody asks: %s",
                self.name,
                error,
            )
            return
        self._is_there = True

    def _ensure(self, creation: Creation, client: Any, wait: bool) -> None:
        status = find_status(client, self.name)
        if status is None:
            if creation.create(client, self.name):
                self._is_made_here = True
            status = find_status(client, self.name)
        if status in (None, "CREATING", "DELETING"):
            if status == "DELETING" or not wait:
                raise StorageUnavailableError(
                    f"DynamoDB cache {self.name}: the table was deleted and cannot be used yet"
                )
            client.get_waiter("table_exists").wait(TableName=self.name, WaiterConfig=_PATIENCE)
        if self._is_made_here:
            enable_expiry(client, self.name)
            self._is_made_here = False

    def request(self, operation: str, **parameters: Any) -> Any:
        """Do what the client's method of this name does; make the table again if it is gone."""
        self.prepare(wait=False)
        try:
            return self._send(operation, parameters)
        except StorageUnavailableError as error:
            if self.creation is None or not is_missing(error):
                raise
            self._is_there = False
        self.prepare(wait=False)
        return self._send(operation, parameters)

    def _send(self, operation: str, parameters: dict[str, Any]) -> Any:
        with mapped_errors(self.name), self.connection.use() as client:
            return getattr(client, operation)(**parameters)

    def _request(self, operation: str, *expressions: str, **parameters: Any) -> Any:
        return self.request(
            operation, TableName=self.name, **parameters, **_placeholders(*expressions)
        )

    def get(self, key: Item, names: str = "") -> Item | None:
        """Give an item, or those of its attributes that `names` names; None if there is none."""
        found = self._request(
            "get_item",
            names,
            Key=self.connection.pack(key),
            ConsistentRead=self.consistent,
            **_projection(names),
        )
        return as_item(found["Item"]) if "Item" in found else None

    def put(self, item: Item) -> Item | None:
        """Store an item; give the one that it replaces."""
        answer = self._request("put_item", Item=self.connection.pack(item), ReturnValues="ALL_OLD")
        return as_item(answer["Attributes"]) if "Attributes" in answer else None

    def delete(
        self, key: Item, condition: str = _EXISTS, values: Mapping[str, Value] | None = None
    ) -> Item | None:
        """Delete an item and give it; None if there was none, or the condition did not hold."""
        given = {"ExpressionAttributeValues": self.connection.pack(values)} if values else {}
        try:
            answer = self._request(
                "delete_item",
                condition,
                Key=self.connection.pack(key),
                ConditionExpression=condition,
                ReturnValues="ALL_OLD",
                **given,
            )
        except StorageError as error:
            if is_refused(error):
                return None
            raise
        return as_item(answer["Attributes"])

    def update(self, key: Item, change: str, condition: str, values: Mapping[str, Value]) -> bool:
        """Change an item; say whether the condition held."""
        try:
            self._request(
                "update_item",
                change,
                condition,
                Key=self.connection.pack(key),
                UpdateExpression=change,
                ConditionExpression=condition,
                ExpressionAttributeValues=self.connection.pack(values),
            )
        except StorageError as error:
            if is_refused(error):
                return False
            raise
        return True

    def query(
        self,
        condition: str,
        values: Mapping[str, Value],
        names: str = "",
        only: str = "",
        limit: int | None = None,
    ) -> Iterator[Item]:
        """Iterate over items of a partition, page by page.

        Args:
            condition: on the two keys.
            values: values in the expressions, by `:name`.
            names: attributes to give; by default all.
            only: condition on other attributes.
            limit: how many items to look at, at most.
        """
        limited = {"Limit": limit} if limit else {}
        pages = self._pages(condition, values, names, only, **limited, **_projection(names))
        yield from islice((as_item(item) for page in pages for item in page["Items"]), limit)

    def count(self, condition: str, values: Mapping[str, Value], only: str = "") -> int:
        """Count items of a partition, page by page."""
        pages = self._pages(condition, values, "", only, Select="COUNT")
        return sum(int(page["Count"]) for page in pages)

    def _pages(
        self, condition: str, values: Mapping[str, Value], names: str, only: str, **more: Any
    ) -> Iterator[Any]:
        if only:
            more["FilterExpression"] = only
        while True:
            page = self._request(
                "query",
                condition,
                names,
                only,
                KeyConditionExpression=condition,
                ExpressionAttributeValues=self.connection.pack(values),
                ConsistentRead=self.consistent,
                **more,
            )
            yield page
            if "LastEvaluatedKey" not in page:
                return
            more["ExclusiveStartKey"] = page["LastEvaluatedKey"]


def _projection(names: str) -> dict[str, Any]:
    """Give the parameters that choose attributes, without the placeholders of their names."""
    return {"ProjectionExpression": names} if names else {}


def _placeholders(*expressions: str) -> dict[str, Any]:
    """Give the names behind `#name`; many common words may not be written as they are."""
    names = {name for text in expressions for name in re.findall(r"#(\w+)", text)}
    if not names:
        return {}
    return {"ExpressionAttributeNames": {f"#{name}": name for name in sorted(names)}}


def open_table(
    owner: str,
    table_name: str,
    connection: Any,
    options: dict[str, Any],
    known: Iterable[str] = (),
) -> Table:
    """Open a table, and create it if it is missing and may be created."""
    own = {name: options.pop(name) for name in _TABLE_OPTIONS if name in options}
    creation = Creation(own.get("read_capacity_units", 1), own.get("write_capacity_units", 1))
    creation.check()
    table = Table(
        Connection(owner, connection, options, (*known, *_TABLE_OPTIONS)),
        table_name,
        creation if own.get("create_table", True) else None,
        own.get("consistent_reads", True),
    )
    try:
        table.prepare()
    except StorageError as error:
        # A service that is down is no reason not to start; the first request tries again.
        logger.warning("%s: the table could not be looked at: %s", owner, error)
    return table


# Many items at a time, and patience with what the service leaves out of a batch

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

    `names` are the attributes to give, by default all. With `consistent` every write that has ended
    is seen, even if the table's reads do not see it.
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
