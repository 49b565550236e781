"""The DynamoDB backend against DynamoDB Local."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from itertools import takewhile
from pathlib import Path
from typing import Any

import pytest
from outages import Breakable, Place
from requests_cache import CachedSession, clock
from requests_cache.backends.base import Entry
from requests_cache.backends.dynamodb import DynamoDbCache, DynamoDbDict
from requests_cache.errors import ConfigurationError, StorageTimeoutError, StorageUnavailableError
from requests_cache.testing import CacheContract, StorageContract
from requests_cache.testing.origin import Origin
from services import DynamoDbService
from services.patience import patient_options


@pytest.fixture(scope="module")
def housekeeper(dynamodb_service: DynamoDbService) -> Any:
    """A client that deletes what tests leave: making one takes longer than most of them."""
    return dynamodb_service.client()


@pytest.fixture
def table_name(dynamodb_service: DynamoDbService, housekeeper: Any) -> Iterator[str]:
    """The name of a table that is deleted after the test."""
    name = dynamodb_service.fresh_name()
    yield name
    drop(housekeeper, name)


def drop(client: Any, *names: str) -> None:
    for name in set(names).intersection(client.list_tables()["TableNames"]):
        client.delete_table(TableName=name)


class TestDynamoDbDict(Breakable, StorageContract):
    @pytest.fixture
    def service(self, dynamodb_service: DynamoDbService) -> DynamoDbService:
        return dynamodb_service

    @pytest.fixture
    def make_storage(self, service: DynamoDbService, place: Place, table_name: str) -> Any:
        options: dict[str, Any] = service.connection | patient_options("dynamodb")
        options["endpoint_url"] = f"http://{place.host}:{place.port}"
        return lambda name="one": DynamoDbDict(table_name, name, **options)


class TestDynamoDbCache(CacheContract):
    @pytest.fixture
    def make_cache(
        self, dynamodb_service: DynamoDbService, housekeeper: Any, table_name: str
    ) -> Iterator[Any]:
        names: set[str] = set()

        def make(name: str = "one", **options: Any) -> DynamoDbCache:
            # The names of the contract have characters that no table name may have.
            own = f"{table_name}_{name.encode().hex()}"
            names.add(own)
            options = patient_options("dynamodb") | options
            return DynamoDbCache(own, **dynamodb_service.connection, **options)

        yield make
        drop(housekeeper, *names)


@pytest.fixture
def client(dynamodb_service: DynamoDbService) -> Any:
    return dynamodb_service.client()


@pytest.fixture
def storage(client: Any, table_name: str) -> DynamoDbDict:
    return DynamoDbDict(table_name, "things", connection=client)


def all_items(client: Any, table_name: str) -> list[dict[str, Any]]:
    return list(client.get_paginator("scan").paginate(TableName=table_name).search("Items[]"))


def write_large(storage: DynamoDbDict, key: str = "key", **times: float) -> Entry:
    entry = Entry(b"head", os.urandom(1_000_000), **times)
    storage.write(key, entry)
    return entry


class TestConnection:
    @pytest.mark.parametrize("kind", ["client", "resource"])
    def test_what_is_handed_in(
        self, dynamodb_service: DynamoDbService, table_name: str, kind: str
    ) -> None:
        """boto3's client and its resource speak differently; either will do, and stays open."""
        connection = getattr(dynamodb_service, kind)()
        storage = DynamoDbDict(table_name, "things", connection=connection)
        small = Entry(b"head", b"body", 1.5, 4_102_444_800.0)
        storage.write_many([("small", small), ("large", small._replace(body=bytes(500_000)))])
        storage.write("other", small)
        storage.rewrite_head("other", Entry(b"new", b"", 2.5, None))
        storage.close()
        assert storage.read("small") == small
        assert dict(storage.scan(bodies=True))["large"].body == bytes(500_000)
        assert storage.read("other") == Entry(b"new", b"body", 2.5, None)
        assert storage.count_unexpired(2.0) == 1
        assert storage.delete_expired(2.0) == 2
        assert storage.discard("other")
        assert not storage.discard("other")
        assert all_items(dynamodb_service.client(), table_name) == []

    def test_a_service_that_hangs(
        self, dynamodb_service: DynamoDbService, table_name: str, request: pytest.FixtureRequest
    ) -> None:
        """It is given up after the read timeout, and used again when it answers."""
        config = import_module("botocore.config").Config(
            read_timeout=0.3, retries={"total_max_attempts": 1}
        )
        options: dict[str, Any] = {**dynamodb_service.connection, "config": config}
        storage = DynamoDbDict(table_name, **options)
        request.addfinalizer(storage.close)
        storage["key"] = 1
        with dynamodb_service.hanging(), pytest.raises(StorageTimeoutError):
            storage.read("key")
        assert storage["key"] == 1


