"""Copy a cache that requests-cache 0.7 to 1.3 wrote into one of ours.

    >>> from requests_cache.migrate import migrate
    >>> print(migrate("http_cache.sqlite", cache, trust_pickle=True))  # doctest: +SKIP
    120 copied; 2 left out, as somebody's: 2 with Cookie

Keys differ between the versions, so each response gets the key of its request.
"""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Iterable, Mapping
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from requests import Response

from .._exchange.heads import describe_selection
from .._matching.owner import NOBODY, ask
from ..backends.views import Progress, watched
from ..errors import CacheError, ConfigurationError, StorageError
from ..models.describe import describe_history, note_owner
from ..models.response import CachedResponse
from .legacy import Stored, build_response, holds_cache, parse_stored, read_source, timestamp

if TYPE_CHECKING:
    from ..backends.cache import BaseCache

__all__ = ["Migrated", "migrate"]

logger: logging.Logger = logging.getLogger("requests_cache")

_NOTE = "taken over"


class Migrated(NamedTuple):
    """What became of an older cache."""

    copied: int
    """Responses that are in the new cache now."""
    failed: dict[str, str]
    """Why others are not, by their keys in the older cache."""
    left: dict[str, int] = {}  # noqa: RUF012  # never changed
    """How many were left out, for they belong to somebody, by what says so."""

    def __str__(self) -> str:
        """Say how many were copied, and what was not, and why."""
        parts = [f"{self.copied} copied"]
        if self.left:
            signs = ", ".join(f"{count} with {sign}" for sign, count in self.left.items())
            parts.append(f"{sum(self.left.values())} left out, as somebody's: {signs}")
        if self.failed:
            reasons = Counter(self.failed.values()).most_common()
            whys = ", ".join(f"{count} because {why}" for why, count in reasons)
            parts.append(f"{len(self.failed)} failed: {whys}")
        return "; ".join(parts)


class _Options(NamedTuple):
    """How responses are taken over."""

    trust_pickle: bool
    ignore_cookies: bool
    partition: str | None
    dry_run: bool


def migrate(
    source: str | Path,
    target: BaseCache,
    *,
    backend: str | None = None,
    connection: Any = None,
    trust_pickle: bool = False,
    cookies: str = "leave",
    partition: str | None = None,
    dry_run: bool = False,
    progress: Progress | bool = False,
) -> Migrated:
    """Copy every response that is nobody's, expired or not, with the redirects that led to it.

    What was fetched with a cookie or a credential is left out: earlier versions gave it to
    anybody. A target with `match_credentials=False` does so too, and gets all of it.

    Args:
        source: a SQLite file or a folder, made by requests-cache 0.7 to 1.3; with a `backend` that
            has a server, the name that the cache has there. It is only read.
        target: a cache of any backend; give it the matching options that your session will have.
        backend: "redis", "mongo", "gridfs" or "dynamodb"; what is at a path is known as what it is.
        connection: client of redis-py, pymongo or boto3 to read with, which is not closed; by
            default one with the usual settings.
        trust_pickle: read pickles, which is what these versions wrote by default. Only names that
            a response needs are looked up in them.
        cookies: "ignore" copies what was fetched with a cookie as if it had been without one: for
            a cache that one person has used, and will.
        partition: copies all of it, for a session with this `partition=`: for a cache that one
            person has used.
        dry_run: store nothing, and say what would be.
        progress: is told how many are done, and of how many; True shows a bar.

    Raises:
        ConfigurationError: the source is no such cache, or holds pickles that are not trusted, or
            an option has a wrong value.
        NotInstalledError: the backend is not installed.
        StorageError: the server cannot be read, or the target fails.
    """
    if cookies not in ("leave", "ignore"):
        raise ConfigurationError(f"cookies={cookies!r}: choose 'leave' or 'ignore'")
    asker = target.matching.digest_partition(partition)
    options = _Options(trust_pickle, cookies == "ignore", asker, dry_run)
    stored: Iterable[tuple[str, Stored]] = read_source(source, backend, connection)
    if progress:
        stored = list(stored)
        stored = watched(stored, len(stored), progress)
    return _take(stored, target, options)


def _take(stored: Iterable[tuple[str, Stored]], target: BaseCache, options: _Options) -> Migrated:
    copied = 0
    failed: dict[str, str] = {}
    left: Counter[str] = Counter()
    for key, data in stored:
        try:
            sign = _take_one(data, target, options)
        except (ConfigurationError, StorageError):
            raise  # it is not the fault of what was stored
        except CacheError as error:
            failed[key] = str(error)
        else:
            copied += sign is None
            left.update(() if sign is None else (sign,))
    return Migrated(copied, failed, dict(left))


def _take_one(data: Stored, target: BaseCache, options: _Options) -> str | None:
    """Copy a response; give what says that it is somebody's, and was left out."""
    fields = parse_stored(data, options.trust_pickle)
    response = build_response(fields)
    for each in chain((response,), response.history):
        if options.ignore_cookies:
            each.request.headers.pop("Cookie", None)
        if options.partition is not None:
            ask(each.request, NOBODY._replace(partition=options.partition))
    sign = None if options.partition else _sign_of_somebody(response, target)
    if sign is None and not options.dry_run:
        _copy(fields, response, target)
    return sign


def _sign_of_somebody(response: Response, target: BaseCache) -> str | None:
    """Give what in a request, or in one that was redirected to it, says who asked."""
    if not target.matching.match_credentials or target.matching.key_fn is not None:
        return None
    for each in (response, *response.history):
        for place, _ in sorted(target.matching.word_of(each.request, NOBODY)):
            kind, _, name = place.partition(" ")
            return name.title() if kind == "header" else place
    return None


def _copy(stored: Mapping[str, Any], response: Response, target: BaseCache) -> None:
    redactor = target.matching.redactor
    history, response.history = response.history, []
    key = target.create_key(response.request)
    cached = CachedResponse.from_response(
        response,
        created_at=timestamp(stored.get("created_at")),
        expires=timestamp(stored.get("expires")),
        redactor=redactor,
        cache_key=key,
        keep_cookies=False,
    )
    cached.change_fields(**describe_selection(response, cached.record.created, redactor))
    note_owner(cached.record, response, target.matching)
    target.write_response(key, cached)
    described = describe_history(history, redactor)
    for number, hop in enumerate(history):
        target.save_redirect(hop.request, key, described[number:])


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
