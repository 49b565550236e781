"""The servers of a run: the origin, Redis when it is installed, others when they are given."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["GIVEN", "running_origin", "running_redis"]

GIVEN = {"mongodb": "BENCH_MONGODB_URI", "dynamodb": "BENCH_DYNAMODB_URL"}
"""Services that are measured when an environment variable says where they are."""


@contextmanager
def running_origin() -> Iterator[str]:
    """Run the origin in a process of its own; give its base URL."""
    process = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("origin.py"))],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{int(process.stdout.readline())}"
    finally:
        process.stdin.close()
        process.wait(10)


@contextmanager
def running_redis(folder: Path) -> Iterator[str | None]:
    """Run a Redis server that keeps nothing on disk; give "host:port", None without a server."""
    given = os.environ.get("BENCH_REDIS")
    program = shutil.which("redis-server")
    if given or program is None:
        yield given
        return
    port = _free_port()
    options = ["--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    process = subprocess.Popen([program, *options], stdout=subprocess.DEVNULL)
    try:
        _wait_for(port)
        yield f"127.0.0.1:{port}"
    finally:
        process.terminate()
        process.wait(10)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait_for(port: int) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)  # A server of another language says nowhere else that it is ready.
