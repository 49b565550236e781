"""botocore's errors in the words of this library."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from typing import Any, Final

from requests_cache.errors import (
    CacheError,
    ConfigurationError,
    StorageError,
    StorageFullError,
    StorageTimeoutError,
    StorageUnavailableError,
    ValueTooLargeError,
)

__all__ = ["is_denied", "is_missing", "is_refused", "mapped_errors"]

# Not every release of boto3 comes with types, so mypy is to see none of them.
_driver: Any = import_module("botocore.exceptions")

_SETTINGS = ("NoCredentialsError", "PartialCredentialsError", "NoRegionError", "ProfileNotFound")
_TIMEOUTS = ("ConnectTimeoutError", "ReadTimeoutError", "WaiterError")
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
    if _is_one_of(error, _TIMEOUTS):
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
