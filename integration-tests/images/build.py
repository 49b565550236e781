"""Building the images where no container registry can be reached: base, downloads, Dockerfile."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from .cache import cache_folder, one_at_a_time
from .catalog import BASE_SUITE, BASE_TAG, Image
from .engine import DockerError, has_image, run

BUILD_SECONDS = 900


def build(image: Image) -> str:
    """Build an image on our own base and return its tag."""
    ensure_base()
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix=f"{image.name}-") as name:
        context = Path(name)
        shutil.copy(image.dockerfile, context / "Dockerfile")
        if image.download:
            image.download.into(context)
        command = ["docker", "build", "--build-arg", f"BASE={BASE_TAG}", "--tag", image.built, name]
        run(command, seconds=BUILD_SECONDS)
    return image.built


def ensure_base() -> None:
    """Make the base image: a minimal Debian, installed from the machine's own package sources."""
    with one_at_a_time("base"):
        if not has_image(BASE_TAG):
            _make_base()


def _make_base() -> None:
    if shutil.which("mmdebstrap") is None:
        raise DockerError("mmdebstrap is missing, so no base image can be made; apt-get install it")
    with tempfile.TemporaryDirectory(dir=cache_folder(), prefix="base-") as name:
        tar = str(Path(name) / "base.tar")
        # No mirror is named: mmdebstrap then takes the machine's own sources.
        run(["mmdebstrap", "--variant=minbase", BASE_SUITE, tar], seconds=BUILD_SECONDS)
        run(["docker", "import", tar, BASE_TAG], seconds=BUILD_SECONDS)
