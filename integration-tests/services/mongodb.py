"""MongoDB: open, and with users."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar
from urllib.parse import quote

from .service import CLIENT_SECONDS, PROBE_SECONDS, Service

if TYPE_CHECKING:
    from pymongo import MongoClient

    Document = dict[str, object]


class MongoService(Service):
    """A MongoDB server without users, whose data is gone after a stop."""

    name = "mongodb"
    variable = "REQUESTS_CACHE_TEST_MONGODB"
    example = "mongodb://127.0.0.1:27017"
    image = "mongodb"
    scheme = "mongodb"
    # A disk takes most of the time of a test that makes a collection, and index by index.
    in_memory: ClassVar[Sequence[str]] = ("/data/db",)

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        return ["mongod", "--bind_ip_all", "--port", str(ports[0])]

    @property
    def url(self) -> str:
        if self.username is None or self.password is None:
            return f"mongodb://{self.host}:{self.port}"
        login = f"{quote(self.username, safe='')}:{quote(self.password, safe='')}"
        return f"mongodb://{login}@{self.host}:{self.port}/?authSource=admin"

    def client(self, *, timeout: float = CLIENT_SECONDS) -> MongoClient[Document]:
        """Return a new client; the caller closes it. `timeout`, in seconds, bounds each call."""
        return self._client(self.url, timeout)

    def _client(self, url: str, timeout: float) -> MongoClient[Document]:
        from pymongo import MongoClient

        milliseconds = int(timeout * 1000)
        return MongoClient(url, serverSelectionTimeoutMS=milliseconds, timeoutMS=milliseconds)

    def probe(self) -> None:
        with self.client(timeout=PROBE_SECONDS) as client:
            client.admin.command("listDatabases")


class MongoAuthService(MongoService):
    """A MongoDB server that refuses clients without a user and password."""

    name = "mongodb with authentication"
    variable = "REQUESTS_CACHE_TEST_MONGODB_AUTH"
    example = "mongodb://user:password@127.0.0.1:27017"
    # It knows its user after a stop.
    in_memory = ()
    username = "cache@tests"
    password = "p@ss/w:rd%20?"

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        """Serve openly until the first shutdown, which `prepare` brings about, then with users."""
        server = f"mongod --bind_ip_all --port {ports[0]}"
        lines = [
            f"[ -e /data/db/has-users ] || {{ {server}; touch /data/db/has-users; }}",
            f"exec {server} --auth",
        ]
        return ["sh", "-c", "\n".join(lines)]

    def prepare(self) -> None:
        """Create the user on the open server and let the container go on to the closed one."""
        anonymous = f"mongodb://{self.host}:{self.port}"
        with self._client(anonymous, timeout=30) as client:
            client.admin.command("createUser", self.username, pwd=self.password, roles=["root"])
        # `mongod --shutdown` would wait for the process that takes the first one's place.
        end = "kill $(cat /data/db/mongod.lock)"
        wait = "until [ -e /data/db/has-users ]; do sleep 0.05; done"
        self._breakable("prepare").execute("sh", "-c", f"{end}; {wait}")
        self.wait_until_ready()


class MongoReplicaService(MongoService):
    """A replica set of one MongoDB server, which can step down and be elected again."""

    name = "mongodb replica set"
    variable = "REQUESTS_CACHE_TEST_MONGODB_REPLICA"
    example = "mongodb://127.0.0.1:27017"
    # It knows its set after a stop.
    in_memory = ()

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        return [*super().command(ports), "--replSet", "tests"]

    @property
    def url(self) -> str:
        return f"{super().url}/?replicaSet=tests"

    def prepare(self) -> None:
        """Make the server a set of its own, and wait until it is the primary."""
        address = f"{self.host}:{self.port}"
        members = [{"_id": 0, "host": address}]
        alone = f"mongodb://{address}/?directConnection=true"
        with self._client(alone, timeout=30) as client:
            client.admin.command("replSetInitiate", {"_id": "tests", "members": members})
        self.wait_until_ready()

    def probe(self) -> None:
        with self.client(timeout=PROBE_SECONDS) as client:
            client.tests.probe.insert_one({})
