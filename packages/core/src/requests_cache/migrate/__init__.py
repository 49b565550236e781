"""Copy a cache that requests-cache 0.7 to 1.3 wrote into one of ours.

    >>> from requests_cache.migrate import migrate
    >>> migrate("http_cache.sqlite", cache, trust_pickle=True)  # doctest: +SKIP
    Migrated(copied=120, failed={})

Keys differ between the versions, so each response gets the key of its request.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from .._exchange.heads import describe_selection
from ..errors import CacheError, ConfigurationError
from ..models.describe import describe_history
from ..models.response import CachedResponse
from .legacy import build_response, parse_stored, timestamp
from .sources import read_source

if TYPE_CHECKING:
    from ..backends.cache import BaseCache

__all__ = ["Migrated", "migrate"]


class Migrated(NamedTuple):
    """What became of an older cache."""

    copied: int
    """Responses that are in the new cache now."""
    failed: dict[str, str]
    """Why others are not, by their keys in the older cache."""


def migrate(source: str | Path, target: BaseCache, *, trust_pickle: bool = False) -> Migrated:
    """Copy every response, expired or not, with the redirects that led to it.

    Args:
        source: a SQLite file or a folder, made by the SQLite or the filesystem backend of
            requests-cache 0.7 to 1.3. It is only read.
        target: a cache of any backend; give it the matching options that your session will have.
        trust_pickle: read pickles, which is what these versions wrote by default. Only names that
            a response needs are looked up in them.

    Raises:
        ConfigurationError: the source is no such cache, or holds pickles that are not trusted.
    """
    copied = 0
    failed: dict[str, str] = {}
    for key, data in read_source(Path(source)):
        try:
            _copy(data, target, trust_pickle)
        except ConfigurationError:
            raise
        except CacheError as error:
            failed[key] = str(error)
        else:
            copied += 1
    return Migrated(copied, failed)


def _copy(data: bytes, target: BaseCache, trust_pickle: bool) -> None:
    stored = parse_stored(data, trust_pickle)
    response = build_response(stored)
    redactor = target.matching.redactor
    history, response.history = response.history, []
    key = target.create_key(response.request)
    cached = CachedResponse.from_response(
        response,
        created=timestamp(stored.get("created_at")),
        expires=timestamp(stored.get("expires")),
        redactor=redactor,
        key=key,
    )
    cached.change_fields(**describe_selection(response, cached.record.created, redactor))
    target.write_response(key, cached)
    described = describe_history(history, redactor)
    for number, hop in enumerate(history):
        target.save_redirect(hop.request, key, described[number:])
