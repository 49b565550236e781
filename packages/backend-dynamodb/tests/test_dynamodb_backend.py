"""What needs no service: options, keys, attributes, errors."""

from __future__ import annotations

import math
import os
import pickle
from decimal import Decimal
from importlib import import_module
from typing import Any

import pytest
from requests_cache.backends.dynamodb import DynamoDbCache, DynamoDbDict
from requests_cache.backends.dynamodb.attributes import (
    as_for_client,
    as_for_resource,
    as_item,
    key_of,
    sort_key,
    with_name,
)
from requests_cache.backends.dynamodb.connection import mapped_errors
from requests_cache.errors import (
    CacheError,
    ConfigurationError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    UnknownOptionError,
    ValueTooLargeError,
)

# boto3 and botocore have no types of their own.
driver: Any = import_module("botocore.exceptions")
config: Any = import_module("botocore.config")

# Nothing listens on this port.
NOWHERE: dict[str, Any] = {
    "endpoint_url": "http://127.0.0.1:9",
    "region_name": "us-east-1",
    "aws_access_key_id": "tests",
    "aws_secret_access_key": "tests",
    "config": config.Config(retries={"total_max_attempts": 1}),
}
classes = pytest.mark.parametrize("cls", [DynamoDbCache, DynamoDbDict])


