"""Copying what an older version left in the very place of a cache, be it a server, once."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..errors import StorageError
from . import migrate
from .sources import holds_cache

if TYPE_CHECKING:
    from ..backends.base import BaseCache

__all__ = ["take_over"]

logger: logging.Logger = logging.getLogger("requests_cache")

_NOTE = "taken over"


def take_over(cache: BaseCache) -> None:
    """Copy the responses that requests-cache left in the place of a cache.

    It is done once for each cache. Pickles in it are trusted; what was there stays. A store that
    fails is warned of, and the next session tries again.
    """
    place = cache.earlier_place
    try:
        if place is not None and cache.read_note(_NOTE) is None:
            _take_over_from(*place, cache)
    except StorageError as error:
        logger.warning("%r: what requests-cache left was not copied: %s", cache, error)


def _take_over_from(
    source: str | Path, backend: str | None, connection: Any, cache: BaseCache
) -> None:
    if isinstance(source, Path) and not holds_cache(source):
        return
    report = migrate(source, cache, backend=backend, connection=connection, trust_pickle=True)
    cache.write_note(_NOTE, report.copied)
    logger.info("%r: of what requests-cache left: %s", cache, report)
    if report.failed:
        why = next(iter(report.failed.values()))
        logger.warning("%r: %d could not be: %s", cache, len(report.failed), why)
