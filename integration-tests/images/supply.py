"""Getting an image by whatever way works: it is here, or it is pulled, or it is built."""

from __future__ import annotations

from .build import build
from .cache import one_at_a_time
from .catalog import Image
from .engine import DockerError, has_image
from .registry import pull


def present_image(image: Image) -> str | None:
    """Return the tag under which the engine has the image already."""
    return next((tag for tag in (image.published, image.built) if has_image(tag)), None)


def ensure_image(image: Image) -> str:
    """Return the tag of a usable image, pulling or building it first when it is not here.

    Raises `DockerError` naming both failures.
    """
    with one_at_a_time(image.name):
        tag = present_image(image)
        if tag:
            return tag
        trouble = pull(image.published)
        if trouble is None:
            return image.published
        try:
            return build(image)
        except DockerError as error:
            message = f"{image.published} cannot be pulled ({trouble}) nor built: {error}"
            raise DockerError(message) from error