@classes
class TestOptions:
    def test_a_service_that_is_down(self, cls: Any, caplog: pytest.LogCaptureFixture) -> None:
        """It does not keep a program from starting; there is a warning, and using it fails."""
        made = cls("test", **NOWHERE)
        assert "the table could not be looked at" in caplog.text
        store = getattr(made, "responses", made)
        with pytest.raises(StorageUnavailableError, match="`region_name` and `endpoint_url`"):
            store.read("key")
        made.close()

    def test_without_creation_nothing_is_asked(
        self, cls: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        """With `create_table=False` making a cache makes not even a client."""
        made = cls("test", create_table=False, **NOWHERE)
        assert caplog.text == ""
        assert not getattr(made, "responses", made)._table.connection._shared.is_open

    def test_unknown_option(self, cls: Any) -> None:
        """The nearest option is suggested, be it boto3's or ours."""
        with pytest.raises(UnknownOptionError, match="'region_name'"):
            cls("test", regionname="us-east-1")
        with pytest.raises(UnknownOptionError, match="'serializer'"):
            cls("test", serialiser="json")
        with pytest.raises(UnknownOptionError, match="'create_table'"):
            cls("test", create_tables=False)

    def test_bounds_are_refused_with_what_to_do_instead(self, cls: Any) -> None:
        with pytest.raises(UnknownOptionError, match="max_entries"):
            cls("test", max_entries=3)

    def test_half_of_the_capacity(self, cls: Any) -> None:
        """Capacity is given for reading and writing, or for neither."""
        with pytest.raises(ConfigurationError, match="give both"):
            cls("test", read_capacity_units=None, write_capacity_units=1)

    def test_options_beside_a_client(self, cls: Any) -> None:
        """Options would be without effect beside a client, so they are refused."""
        with pytest.raises(ConfigurationError, match="region_name cannot be given along with"):
            cls("test", connection=object(), region_name="us-east-1")

    def test_no_region(self, cls: Any, monkeypatch: pytest.MonkeyPatch) -> None:
        """A missing setting is said when the store is made."""
        monkeypatch.setenv("AWS_CONFIG_FILE", os.devnull)
        for name in ("AWS_REGION", "AWS_DEFAULT_REGION", "AWS_PROFILE"):
            monkeypatch.delenv(name, raising=False)
        with pytest.raises(ConfigurationError, match="You must specify a region"):
            cls("test")

    def test_timeouts(self, cls: Any) -> None:
        """A service that hangs is given up; `config` changes only what it names."""
        made = cls("test", create_table=False, **NOWHERE)
        given = getattr(made, "responses", made)._table.connection.client.meta.config
        assert (given.connect_timeout, given.read_timeout) == (2, 2)
        assert given.retries["total_max_attempts"] == 1
        made.close()

    def test_pickling(self, cls: Any) -> None:
        """A pickle says how to connect."""
        options = {**NOWHERE, "config": None, "create_table": False}
        made = cls("test", **options)
        for one in (made, getattr(made, "responses", made)):
            again = pickle.loads(pickle.dumps(one))
            assert getattr(again, "responses", again).table_name == "test"


@pytest.mark.parametrize("namespace", ["", "a#parts", "a#parts#b", "a#leases"])
def test_namespaces_of_parts_and_leases(namespace: str) -> None:
    """A namespace may not be that of another one's parts or leases."""
    with pytest.raises(ConfigurationError, match="namespace="):
        DynamoDbDict("test", namespace, create_table=False, **NOWHERE)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
def test_a_child_has_a_client_of_its_own() -> None:
    """Sockets do not survive a fork; the parent's are not used in a child."""
    connection = DynamoDbDict("test", create_table=False, **NOWHERE)._table.connection
    client = connection.client
    child = os.fork()
    if child == 0:
        os._exit(0 if connection.client is not client else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert connection.client is client


def test_too_large() -> None:
    """A value beyond the limit is refused before anything is sent."""
    storage = DynamoDbDict("test", create_table=False, **NOWHERE)
    with pytest.raises(ValueTooLargeError, match="use another backend"):
        storage["key"] = bytes(64 * 1024 * 1024 + 1)


KEYS = ["key", "é" * 512, "", "k" * 1025, "é" * 513, "sha256:" + "0" * 64, "\ud800", "a\0b"]


@pytest.mark.parametrize("key", KEYS)
def test_keys(key: str) -> None:
    """Any text has a sort key of its own, and comes back from its item."""
    stored = sort_key(key)
    assert 0 < len(stored.encode()) <= 1024
    assert key_of({"key": stored, **with_name(key)}) == key
    assert len({sort_key(other) for other in KEYS}) == len(KEYS)


def test_composite_key() -> None:
    """A key is the seed's pair of namespace and key; numbers are taken as text."""
    storage: Any = DynamoDbDict("test", "space", create_table=False, **NOWHERE)
    assert storage.composite_key("key") == {"namespace": "space", "key": "key"}
    assert storage.composite_key(7) == {"namespace": "space", "key": "7"}


def test_attributes() -> None:
    """Values come back from either dialect; numbers stay within the service's range."""
    item: dict[str, Any] = {
        "text": "a",
        "bytes": b"b",
        "number": 1.25,
        "count": 3,
        "much": math.inf,
    }
    plain = {**item, "much": 1e100}
    assert as_for_client(item)["number"] == {"N": "1.25"}
    assert as_for_resource(item)["number"] == Decimal("1.25")
    assert as_item(as_for_client(item)) == plain
    assert as_item(as_for_resource(item)) == plain


def answered(code: str, message: str = "no") -> Exception:
    error: Exception = driver.ClientError({"Error": {"Code": code, "Message": message}}, "PutItem")
    return error


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (answered("ProvisionedThroughputExceededException"), StorageTimeoutError),
        (answered("AccessDeniedException"), StorageUnavailableError),
        (answered("LimitExceededException"), StorageFullError),
        (answered("ValidationException"), StorageError),
        (answered("ValidationException", "exceeded the maximum allowed size"), ValueTooLargeError),
        (driver.ReadTimeoutError(endpoint_url="x"), StorageTimeoutError),
        (driver.EndpointConnectionError(endpoint_url="x"), StorageUnavailableError),
        (driver.ConnectionClosedError(endpoint_url="x"), StorageUnavailableError),
        (driver.NoCredentialsError(), ConfigurationError),
        (driver.DataNotFoundError(data_path="x"), StorageError),
    ],
)
def test_errors(error: Exception, kind: type[CacheError]) -> None:
    """Errors of the driver come as ours, with the table's name and the cause."""
    with pytest.raises(kind, match="my_table") as caught, mapped_errors("my_table"):
        raise error
    assert type(caught.value) is kind
    assert caught.value.__cause__ is error


@pytest.mark.parametrize("cls", [DynamoDbCache, DynamoDbDict])
@pytest.mark.parametrize("name", ["connection", "region_name", "endpoint_url"])
def test_where_the_server_is_is_checked(cls: Any, name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"{name}(=5| is a int): give"):
        cls("c", **{name: 5})
