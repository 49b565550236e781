"""The Docker engine through its command: does it answer, and run something with a time limit."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

ENGINE_SECONDS = 10


class DockerError(RuntimeError):
    """Docker or a tool it needs is missing or failed; the message names it."""


def run(command: Sequence[str], *, seconds: float, cwd: Path | None = None) -> str:
    """Run a command and return its output, or raise `DockerError` with its last lines."""
    # The classic builder: the newer one is a plugin that Debian's docker.io does not bring.
    environ = {**os.environ, "DOCKER_BUILDKIT": "0"}
    try:
        done = subprocess.run(
            command,
            cwd=cwd,
            env=environ,
            timeout=seconds,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
        )
    except FileNotFoundError:
        raise DockerError(f"the command {command[0]} is not installed") from None
    except subprocess.TimeoutExpired:
        raise DockerError(f"{' '.join(command)} took longer than {seconds:g} s") from None
    if done.returncode:
        tail = "\n".join(done.stdout.strip().splitlines()[-15:])
        raise DockerError(f"{' '.join(command)} failed with {done.returncode}:\n{tail}")
    return done.stdout


def engine_trouble() -> str | None:
    """Say why no Docker engine can be used, or None when one answers."""
    if shutil.which("docker") is None:
        return "the docker command is not installed"
    try:
        run(["docker", "version", "--format", "{{.Server.Version}}"], seconds=ENGINE_SECONDS)
    except DockerError:
        return "no Docker engine answers"
    return None


def has_image(tag: str) -> bool:
    """Tell whether the engine already has an image."""
    try:
        run(["docker", "image", "inspect", "--format", "{{.Id}}", tag], seconds=ENGINE_SECONDS)
    except DockerError:
        return False
    return True
