"""Docker images of the services: pulled where a registry answers, else built from here."""

from __future__ import annotations

from .catalog import CATALOG, DYNAMODB, MONGODB, REDIS, Image
from .engine import DockerError, engine_trouble
from .supply import ensure_image, present_image

__all__ = [
    "CATALOG",
    "DYNAMODB",
    "MONGODB",
    "REDIS",
    "DockerError",
    "Image",
    "engine_trouble",
    "ensure_image",
    "present_image",
]
