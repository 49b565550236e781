"""A server that sends large bodies as fast as it can: `python -m faults.blocks` prints its port."""

from __future__ import annotations

import random
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Final

__all__ = ["BLOCK", "MEGABYTE", "serving_blocks"]

MEGABYTE: Final = 1024 * 1024
BLOCK: Final = random.Random(1).randbytes(MEGABYTE)


@contextmanager
def serving_blocks() -> Iterator[str]:
    """Serve from another process; `<url>/<n>` has n megabytes."""
    command = [sys.executable, "-m", "faults.blocks"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, text=True, cwd=Path(__file__).parents[1]
    ) as process:
        assert process.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(process.stdout.readline())}"
        finally:
            process.kill()


def _serve() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        print(server.getsockname()[1], flush=True)
        while True:
            connection, _ = server.accept()
            Thread(target=_answer, args=(connection,), daemon=True).start()


def _answer(connection: socket.socket) -> None:
    with connection, connection.makefile("rb") as lines:
        while line := lines.readline():
            count = int(line.split()[1].strip(b"/"))
            while lines.readline().strip():
                continue
            size = count * MEGABYTE
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size)
            for _ in range(count):
                connection.sendall(BLOCK)


if __name__ == "__main__":
    _serve()
