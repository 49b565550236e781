"""Creating a table with the keys that this backend needs."""

from __future__ import annotations

import logging
from importlib import import_module
from typing import Any, Final, NamedTuple

from requests_cache.errors import ConfigurationError

logger: logging.Logger = logging.getLogger("requests_cache")

# Not every release of boto3 comes with types, so mypy is to see none of them.
_driver: Any = import_module("botocore.exceptions")

_KEYS: Final = [
    {"AttributeName": "namespace", "KeyType": "HASH"},
    {"AttributeName": "key", "KeyType": "RANGE"},
]
# What nobody has chosen; so little capacity is for trying things out.
_DEFAULTS: Final = (1, 1)


class Creation(NamedTuple):
    """How a missing table is created."""

    read_capacity_units: int | None = 1
    """Capacity for reading; the default, or None, for both to bill on demand."""
    write_capacity_units: int | None = 1
    """Capacity for writing."""

    def check(self) -> None:
        """Raise ConfigurationError for units that contradict each other."""
        units = self.read_capacity_units, self.write_capacity_units
        if None in units and units != (None, None):
            raise ConfigurationError(
                f"read_capacity_units={units[0]}, write_capacity_units={units[1]}: give both, or"
                " neither, which bills on demand"
            )

    # boto3 makes its classes when it runs, hence Any.
    def create(self, client: Any, name: str) -> bool:
        """Begin to create a table; False if somebody else has just done it."""
        attributes = [{**key, "AttributeType": "S"} for key in _KEYS]
        for attribute in attributes:
            del attribute["KeyType"]
        try:
            client.create_table(
                TableName=name,
                KeySchema=_KEYS,
                AttributeDefinitions=attributes,
                **self._billing(),
            )
        except client.exceptions.ResourceInUseException:
            return False
        return True

    def _billing(self) -> dict[str, Any]:
        if self in (_DEFAULTS, (None, None)):
            return {"BillingMode": "PAY_PER_REQUEST"}
        units = {
            "ReadCapacityUnits": self.read_capacity_units,
            "WriteCapacityUnits": self.write_capacity_units,
        }
        return {"BillingMode": "PROVISIONED", "ProvisionedThroughput": units}


def find_status(client: Any, name: str) -> str | None:
    """Give the status of a table with the right keys, such as "ACTIVE"; None if there is none."""
    try:
        table = client.describe_table(TableName=name)["Table"]
    except client.exceptions.ResourceNotFoundException:
        return None
    if table["KeySchema"] != _KEYS:
        raise ConfigurationError(
            f"the table {name!r} has other keys, such as those of requests-cache 1.x: give the"
            " name of another table"
        )
    return str(table["TableStatus"])


def enable_expiry(client: Any, name: str) -> None:
    """Have the service delete items some time after their `ttl`."""
    expiry = {"Enabled": True, "AttributeName": "ttl"}
    try:
        client.update_time_to_live(TableName=name, TimeToLiveSpecification=expiry)
    except _driver.ClientError as error:
        # Only some old responses stay longer then.
        logger.warning("DynamoDB table %r: nothing will expire by itself: %s", name, error)
