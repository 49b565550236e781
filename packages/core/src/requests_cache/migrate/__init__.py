"""Copy a cache that requests-cache 0.7 to 1.3 wrote into one of ours.

    >>> from requests_cache.migrate import migrate
    >>> migrate("http_cache.sqlite", cache, trust_pickle=True)  # doctest: +SKIP
    Migrated(copied=120, failed={}, left={'Cookie': 2})

Keys differ between the versions, so each response gets the key of its request.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from requests import Response

from .._exchange.heads import describe_selection
from .._matching.owner import NOBODY
from ..errors import CacheError, ConfigurationError
from ..models.describe import describe_history
from ..models.owning import note_owner
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
    left: dict[str, int] = {}  # noqa: RUF012  # never changed
    """How many were left out, for they belong to somebody, by what says so."""


def migrate(
    source: str | Path,
    target: BaseCache,
    *,
    trust_pickle: bool = False,
    cookies: str = "leave",
    dry_run: bool = False,
) -> Migrated:
    """Copy every response that is nobody's, expired or not, with the redirects that led to it.

    What was fetched with a cookie or a credential is left out: earlier versions gave it to
    anybody. A target with `match_credentials=False` does so too, and gets all of it.

    Args:
        source: a SQLite file or a folder, made by the SQLite or the filesystem backend of
            requests-cache 0.7 to 1.3. It is only read.
        target: a cache of any backend; give it the matching options that your session will have.
        trust_pickle: read pickles, which is what these versions wrote by default. Only names that
            a response needs are looked up in them.
        cookies: "ignore" copies what was fetched with a cookie as if it had been without one: for
            a cache that one person has used, and will.
        dry_run: store nothing, and say what would be.

    Raises:
        ConfigurationError: the source is no such cache, or holds pickles that are not trusted, or
            `cookies` is neither "leave" nor "ignore".
    """
    if cookies not in ("leave", "ignore"):
        raise ConfigurationError(f"cookies={cookies!r}: choose 'leave' or 'ignore'")
    copied = 0
    failed: dict[str, str] = {}
    left: Counter[str] = Counter()
    for key, data in read_source(Path(source)):
        try:
            stored = parse_stored(data, trust_pickle)
            response = build_response(stored)
            if cookies == "ignore":
                _forget_cookies(response)
            sign = _sign_of_somebody(response, target)
            if sign is None and not dry_run:
                _copy(stored, response, target)
        except ConfigurationError:
            raise
        except CacheError as error:
            failed[key] = str(error)
        else:
            copied += sign is None
            left.update(() if sign is None else (sign,))
    return Migrated(copied, failed, dict(left))


def _forget_cookies(response: Response) -> None:
    for each in (response, *response.history):
        each.request.headers.pop("Cookie", None)


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
        created=timestamp(stored.get("created_at")),
        expires=timestamp(stored.get("expires")),
        redactor=redactor,
        key=key,
        keep_cookies=False,
    )
    cached.change_fields(**describe_selection(response, cached.record.created, redactor))
    note_owner(cached, response, target.matching)
    target.write_response(key, cached)
    described = describe_history(history, redactor)
    for number, hop in enumerate(history):
        target.save_redirect(hop.request, key, described[number:])
