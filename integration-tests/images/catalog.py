"""The images the tests need: what a registry calls them, and what a build of our own takes."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from .downloads import DYNAMODB_LOCAL, MONGOD, Download

BASE_SUITE = "bookworm"
BASE_TAG = f"requests-cache-tests/base:{BASE_SUITE}"


@dataclass(frozen=True)
class Image:
    """One service's image.

    `published` is its name in a registry, `name` the folder here that holds its Dockerfile, and
    `download` what the build needs and no Debian package has.
    """

    name: str
    published: str
    download: Download | None = None

    @property
    def dockerfile(self) -> Path:
        return Path(__file__).with_name(self.name) / "Dockerfile"

    @property
    def built(self) -> str:
        """The tag of our own build; it changes whenever what goes into the build does."""
        download = self.download.sha256 if self.download else ""
        recipe = "\n".join([BASE_TAG, download, self.dockerfile.read_text(encoding="utf-8")])
        digest = hashlib.sha256(recipe.encode()).hexdigest()[:12]
        return f"requests-cache-tests/{self.name}:{digest}"


REDIS = Image("redis", "redis:7")
MONGODB = Image("mongodb", "mongo:7", MONGOD)
DYNAMODB = Image("dynamodb", "amazon/dynamodb-local:latest", DYNAMODB_LOCAL)
POSTGRES = Image("postgres", "postgres:16")
CATALOG = (REDIS, MONGODB, DYNAMODB, POSTGRES)
