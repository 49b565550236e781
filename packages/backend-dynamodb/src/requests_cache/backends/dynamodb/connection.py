"""A client of DynamoDB, the caller's or one of our own per process, and errors in our words."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from importlib import import_module
from typing import Any, Final

from requests_cache.backends.base import SharedClient
from requests_cache.errors import (
    CacheError,
    ConfigurationError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)
from requests_cache.options import reject_unknown

from .attributes import Item, Value, as_for_client, as_for_resource

# Not every release of boto3 comes with types, so mypy is to see none of them.
_driver: Any = import_module("botocore.exceptions")

_OF_SESSION: Final = (
    "aws_access_key_id",
    "aws_secret_access_key",
    "aws_session_token",
    "botocore_session",
    "profile_name",
    "region_name",
)
_OF_CLIENT: Final = ("api_version", "config", "endpoint_url", "use_ssl", "verify")
# botocore waits 60 s for a connection and for an answer, and tries up to 10 times. A cache that
# waits is worse than none.
_TIMEOUTS: Final[dict[str, Any]] = {"connect_timeout": 2, "read_timeout": 2}
_NO_RETRIES: Final = {"mode": "standard", "total_max_attempts": 1}
# What failed at once is tried once more, and not what took its time.
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


class Connection:
    """The caller's client, or one of our own, which connects on first use.

    An option that boto3 has not is an UnknownOptionError, one beside a client a ConfigurationError.
    """

    def __init__(
        self, owner: str, given: Any, options: Mapping[str, Any], known: Iterable[str] = ()
    ) -> None:
        unknown = [name for name in options if name not in (*_OF_SESSION, *_OF_CLIENT)]
        reject_unknown(owner, unknown, (*known, *_OF_SESSION, *_OF_CLIENT))
        if given is not None and options:
            raise ConfigurationError(
                f"{owner}: {', '.join(sorted(options))} cannot be given along with `connection`:"
                " set them on that resource or client"
            )
        self._owner = owner
        self._given = given
        self._options = dict(options)
        self._is_resource = is_resource = hasattr(given, "Table")
        # The caller's is not closed.
        self._shared: SharedClient[Any] = (
            SharedClient(partial(_open, owner, self._options), lambda client: client.close())
            if given is None
            else SharedClient(lambda: given.meta.client if is_resource else given)
        )

    def __reduce__(self) -> tuple[Any, ...]:
        """Pickle how to connect."""
        return type(self), (self._owner, self._given, self._options)

    @property
    def handed_in(self) -> Any:
        """Give the caller's resource or client as it came, or our client."""
        return self.client if self._given is None else self._given

    # boto3 makes its classes when it runs, hence Any.
    @property
    def client(self) -> Any:
        """Give the client of this process."""
        return self._shared.current

    def use(self) -> AbstractContextManager[Any]:
        """Give the client, which `close` does not close during the block."""
        return self._shared.use()

    def pack(self, item: Mapping[str, Value]) -> Item:
        """Give an item as the client takes it."""
        return as_for_resource(item) if self._is_resource else as_for_client(item)

    def close(self) -> None:
        """Close this process's client if it is our own; the next use opens another one."""
        self._shared.close()


def _open(owner: str, options: Mapping[str, Any]) -> Any:
    rest = dict(options)
    session = {name: rest.pop(name) for name in _OF_SESSION if name in rest}
    make_config = import_module("botocore.config").Config
    config = make_config(**_TIMEOUTS).merge(rest.pop("config", None) or make_config())
    is_patient = config.retries is not None
    if not is_patient:
        config = config.merge(make_config(retries=_NO_RETRIES))
    try:
        with mapped_errors(owner):
            opened = import_module("boto3.session").Session(**session)
            client = opened.client("dynamodb", config=config, **rest)
    except ValueError as error:
        raise ConfigurationError(f"{owner}: {error}") from error
    if not is_patient:
        # What was refused in passing is repeated, within half a second. botocore's own retries also
        # repeat what timed out, so that a service that hangs would cost several times the timeout.
        client.meta.events.register("needs-retry.dynamodb", _pause)
    return client


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


# Errors

_SETTINGS = ("NoCredentialsError", "PartialCredentialsError", "NoRegionError", "ProfileNotFound")
_TOO_LATE = ("ConnectTimeoutError", "ReadTimeoutError", "WaiterError")
_TOO_FAST = "raise the capacity of the table, or bill it on demand"
_RIGHTS = "check the credentials and their IAM policy"
# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_BY_CODE: Final[dict[str, tuple[type[StorageError], str]]] = {
    "ProvisionedThroughputExceededException": (StorageTimeoutError, _TOO_FAST),
    "ThrottlingException": (StorageTimeoutError, _TOO_FAST),
    "RequestLimitExceeded": (StorageTimeoutError, _TOO_FAST),
    "AccessDeniedException": (StorageUnavailableError, _RIGHTS),
    "UnrecognizedClientException": (StorageUnavailableError, _RIGHTS),
    "InvalidSignatureException": (StorageUnavailableError, _RIGHTS),
    "ExpiredTokenException": (StorageUnavailableError, _RIGHTS),
    "ResourceNotFoundException": (StorageUnavailableError, "create the table"),
    "ItemCollectionSizeLimitExceededException": (StorageFullError, "see the cause"),
    "LimitExceededException": (StorageFullError, "ask AWS for a higher quota"),
}


@contextmanager
def mapped_errors(name: object) -> Iterator[None]:
    """Raise our errors for those of botocore, with these as the cause."""
    try:
        yield
    except (_driver.ClientError, _driver.BotoCoreError) as error:
        raise _map_error(f"DynamoDB cache {name}: {error}", error) from error


def is_refused(error: CacheError) -> bool:
    """Say whether an error means that the condition of a request did not hold."""
    return _has_code(error, "ConditionalCheckFailedException")


def is_missing(error: CacheError) -> bool:
    """Say whether an error means that there is no such table."""
    return _has_code(error, "ResourceNotFoundException")


def is_denied(error: CacheError, operation: str) -> bool:
    """Say whether an error means that we lack the right to an operation."""
    asked = getattr(error.__cause__, "operation_name", None)
    return asked == operation and _has_code(error, "AccessDeniedException")


def _has_code(error: CacheError, code: str) -> bool:
    cause = error.__cause__
    return isinstance(cause, _driver.ClientError) and cause.response["Error"]["Code"] == code


def _map_error(text: str, error: Any) -> CacheError:
    """Give our error for one of botocore."""
    if isinstance(error, _driver.ClientError):
        return _map_answer(text, error.response.get("Error", {}))
    if _is_one_of(error, _SETTINGS):
        return ConfigurationError(text)
    if _is_one_of(error, _TOO_LATE):
        return StorageTimeoutError(f"{text} (the service did not answer in time)")
    if isinstance(error, _driver.ConnectionError | _driver.HTTPClientError):
        return StorageUnavailableError(f"{text} (are `region_name` and `endpoint_url` right?)")
    return StorageError(text)


def _map_answer(text: str, answer: dict[str, Any]) -> CacheError:
    code = answer.get("Code", "")
    if code == "ValidationException" and "maximum allowed size" in answer.get("Message", ""):
        return ValueTooLargeError(text)
    kind, advice = _BY_CODE.get(code, (StorageError, "see the cause"))
    return kind(f"{text} ({advice})")


def _is_one_of(error: Any, names: tuple[str, ...]) -> bool:
    return isinstance(error, tuple(getattr(_driver, name) for name in names))