class Units:
    """What requests of a client have consumed, as the service says."""

    def __init__(self, client: Any) -> None:
        self.requests, self.read, self.written, self._asked = 0, 0.0, 0.0, 0
        client.meta.events.register("provide-client-params.dynamodb.*", self._ask)
        client.meta.events.register("after-call.dynamodb.*", self._note)

    def _ask(self, params: dict[str, Any], model: Any, **_: Any) -> dict[str, Any]:
        if "ReturnConsumedCapacity" in model.input_shape.members:
            params = {**params, "ReturnConsumedCapacity": "TOTAL"}
        self._asked = sum(len(table["Keys"]) for table in params.get("RequestItems", {}).values())
        return params

    def _note(self, parsed: dict[str, Any], model: Any, **_: Any) -> None:
        self.requests += 1
        consumed = parsed.get("ConsumedCapacity", [])
        units = sum(one["CapacityUnits"] for one in as_list(consumed))
        if model.name in ("BatchGetItem", "GetItem"):
            # AWS also counts those that are not there, DynamoDB Local does not.
            found = sum(map(len, parsed.get("Responses", {}).values()))
            self.read += units + self._asked - found
        else:
            self.written += units

    def of(self, action: Callable[[], object]) -> tuple[str, ...]:
        before = self.requests, self.read, self.written
        action()
        after = self.requests, self.read, self.written
        return tuple(f"{new - old:g}" for new, old in zip(after, before, strict=True))


def as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def test_requests_cost_what_the_docs_say(client: Any, table_name: str) -> None:
    units = Units(client)
    with (
        Origin() as origin,
        CachedSession(backend=DynamoDbCache(table_name, connection=client)) as session,
    ):
        url = origin.url("/bytes/10000")
        counted = {
            "construction": units.of(lambda: DynamoDbCache(table_name, connection=client)),
            "miss": units.of(lambda: session.get(url)),
            "hit": units.of(lambda: session.get(url)),
        }
        with CachedSession(backend=session.cache) as another:
            counted["first hit of a session"] = units.of(lambda: another.get(url))
        session.settings.collapse = "processes"
        counted['miss, `collapse="processes"`'] = units.of(lambda: session.get(f"{url}?x"))
    assert counted == said_in_docs()


def said_in_docs() -> dict[str, tuple[str, ...]]:
    """Give the rows of the table in the README of the backend."""
    readme = Path(__file__).parents[1] / "packages" / "backend-dynamodb" / "README.md"
    lines = readme.read_text("utf-8").splitlines()
    start = next(n for n, line in enumerate(lines) if line.startswith("| A response of 10 KB"))
    rows = takewhile(lambda line: line.startswith("|"), lines[start + 2 :])
    cells = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]
    return {name: tuple(counts) for name, *counts in cells}


