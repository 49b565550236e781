"""Copying what an older version left in the very place of a cache, once."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from . import migrate
from .sources import holds_cache

if TYPE_CHECKING:
    from ..backends.base import BaseCache

__all__ = ["take_over"]

logger: logging.Logger = logging.getLogger("requests_cache")

_NOTE = "taken over"


def take_over(cache: BaseCache) -> None:
    """Copy the responses that requests-cache left in the file or folder of a cache.

    It is done once for each cache. Pickles in it are trusted; what was there stays.
    """
    place = getattr(cache, "db_path", None) or getattr(cache, "cache_dir", None)
    if not isinstance(place, Path) or cache.read_note(_NOTE) is not None:
        return
    if not holds_cache(place):
        return
    report = migrate(place, cache, trust_pickle=True)
    cache.write_note(_NOTE, report.copied)
    logger.info("%r: %d responses of requests-cache were copied", cache, report.copied)
    if report.failed:
        why = next(iter(report.failed.values()))
        logger.warning("%r: %d could not be: %s", cache, len(report.failed), why)
