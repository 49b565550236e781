"""Streams a large body through a cache, and measures: `python -m faults.gigabyte ...`.

A process of its own, so that its memory is that of the library alone.
"""

from __future__ import annotations

import json
import shutil
import sys
import time
from collections.abc import Callable
from hashlib import blake2b
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import Any

import requests
from requests_cache import CachedSession
from requests_cache.testing.children import peak_memory
from services.patience import patient_options

from faults.blocks import MEGABYTE
from faults.floors import find_floor

__all__ = ["measure"]

_PIECE = 64 * 1024


def measure(kind: str, name: str, options: str, url: str, size: str, rounds: str) -> None:
    """Print milliseconds per megabyte, and the memory.

    Of a miss, a hit, plain requests, the copy of a file, and of what the store takes by itself.
    """
    with (
        TemporaryDirectory() as folder,
        requests.Session() as plain,
        CachedSession(
            name, backend=kind, **patient_options(kind), **json.loads(options)
        ) as session,
    ):
        for _ in range(2):
            _stream(session, f"{url}/2")
        before = peak_memory()
        added = 0
        times: dict[str, list[float]] = {}
        digests = set[str]()

        def note(what: str, run: Callable[[], tuple[float, str]]) -> None:
            seconds, digest = run()
            times.setdefault(what, []).append(seconds / int(size) * 1000)
            digests.add(digest)

        for _ in range(int(rounds)):
            session.cache.clear()
            note("miss", lambda: _stream(session, f"{url}/{size}", from_cache=False))
            note("hit", lambda: _stream(session, f"{url}/{size}", from_cache=True))
            added = max(added, peak_memory() - before)
            note("plain", lambda: _stream(plain, f"{url}/{size}"))
            times.setdefault("copy", []).append(_copy(folder, int(size)))
            floor = find_floor(kind, json.loads(options), folder, int(size))
            for what, seconds in floor._asdict().items():
                times.setdefault(what, []).append(seconds / int(size) * 1000)
    report: dict[str, Any] = {what: median(seen) for what, seen in times.items()}
    print(json.dumps({**report, "added": added // MEGABYTE, "bodies": len(digests)}))


def _stream(
    session: requests.Session, url: str, from_cache: bool | None = None
) -> tuple[float, str]:
    """Read a body; give the seconds without those of the digest, and the digest."""
    digest, outside = blake2b(), 0.0
    began = time.perf_counter()
    with session.get(url, stream=True) as response:
        for piece in response.iter_content(_PIECE):
            stopped = time.perf_counter()
            digest.update(piece)
            outside += time.perf_counter() - stopped
    seconds = time.perf_counter() - began - outside
    assert from_cache is None or getattr(response, "from_cache", None) == from_cache
    return seconds, digest.hexdigest()


def _copy(folder: str, size: int) -> float:
    """Give the milliseconds that copying a megabyte of a file takes."""
    source, copied = Path(folder, "source"), Path(folder, "copy")
    if not source.exists():
        with source.open("wb") as file:
            for _ in range(size):
                file.write(bytes(MEGABYTE))
    began = time.perf_counter()
    shutil.copyfile(source, copied)
    milliseconds = (time.perf_counter() - began) * 1000
    copied.unlink()
    return milliseconds / size


if __name__ == "__main__":
    measure(*sys.argv[1:])
