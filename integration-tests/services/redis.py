"""Redis: alone, behind a password, as a cluster of three, and watched by a sentinel."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any, Self
from urllib.parse import quote, urlsplit

from .service import CLIENT_SECONDS, PROBE_SECONDS, Service

if TYPE_CHECKING:
    from redis import Redis
    from redis.cluster import RedisCluster
    from redis.retry import Retry
    from redis.sentinel import Sentinel

# A cluster node hears its peers on a second port, and a cluster shares out so many slots.
BUS_OFFSET = 10_000
SLOTS = 16_384
# Tests keep nothing on disk, and the container's network is not open to others.
SERVER = ["redis-server", "--protected-mode", "no", "--save", ""]
SERVER_WORDS = "redis-server --protected-mode no --save ''"


def _no_retry() -> Retry:
    """Let a fault show at once: by default redis-py tries ten times more."""
    from redis.backoff import NoBackoff
    from redis.retry import Retry

    return Retry(NoBackoff(), 0)


class RedisService(Service):
    """A Redis server without a password."""

    name = "redis"
    variable = "REQUESTS_CACHE_TEST_REDIS"
    example = "redis://127.0.0.1:6379"
    image = "redis"
    scheme = "redis"

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        return [*SERVER, "--port", str(ports[0])]

    @property
    def url(self) -> str:
        return self._url("0")

    def _url(self, path: str) -> str:
        user = quote(self.username or "", safe="")
        login = f"{user}:{quote(self.password, safe='')}@" if self.password else ""
        return f"redis://{login}{self.host}:{self.port}/{path}"

    def client(self, *, timeout: float | None = CLIENT_SECONDS) -> Redis:
        """Return a new client; the caller closes it. `timeout` is in seconds."""
        return self._client(self.port, timeout)

    def _client(self, port: int, timeout: float | None) -> Redis:
        from redis import Redis

        return Redis(
            self.host,
            port,
            username=self.username,
            password=self.password,
            socket_timeout=timeout,
            socket_connect_timeout=timeout,
            retry=_no_retry(),
        )

    def probe(self) -> None:
        with self.client(timeout=PROBE_SECONDS) as client:
            client.ping()


class RedisPasswordService(RedisService):
    """A Redis server that refuses clients without its password."""

    name = "redis with a password"
    variable = "REQUESTS_CACHE_TEST_REDIS_PASSWORD"
    example = "redis://:password@127.0.0.1:6379"
    # Signs that a URL must quote.
    password = "p@ss/w:rd%20?"

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        return [*super().command(ports), "--requirepass", cls.password]


class RedisClusterService(RedisService):
    """A Redis Cluster of three masters and no replicas, in one container."""

    name = "redis cluster"
    variable = "REQUESTS_CACHE_TEST_REDIS_CLUSTER"
    example = "redis://127.0.0.1:7000"
    port_count = 3

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        """Start two nodes behind and one in front; the first start also joins them."""
        nodes = [cls._node(port) for port in ports]
        background = [f"{node} &" for node in nodes[:-1]]
        join = ["[ -e /data/joined ] || {", *cls._joining(ports), "touch /data/joined", "} &"]
        return ["sh", "-c", "\n".join([*background, *join, f"exec {nodes[-1]}"])]

    @staticmethod
    def _joining(ports: Sequence[int]) -> Iterator[str]:
        """Yield the commands for an even share of the slots; `--cluster create` takes 5 s more."""
        bounds = [SLOTS * index // len(ports) for index in range(len(ports) + 1)]
        for epoch, port in enumerate(ports, start=1):
            first, last = bounds[epoch - 1], bounds[epoch] - 1
            yield f"until redis-cli -p {port} ping; do sleep 0.05; done"
            yield f"redis-cli -p {port} cluster set-config-epoch {epoch}"
            yield f"redis-cli -p {port} cluster addslotsrange {first} {last}"
            yield f"redis-cli -p {ports[0]} cluster meet 127.0.0.1 {port} {port + BUS_OFFSET}"

    @staticmethod
    def _node(port: int) -> str:
        bus = port + BUS_OFFSET
        return (
            f"{SERVER_WORDS} --port {port} --cluster-enabled yes --cluster-port {bus} "
            f"--cluster-config-file /data/nodes-{port}.conf --cluster-announce-ip 127.0.0.1 "
            f"--cluster-announce-port {port} --cluster-announce-bus-port {bus}"
        )

    def cluster_client(self, *, timeout: float | None = CLIENT_SECONDS) -> RedisCluster:
        """Return a new client of the whole cluster; the caller closes it."""
        from redis.cluster import RedisCluster

        return RedisCluster.from_url(
            self.url, socket_timeout=timeout, socket_connect_timeout=timeout
        )

    def probe(self) -> None:
        """Ask every known node: one that has not heard of the others yet refuses keys."""
        for port in self.ports:
            with self._client(port, PROBE_SECONDS) as node:
                info = node.cluster("info")
                if info["cluster_state"] != "ok":
                    raise ConnectionError(f"node {port} says {info}")


class RedisSentinelService(RedisService):
    """A master, its replica and one sentinel, in one container; `port` is the sentinel's."""

    name = "redis sentinel"
    variable = "REQUESTS_CACHE_TEST_REDIS_SENTINEL"
    example = "redis://127.0.0.1:26379/mymaster"
    port_count = 3

    master_name = "mymaster"

    @classmethod
    def at(cls, address: str) -> Self:
        service = super().at(address)
        service.master_name = urlsplit(address).path.strip("/") or cls.master_name
        return service

    @classmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        sentinel, master, replica = ports
        settings = (
            f"port {sentinel}",
            "protected-mode no",
            f"sentinel monitor {cls.master_name} 127.0.0.1 {master} 1",
            f"sentinel down-after-milliseconds {cls.master_name} 2000",
        )
        lines = (
            f"{SERVER_WORDS} --port {master} &",
            f"{SERVER_WORDS} --port {replica} --replicaof 127.0.0.1 {master} "
            "--replica-announce-ip 127.0.0.1 &",
            # The sentinel rewrites its file; each start begins with the same master again.
            "cat > /tmp/sentinel.conf <<END",
            *settings,
            "END",
            "exec redis-server /tmp/sentinel.conf --sentinel",
        )
        return ["sh", "-c", "\n".join(lines)]

    @property
    def url(self) -> str:
        """The sentinel's address, with the name of the master as its path."""
        return self._url(self.master_name)

    def sentinel(self, *, timeout: float | None = CLIENT_SECONDS) -> Sentinel:
        """Return a new client of the sentinel, which hands out clients of the master."""
        from redis.sentinel import Sentinel

        options: dict[str, Any] = {
            "socket_timeout": timeout,
            "socket_connect_timeout": timeout,
            "retry": _no_retry(),
        }
        return Sentinel(  # type: ignore[no-untyped-call]  # redis-py leaves it untyped
            [(self.host, self.port)],
            sentinel_kwargs=options,
            username=self.username,
            password=self.password,
            **options,
        )

    def master(self, *, timeout: float | None = CLIENT_SECONDS) -> Redis:
        """Return a new client of whichever server is the master now; the caller closes it."""
        finder = self.sentinel(timeout=timeout)
        found: Redis = finder.master_for(self.master_name)  # type: ignore[no-untyped-call]  # same
        return found

    def probe(self) -> None:
        with self.master(timeout=PROBE_SECONDS) as master:
            master.ping()
