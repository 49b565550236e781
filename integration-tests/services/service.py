"""A server that tests talk to, and the faults they may cause it."""

from __future__ import annotations

import time
import uuid
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Self
from urllib.parse import unquote, urlsplit

from .missing import give_up

if TYPE_CHECKING:
    from .container import Container

READY_SECONDS = 60.0
POLL_SECONDS = 0.05
# A probe asks a server on this machine; clients for tests get longer.
PROBE_SECONDS = 1.0
CLIENT_SECONDS = 10.0


class NotReady(Exception):
    """A server was there and did not answer in time; the message has its last error and log."""


class Service(ABC):
    """A running server: where it is, clients of it, and the faults it can suffer.

    It comes from an address, which tests must not break, or is a container of its own, whose port
    stays the same whatever happens to it.
    """

    name: ClassVar[str]
    variable: ClassVar[str]
    example: ClassVar[str]
    image: ClassVar[str]
    port_count: ClassVar[int] = 1
    in_memory: ClassVar[Sequence[str]] = ()
    """Folders of the container that are in memory, and gone after a stop."""
    scheme: ClassVar[str]

    username: str | None = None
    password: str | None = None

    def __init__(self, host: str, ports: Sequence[int], container: Container | None) -> None:
        self.host = host
        self.ports = tuple(ports)
        self._container = container

    @classmethod
    def at(cls, address: str) -> Self:
        """Take the server at a URL; what the URL leaves out has the service's default."""
        parts = urlsplit(address)
        if parts.scheme != cls.scheme or not parts.hostname or parts.port is None:
            raise ValueError(f"{cls.variable}={address!r} is no URL like {cls.example}")
        service = cls(parts.hostname, [parts.port], None)
        service.username = unquote(parts.username) if parts.username else None
        service.password = unquote(parts.password) if parts.password else None
        return service

    @classmethod
    @abstractmethod
    def command(cls, ports: Sequence[int]) -> list[str]:
        """Return what the container runs to serve on `ports`."""

    @abstractmethod
    def probe(self) -> None:
        """Raise unless the server answers now."""

    @property
    def port(self) -> int:
        return self.ports[0]

    @property
    @abstractmethod
    def url(self) -> str:
        """The address in the words of the driver, with credentials."""

    def fresh_name(self, prefix: str = "test") -> str:
        """Return a name for a namespace, database or table that nobody else uses."""
        return f"{prefix}_{uuid.uuid4().hex[:12]}"

    def prepare(self) -> None:
        """Do what a new container needs once, such as creating users; by default only wait."""
        self.wait_until_ready()

    def wait_until_ready(self, seconds: float = READY_SECONDS) -> None:
        """Return when the server answers; raise `NotReady` after so many seconds."""
        deadline = time.monotonic() + seconds
        while True:
            try:
                return self.probe()
            except Exception as error:
                # Each driver has its own errors for a server that is still starting.
                if time.monotonic() > deadline:
                    raise NotReady(self._trouble(seconds)) from error
            time.sleep(POLL_SECONDS)

    def _trouble(self, seconds: float) -> str:
        words = f"{self.name} at {self.host}:{self.port} did not answer within {seconds:g} s"
        if self._container is None:
            return f"{words}; check {self.variable}"
        return f"{words}; the end of its log:\n{self._container.last_words()}"

    @property
    def can_fail(self) -> bool:
        """Whether the fault verbs work: they do on containers, not on a server at an address."""
        return self._container is not None

    def _breakable(self, verb: str) -> Container:
        if self._container is None:
            give_up(f"cannot {verb} {self.name}: it comes from {self.variable}, not from Docker")
        return self._container

    def pause(self) -> None:
        """Hang the server: it accepts connections and answers nothing."""
        self._breakable("pause").pause()

    def unpause(self) -> None:
        """Let a paused server go on where it was."""
        self._breakable("unpause").unpause()
        self.wait_until_ready()

    def stop(self) -> None:
        """Shut the server down; connections are refused."""
        self._breakable("stop").stop()

    def kill(self) -> None:
        """Kill the server without a chance to finish anything."""
        self._breakable("kill").kill()

    def start(self) -> None:
        """Bring a stopped or killed server back on its old port, and wait until it answers."""
        self._breakable("start").start()
        self.wait_until_ready()

    def restart(self) -> None:
        """Stop the server and start it again."""
        self.stop()
        self.start()

    @contextmanager
    def hanging(self) -> Iterator[None]:
        """Hang the server for the length of a block."""
        self.pause()
        try:
            yield
        finally:
            self.unpause()

    @contextmanager
    def down(self) -> Iterator[None]:
        """Take the server away for the length of a block, and bring it back after."""
        self.stop()
        try:
            yield
        finally:
            self.start()

    def close(self) -> None:
        """Remove the container; a server at an address is left as it is."""
        if self._container is not None:
            self._container.remove()