class TestTable:
    def test_created_when_it_is_missing(self, client: Any, table_name: str) -> None:
        """A missing table is created with its expiry, and can be used at once."""
        DynamoDbCache(table_name, connection=client, read_capacity_units=2)
        table = client.describe_table(TableName=table_name)["Table"]
        assert table["ProvisionedThroughput"]["ReadCapacityUnits"] == 2
        assert table["ProvisionedThroughput"]["WriteCapacityUnits"] == 1
        expiry = client.describe_time_to_live(TableName=table_name)["TimeToLiveDescription"]
        assert expiry == {"TimeToLiveStatus": "ENABLED", "AttributeName": "ttl"}

    @pytest.mark.parametrize("units", [None, 1, "default"])
    def test_billed_on_demand(self, client: Any, table_name: str, units: Any) -> None:
        """A table whose capacity nobody has chosen is billed on demand."""
        names = () if units == "default" else ("read_capacity_units", "write_capacity_units")
        DynamoDbDict(table_name, connection=client, **dict.fromkeys(names, units))
        table = client.describe_table(TableName=table_name)["Table"]
        assert table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST"

    def test_not_created(self, client: Any, table_name: str) -> None:
        """With `create_table=False` a missing table is an error of the first use."""
        storage = DynamoDbDict(table_name, connection=client, create_table=False)
        with pytest.raises(StorageUnavailableError, match="create the table"):
            storage.read("key")
        assert table_name not in client.list_tables()["TableNames"]

    def test_foreign_table(self, client: Any, table_name: str) -> None:
        """A table with other keys, such as that of requests-cache 1.x, is refused at once."""
        client.create_table(
            TableName=table_name,
            KeySchema=[{"AttributeName": "key", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "key", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        with pytest.raises(ConfigurationError, match="other keys"):
            DynamoDbDict(table_name, connection=client)

    def test_deleted_while_it_is_in_use(self, client: Any, table_name: str) -> None:
        """A table that somebody deletes is made again, with its expiry, by whoever needs it."""
        storage = DynamoDbDict(table_name, connection=client)
        storage["key"] = 1
        client.delete_table(TableName=table_name)
        assert "key" not in storage
        client.delete_table(TableName=table_name)
        storage["key"] = 2
        assert storage["key"] == 2
        expiry = client.describe_time_to_live(TableName=table_name)["TimeToLiveDescription"]
        assert expiry["TimeToLiveStatus"] == "ENABLED"

    def test_not_made_again_by_who_may_not_create_it(self, client: Any, table_name: str) -> None:
        """With `create_table=False` a table that is deleted is missed until somebody makes it."""
        storage = DynamoDbDict(table_name, connection=client)
        other = DynamoDbDict(table_name, connection=client, create_table=False)
        other["key"] = 1
        client.delete_table(TableName=table_name)
        with pytest.raises(StorageUnavailableError, match="create the table"):
            other.read("key")
        storage["key"] = 2
        assert other["key"] == 2


class TestLargeValues:
    def test_no_part_is_left(self, storage: DynamoDbDict, client: Any) -> None:
        """Overwriting and deleting leave nothing behind, whichever verb does it."""
        small = Entry(b"head", b"body", 1.0)

        def expire() -> None:
            storage.rewrite_head("key", small)
            storage.delete_expired(2.0)

        for delete in (
            lambda: storage.write("key", small),
            lambda: storage.write_many([("key", small)]),
            lambda: storage.discard("key"),
            lambda: storage.bulk_delete(["key"]),
            expire,
            storage.clear,
        ):
            write_large(storage)
            write_large(storage)
            # An item, its manifest and three parts.
            assert len(all_items(client, storage.table_name)) == 5
            delete()
            assert len(all_items(client, storage.table_name)) == len(storage)
            storage.clear()

    def test_parts_expire_with_their_item(self, storage: DynamoDbDict, client: Any) -> None:
        """Every item of a value has a `ttl`; parts have a later one, and keep ahead of it."""
        write_large(storage, expires=1e9, keep_until=4e9)
        ttls = sorted(int(item["ttl"]["N"]) for item in all_items(client, storage.table_name))
        assert ttls == [4_000_000_000, *[4_000_604_800] * 4]
        entry = storage.read("key")
        assert entry is not None
        for until in (4.0005e9, 4.1e9, None):
            storage.rewrite_head("key", entry._replace(keep_until=until))
            assert storage.read("key") == entry._replace(keep_until=until)
            items = all_items(client, storage.table_name)
            assert len(items) == 5
            assert all(float(item["ttl"]["N"]) >= until for item in items if until)
        assert not any("ttl" in item for item in items)

    def test_a_crash_between_parts(
        self, storage: DynamoDbDict, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What a crash leaves is no value, and is swept after an hour."""
        kept = write_large(storage, "kept")
        storage.write("crashed", Entry(b"old"))

        def refuse(params: dict[str, Any], **kwargs: Any) -> None:
            if "version" in params["Item"]:
                raise KeyboardInterrupt

        client.meta.events.register("before-parameter-build.dynamodb.PutItem", refuse)
        with pytest.raises(KeyboardInterrupt):
            write_large(storage, "crashed")
        client.meta.events.unregister("before-parameter-build.dynamodb.PutItem", refuse)
        assert storage.read("crashed") == Entry(b"old")
        assert len(all_items(client, storage.table_name)) == 5 + 5
        storage.delete_expired(1.0)
        assert len(all_items(client, storage.table_name)) == 5 + 5
        later = clock.now() + 3601
        monkeypatch.setattr(clock, "now", lambda: later)
        storage.delete_expired(1.0)
        assert len(all_items(client, storage.table_name)) == 5 + 1
        assert storage.read("kept") == kept

    def test_a_writer_sweeps_a_little(
        self, storage: DynamoDbDict, client: Any, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Garbage goes without anybody asking, as long as large values are written."""
        write_large(storage, "lost")
        client.delete_item(
            TableName=storage.table_name,
            Key={"namespace": {"S": "things"}, "key": {"S": "lost"}},
        )
        later = clock.now() + 3601
        monkeypatch.setattr(clock, "now", lambda: later)
        write_large(storage)
        assert len(all_items(client, storage.table_name)) == 5

    def test_a_value_whose_parts_are_lost(self, storage: DynamoDbDict, client: Any) -> None:
        """An item whose parts somebody deleted is no value, and no endless search."""
        write_large(storage)
        for item in all_items(client, storage.table_name):
            if "data" in item:
                key = {name: item[name] for name in ("namespace", "key")}
                client.delete_item(TableName=storage.table_name, Key=key)
                break
        assert storage.read("key") is None
        assert list(storage.read_many(["key"])) == []

    def test_readers_always_find_a_value(self, storage: DynamoDbDict) -> None:
        """While a large value is replaced again and again, each reader gets one of them, whole."""
        bodies = {bytes([number]) * 800_000 for number in range(4)}
        storage.write("key", Entry(b"", min(bodies)))

        def replace() -> None:
            for body in [*bodies] * 3:
                storage.write("key", Entry(b"", body))

        with ThreadPoolExecutor(1) as pool:
            writer = pool.submit(replace)
            while not writer.done():
                entry = storage.read("key")
                assert entry is not None
                assert entry.body in bodies
            writer.result()


class TestBatches:
    def test_what_the_service_leaves_out_is_sent_again(
        self, storage: DynamoDbDict, client: Any
    ) -> None:
        """A batch of which the service does only a part is repeated with the rest."""
        seen: list[int] = []

        def leave_out(params: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
            (requests,) = params["RequestItems"].values()
            seen.append(len(requests))
            context["left"] = {storage.table_name: requests[10:]} if requests[10:] else {}
            params["RequestItems"] = {storage.table_name: requests[:10]}

        def say_so(parsed: dict[str, Any], context: dict[str, Any], **kwargs: Any) -> None:
            parsed["UnprocessedItems"] = context["left"]

        client.meta.events.register("provide-client-params.dynamodb.BatchWriteItem", leave_out)
        client.meta.events.register("after-call.dynamodb.BatchWriteItem", say_so)
        storage.write_many((str(number), Entry(b"head")) for number in range(25))
        assert seen == [25, 15, 5]
        assert len(storage) == 25
