"""What is stored on a server, as a value that can be written to a file and loaded again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

__all__ = ["KINDS", "Kind"]


class Kind(NamedTuple):
    """How a kind of server is read and filled, by a client."""

    dump: Callable[[Any, str], Any]
    load: Callable[[Any, str, Any], None]


def _dump_redis(client: Any, name: str) -> Any:
    found = []
    for key in client.scan_iter(match=f"{name}*"):
        is_hash = client.type(key) == b"hash"
        value = list(client.hgetall(key).items()) if is_hash else client.get(key)
        # The name of the cache is another one when it is loaded.
        found.append([key[len(name) :], is_hash, value])
    return found


def _load_redis(client: Any, name: str, found: Any) -> None:
    for key, is_hash, value in found:
        whole = name.encode() + key
        if is_hash:
            client.hset(whole, mapping=dict(value))
        else:
            client.set(whole, value)


def _dump_mongo(client: Any, name: str) -> Any:
    database = client[name]
    return {each: list(database[each].find()) for each in database.list_collection_names()}


def _load_mongo(client: Any, name: str, found: Any) -> None:
    for collection, documents in found.items():
        if documents:
            client[name][collection].insert_many(documents)


def _dump_dynamodb(client: Any, name: str) -> Any:
    table = client.describe_table(TableName=name)["Table"]
    schema = {each: table[each] for each in ("AttributeDefinitions", "KeySchema")}
    return {"schema": schema, "items": client.scan(TableName=name)["Items"]}


def _load_dynamodb(client: Any, name: str, found: Any) -> None:
    client.create_table(TableName=name, BillingMode="PAY_PER_REQUEST", **found["schema"])
    client.get_waiter("table_exists").wait(TableName=name, WaiterConfig={"Delay": 1})
    for item in found["items"]:
        client.put_item(TableName=name, Item=item)


KINDS = {
    "redis": Kind(_dump_redis, _load_redis),
    "mongodb": Kind(_dump_mongo, _load_mongo),
    "gridfs": Kind(_dump_mongo, _load_mongo),
    "dynamodb": Kind(_dump_dynamodb, _load_dynamodb),
}
