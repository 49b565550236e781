"""One server in a container, on fixed ports of 127.0.0.1, and removed whatever happens."""

from __future__ import annotations

import atexit
import os
import socket
from collections.abc import Sequence
from typing import TYPE_CHECKING

from images import DockerError
from images.engine import run

if TYPE_CHECKING:
    from testcontainers.core.container import DockerContainer

HOST = "127.0.0.1"
OWNER_LABEL = "requests-cache-tests.owner"
COMMAND_SECONDS = 30
# Long enough for a clean end; the engine kills what is slower.
STOP_SECONDS = 5


class Container:
    """A running container whose servers keep their ports over stop and start.

    Ports are the same inside and outside, so that a server may announce its own. What is in the
    folders `in_memory` is gone after a stop.
    """

    def __init__(
        self,
        image: str,
        command: Sequence[str],
        ports: Sequence[int],
        in_memory: Sequence[str] = (),
    ) -> None:
        self.ports = tuple(ports)
        self._inner = _describe(image, command, self.ports)
        for folder in in_memory:
            self._inner.with_tmpfs_mount(folder)
        atexit.register(self.remove)
        self._inner.start()

    def pause(self) -> None:
        """Freeze every process: connections open and nothing answers."""
        self._inner.get_wrapped_container().pause()

    def unpause(self) -> None:
        self._inner.get_wrapped_container().unpause()

    def stop(self) -> None:
        """End the server cleanly: connections are refused from now on."""
        self._inner.get_wrapped_container().stop(timeout=STOP_SECONDS)

    def kill(self) -> None:
        """End the server with SIGKILL."""
        self._inner.get_wrapped_container().kill()

    def start(self) -> None:
        self._inner.get_wrapped_container().start()

    def execute(self, *command: str) -> str:
        """Run a command inside and return its output; raise `DockerError` when it fails.

        It has 30 seconds, kept inside the container because the client knows no limit.
        """
        code, output = self._inner.exec(["timeout", str(COMMAND_SECONDS), *command])
        text = str(output, errors="replace")
        if code:
            raise DockerError(f"{' '.join(command)} failed with {code} in the container:\n{text}")
        return text

    def last_words(self) -> str:
        """Return the end of the server's log, for messages."""
        logged = b"".join(self._inner.get_logs()).decode(errors="replace")
        return "\n".join(logged.splitlines()[-10:])

    def remove(self) -> None:
        """Remove the container and its data; a second call does nothing."""
        atexit.unregister(self.remove)
        self._inner.stop()


def _describe(image: str, command: Sequence[str], ports: Sequence[int]) -> DockerContainer:
    # The reaper that testcontainers would start is one more image to pull; `remove`, `atexit` and
    # `remove_orphans` do its work. It reads both settings when it is imported.
    os.environ.setdefault("TESTCONTAINERS_RYUK_DISABLED", "true")
    os.environ.setdefault("TESTCONTAINERS_HOST_OVERRIDE", HOST)
    from testcontainers.core.container import DockerContainer

    container = DockerContainer(image).with_command(list(command[1:]))
    # The entry points of pulled images differ from ours; naming the program makes both alike.
    container.with_kwargs(entrypoint=[command[0]], labels={OWNER_LABEL: _owner()})
    for port in ports:
        container.ports[f"{port}/tcp"] = (HOST, port)  # type: ignore[assignment]  # docker-py's form
    return container


def _owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}"


def remove_orphans() -> None:
    """Remove containers of test processes on this machine that were killed before they could."""
    row = f'{{{{.ID}}}} {{{{.Label "{OWNER_LABEL}"}}}}'
    command = ["docker", "ps", "--all", "--filter", f"label={OWNER_LABEL}", "--format", row]
    for line in run(command, seconds=COMMAND_SECONDS).splitlines():
        identity, _, owner = line.partition(" ")
        host, _, process = owner.rpartition(":")
        if host == socket.gethostname() and not _is_alive(int(process)):
            run(["docker", "rm", "--force", "--volumes", identity], seconds=COMMAND_SECONDS)


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
