"""Pulling an image, without waiting on a registry that cannot be reached."""

from __future__ import annotations

import select
import subprocess
import time
from typing import IO

FIRST_LINE_SECONDS = 10
PULL_SECONDS = 900

# One silent or refusing registry is enough to know for the rest of the run.
_unreachable: list[str] = []


def pull(tag: str) -> str | None:
    """Pull an image; return None when it is here, else why it is not.

    The client prints its first line once the registry has answered with the image's manifest, so
    the wait for that line tells a slow download (up to 15 minutes) from no registry (10 seconds).
    """
    if _unreachable:
        return _unreachable[0]
    with subprocess.Popen(
        ["docker", "pull", tag],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        trouble = _follow(process)
        if process.poll() is None:
            process.kill()
    if trouble:
        _unreachable.append(f"docker pull {tag}: {trouble}")
    return trouble


def _follow(process: subprocess.Popen[str]) -> str | None:
    started = time.monotonic()
    if not _speaks(process.stdout):
        return f"no registry answered within {FIRST_LINE_SECONDS} s"
    try:
        _, errors = process.communicate(timeout=PULL_SECONDS)
    except subprocess.TimeoutExpired:
        return f"not finished after {time.monotonic() - started:.0f} s"
    if process.returncode:
        return errors.strip().splitlines()[-1] if errors.strip() else "failed"
    return None


def _speaks(output: IO[str] | None) -> bool:
    """Wait for the first output, or for the end of a process that fails at once."""
    return output is None or bool(select.select([output], [], [], FIRST_LINE_SECONDS)[0])
