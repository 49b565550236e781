"""Give the integration tests a Docker engine and the images of their services.

Run it as `python integration-tests/setup_docker.py`. Where an engine answers it installs and starts
nothing. On a bare Debian machine, as root, it installs Debian's engine and starts it in the
background, where it stays for later runs. Elsewhere it says what is missing and exits with 0, or
with 1 under `REQUIRE_SERVICES=1`. It needs the standard library only.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from images import (
    CATALOG,
    DYNAMODB,
    DockerError,
    Image,
    engine_trouble,
    ensure_image,
    present_image,
)
from images.engine import run
from images.registry import pull

APT_SECONDS = 900
ENGINE_START_SECONDS = 60


def main() -> int:
    """Set everything up; return the exit status."""
    try:
        ensure_engine()
        ensure_images()
    except DockerError as error:
        say(f"not set up: {error}")
        return 1 if os.environ.get("REQUIRE_SERVICES") == "1" else 0
    return 0


def say(message: str) -> None:
    print(f"setup_docker: {message}", flush=True)


def ensure_engine() -> None:
    """Leave a running engine alone; install and start one where there is none."""
    trouble = engine_trouble()
    if trouble is None:
        say("a Docker engine answers")
        return
    say(trouble)
    refuse_unless_debian_root()
    if shutil.which("dockerd") is None:
        install("docker.io", "iptables")
    # Where a service manager runs, installing the package has started the engine already.
    if engine_trouble() is not None:
        start_engine()


def refuse_unless_debian_root() -> None:
    """Raise where this script has no business installing an engine."""
    if os.environ.get("DOCKER_HOST"):
        raise DockerError(
            f"DOCKER_HOST={os.environ['DOCKER_HOST']} does not answer; start or unset it"
        )
    if not Path("/etc/debian_version").exists():
        raise DockerError("this is not Debian; install and start Docker by hand")
    if os.geteuid() != 0:
        raise DockerError(
            "installing Docker takes root; run this as root or start an engine by hand"
        )


def install(*packages: str) -> None:
    say(f"apt-get install {' '.join(packages)}")
    os.environ["DEBIAN_FRONTEND"] = "noninteractive"
    run(["apt-get", "update"], seconds=APT_SECONDS)
    command = ["apt-get", "install", "--yes", "--no-install-recommends", *packages]
    run(command, seconds=APT_SECONDS)


def start_engine() -> None:
    """Start dockerd in a session of its own, so that it outlives this script and its terminal."""
    folder = Path(tempfile.mkdtemp(prefix="requests-cache-docker-"))
    log = folder / "dockerd.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            ["dockerd"],
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    say(f"dockerd started, process {process.pid}, log {log}")
    wait_for_engine(process, log)


def wait_for_engine(process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + ENGINE_START_SECONDS
    while engine_trouble() is not None:
        if process.poll() is not None or time.monotonic() > deadline:
            tail = "\n".join(log.read_text(errors="replace").splitlines()[-10:])
            raise DockerError(f"dockerd does not answer; the end of {log}:\n{tail}")
        time.sleep(0.2)


def ensure_images() -> None:
    """Have every image here before the first test asks for it: pulled, else built side by side."""
    missing = [image for image in CATALOG if present_image(image) is None]
    unpulled = [image for image in missing if pull(image.published) is not None]
    if unpulled:
        say(f"no container registry, building: {', '.join(image.name for image in unpulled)}")
        install_build_tools(unpulled)
    with ThreadPoolExecutor(len(CATALOG)) as pool:
        troubles = [trouble for trouble in pool.map(image_trouble, CATALOG) if trouble]
    if troubles:
        raise DockerError("\n".join(troubles))


def install_build_tools(images: list[Image]) -> None:
    """Install what the builds need, where this script may; elsewhere the build names it."""
    tools = {"mmdebstrap"} | {"npm" for image in images if image is DYNAMODB}
    wanted = sorted(tool for tool in tools if shutil.which(tool) is None)
    if wanted and os.geteuid() == 0 and shutil.which("apt-get"):
        install(*wanted)


def image_trouble(image: Image) -> str | None:
    """Get one image and say so; return why it cannot be had."""
    started = time.monotonic()
    try:
        tag = ensure_image(image)
    except DockerError as error:
        return str(error)
    say(f"{image.name}: {tag} ({time.monotonic() - started:.1f} s)")
    return None


if __name__ == "__main__":
    sys.exit(main())
