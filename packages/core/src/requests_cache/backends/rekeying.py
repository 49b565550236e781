"""New keys for responses whose requests are compared in another way now."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from .._store.entry import NOTE_PREFIX
from ..models.response import CachedResponse

if TYPE_CHECKING:
    from .deletion import Deletion

__all__ = ["recreate_keys"]

logger: logging.Logger = logging.getLogger("requests_cache")


def recreate_keys(cache: Deletion) -> int:
    """Do what `BaseCache.recreate_keys` says; give how many stay as they are."""
    kept = 0
    moved: dict[str, str] = {}
    variants = set(cache.siblings_of(list(cache.responses)))
    for key, response in list(cache.read_responses(list(cache.responses))):
        names = cache.keys_of(response.request)
        if key == names[0]:
            continue
        if key in names or key in variants or _is_somebodys(response):
            kept += 1
            continue
        cache.write_response(names[0], response)
        cache.delete_responses([key])
        moved[key] = names[0]
    _redirect(cache, moved)
    logger.info("%r: %d keys are new, %d stay as they are", cache, len(moved), kept)
    return kept


def _is_somebodys(response: CachedResponse) -> bool:
    """Say whether the request had something secret, of which the key knows and nothing else."""
    fields = response.record.fields["request"]
    return "REDACTED" in repr(fields) or response.request.headers.keys() & {"Cookie"} != set()


def _redirect(cache: Deletion, moved: dict[str, str]) -> None:
    for key, alias in cache.redirects.scan(bodies=True):
        if key.startswith(NOTE_PREFIX):
            continue
        target = cache.redirects.serializer.decode(alias.head, b"")
        if target in moved:
            history: Any = cache.redirects.serializer.loads(alias.body) if alias.body else None
            cache.write_redirect(key, moved[str(target)], history, alias.keep_until)
