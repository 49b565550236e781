"""DynamoDB Local, AWS's own emulator."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from importlib import import_module
from typing import Any
from unittest.mock import patch

from .service import CLIENT_SECONDS, PROBE_SECONDS, Service


class DynamoDbService(Service):
    """A DynamoDB that keeps its tables in memory: they are gone after a stop."""

    name = "dynamodb"
    variable = "REQUESTS_CACHE_TEST_DYNAMODB"
    example = "http://127.0.0.1:8000"
    image = "dynamodb"
    scheme = "http"
    region = "us-east-1"

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        local = ["-Djava.library.path=./DynamoDBLocal_lib", "-jar", "DynamoDBLocal.jar"]
        return ["java", *local, "-inMemory", "-sharedDb", "-port", str(ports[0])]

    @property
    def url(self) -> str:
        return f"http://{self.host}:{self.port}"

    @property
    def connection(self) -> dict[str, str]:
        """What `boto3.resource("dynamodb", ...)` needs; the credentials are dummies."""
        return {
            "endpoint_url": self.url,
            "region_name": self.region,
            "aws_access_key_id": "tests",
            "aws_secret_access_key": "tests",
        }

    # boto3 makes its classes at run time and ships no types, hence Any.
    def client(self, *, timeout: float = CLIENT_SECONDS, attempts: int = 1) -> Any:
        """Return a new low-level client; `timeout` in seconds bounds each of its attempts."""
        return self._make("client", timeout, attempts)

    def resource(self, *, timeout: float = CLIENT_SECONDS, attempts: int = 1) -> Any:
        """Return a new resource, for work with tables."""
        return self._make("resource", timeout, attempts)

    def _make(self, kind: str, timeout: float, attempts: int) -> Any:
        config = import_module("botocore.config").Config(
            connect_timeout=timeout, read_timeout=timeout, retries={"total_max_attempts": attempts}
        )
        return getattr(_session(), kind)("dynamodb", config=config, **self.connection)

    def probe(self) -> None:
        self.client(timeout=PROBE_SECONDS).list_tables()


@contextmanager
def descriptions_read_once() -> Iterator[None]:
    """Have all sessions of boto3 share what reads the descriptions of services, forks too.

    Else each session takes a tenth of a second of the processor for its first client.
    """
    # It was imported by name; a patch where it is defined changes nothing.
    session = import_module("botocore.session")
    with patch.object(session, "create_loader", cache(session.create_loader)):
        # The first client reads them.
        import_module("boto3").session.Session().client("dynamodb", region_name="us-east-1")
        yield


@cache
def _session() -> Any:
    """Give the one session of this process."""
    return import_module("boto3").session.Session()
