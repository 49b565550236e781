"""Processes that are killed half-way through a download: `python -m faults.kills ...`."""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import nullcontext
from importlib import import_module

from requests_cache import CachedSession
from services.dynamodb import descriptions_read_once
from services.patience import patient_options

__all__ = ["download_and_die"]


def download_and_die(kind: str, name: str, options: str, url: str, count: str) -> None:
    """Have so many children read a part of a body, and kill themselves."""
    # Each child would import it anew.
    import_module(f"requests_cache.backends.{kind}")
    with descriptions_read_once() if kind == "dynamodb" else nullcontext():
        fork_and_die(kind, name, options, url, int(count))


def fork_and_die(kind: str, name: str, options: str, url: str, count: int) -> None:
    for _ in range(count):
        child = os.fork()
        if not child:
            given = patient_options(kind) | json.loads(options)
            session = CachedSession(name, backend=kind, **given)
            # One that is dropped is aborted at once.
            response = session.get(url, stream=True)
            response.raw.read(3_000_000)
            os.kill(os.getpid(), signal.SIGKILL)
        _, status = os.waitpid(child, 0)
        assert os.WIFSIGNALED(status), f"a child ended by itself: {status}"


if __name__ == "__main__":
    download_and_die(*sys.argv[1:])
