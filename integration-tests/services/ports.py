"""Host ports that stay free while a stopped server is away from them."""

from __future__ import annotations

import random
import socket

# Below the range that Linux and macOS give to outgoing connections: one of those could otherwise
# take a server's port while the server is stopped, and it could not come back.
LOWEST, HIGHEST = 20_000, 32_000


def free_ports(count: int) -> list[int]:
    """Return different ports on which nothing listens at 127.0.0.1."""
    found: list[int] = []
    for port in random.sample(range(LOWEST, HIGHEST), 1_000):
        if len(found) == count:
            return found
        if _is_free(port):
            found.append(port)
    raise OSError(f"no {count} free ports between {LOWEST} and {HIGHEST} on 127.0.0.1")


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
