"""A hit on a database server, beside the driver's own call for the same bytes.

Runs only when it is named, and for the servers that environment variables name:
`BENCH_MONGODB_URI`, and `BENCH_DYNAMODB_URL` with AWS' own variables for credentials and region.
"""

from __future__ import annotations

import gc
from collections.abc import Callable
from statistics import median
from time import perf_counter
from typing import Any

from row import Goal, Place, Row, Sample, Task, Unit
from subjects.base import NotOfferedError

from parts.checks import CheckError, origin_requests
from parts.coldstart import cold_row

__all__ = ["ROWS", "Networked"]

_KEY = "benchmark"


class Networked(Task):
    """Take turns between hits and raw calls. Option: store."""

    def prepare(self) -> None:
        """Store a response, and its bytes as the driver alone would."""
        store = self.options["store"]
        if store not in self.place.services:
            raise NotOfferedError(store)
        self.url = self.place.url("json", 0)
        self.session = self.subject.session(store, self.place)
        body = self.session.get(self.url).content
        self.raw = _RAW[store](self.place, body)
        if self.raw() != body:
            raise CheckError("the raw call does not give the bytes back")

    def run(self, seconds: float) -> Sample:
        """Give the ratio of the medians."""
        gc.collect()
        before = origin_requests(self.place)
        hits: list[float] = []
        calls: list[float] = []
        end = perf_counter() + 4 * seconds
        while perf_counter() < end or len(hits) < 20:
            start = perf_counter()
            _ = self.session.get(self.url).content
            middle = perf_counter()
            self.raw()
            hits.append(middle - start)
            calls.append(perf_counter() - middle)
        if origin_requests(self.place) != before:
            raise CheckError("hits reached the origin")
        return Sample(median(hits) / median(calls))

    def close(self) -> None:
        """Close the session."""
        self.session.close()


def _mongo(place: Place, body: bytes) -> Callable[[], bytes]:
    from pymongo import MongoClient

    client: MongoClient[dict[str, Any]] = MongoClient(place.services["mongodb"])
    collection = client["benchmark"]["raw"]
    collection.replace_one({"_id": _KEY}, {"_id": _KEY, "body": body}, upsert=True)

    def read() -> bytes:
        found = collection.find_one({"_id": _KEY})
        return b"" if found is None else bytes(found["body"])

    return read


def _dynamodb(place: Place, body: bytes) -> Callable[[], bytes]:
    import boto3  # type: ignore[import-not-found,unused-ignore]  # comes with the backend

    client: Any = boto3.client("dynamodb", endpoint_url=place.services["dynamodb"])
    table = f"raw-{place.lane}"
    client.create_table(
        TableName=table,
        KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    client.get_waiter("table_exists").wait(TableName=table)
    client.put_item(TableName=table, Item={"key": {"S": _KEY}, "body": {"B": body}})
    key = {"key": {"S": _KEY}}

    def read() -> bytes:
        found: bytes = client.get_item(TableName=table, Key=key)["Item"]["body"]["B"]
        return found

    return read


_RAW: dict[str, Callable[[Place, bytes], Callable[[], bytes]]] = {
    "mongodb": _mongo,
    "dynamodb": _dynamodb,
}


def _row(store: str) -> Row:
    return Row(
        f"networked-{store}",
        f"hit, {store}, over a raw call",
        Unit.TIMES,
        Networked,
        {"store": store},
        Goal(1.4, 1.2, to="number"),
        ("ours", "upstream"),
    )


_COLD = "fresh process: import, open, first hit on DynamoDB"

ROWS = (
    _row("mongodb"),
    _row("dynamodb"),
    cold_row("all", _COLD, Goal(1.1, 1.3), "dynamodb", ("ours", "upstream"), "upstream"),
)
