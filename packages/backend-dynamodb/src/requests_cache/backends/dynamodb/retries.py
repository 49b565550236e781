"""What is tried once more: what failed at once, not what took its time."""

from __future__ import annotations

import random
from importlib import import_module
from typing import Any, Final

__all__ = ["retry_what_is_quick"]

# Not every release of boto3 comes with types, so mypy is to see none of them.
_driver: Any = import_module("botocore.exceptions")

_ATTEMPTS: Final = 3
_LONGEST_PAUSE: Final = 0.2
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_PASSING: Final = frozenset(
    (
        "InternalServerError",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "ServiceUnavailable",
        "ThrottlingException",
        "TransactionInProgressException",
    )
)


def retry_what_is_quick(client: Any) -> None:
    """Have a client repeat requests that were refused in passing, within half a second.

    botocore's own retries also repeat those that timed out, so that a service that hangs would cost
    each of them several times the timeout.
    """
    client.meta.events.register("needs-retry.dynamodb", _pause)


def _pause(response: Any, attempts: int, caught_exception: Any, **_: Any) -> float | None:
    """Give the seconds to wait until the next attempt; None if there is none."""
    if attempts >= _ATTEMPTS or not _is_passing(response, caught_exception):
        return None
    # Callers that wait a random time do not come back all at once.
    return random.uniform(0, _LONGEST_PAUSE)  # noqa: S311  # it keeps no secret


def _is_passing(response: Any, error: Any) -> bool:
    if response is None:
        # A connection that was kept open, and that the service has closed.
        return isinstance(error, _driver.ConnectionClosedError)
    _, parsed = response
    return parsed.get("Error", {}).get("Code") in _PASSING
