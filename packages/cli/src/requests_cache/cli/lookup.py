"""Finding the responses that a word on the command line means: a URL, a key, or its beginning."""

from __future__ import annotations

import click
from requests_cache.backends import BaseCache
from requests_cache.models.response import CachedResponse

from .options import Choice
from .output import shown

__all__ = ["find_named", "find_one"]

_SHORTEST = 4


def find_named(cache: BaseCache, name: str) -> list[CachedResponse]:
    """Give the heads of the responses of a URL, or of a key or the beginning of keys.

    The key of a URL depends on settings of the session that stored it, so URLs are compared as
    they were stored.
    """
    whole = cache.get_response(name) if "://" not in name else None
    if whole is not None:
        return [whole]
    if "://" not in name and len(name) >= _SHORTEST:
        return list(cache.select(criteria={"key_prefix": name}))
    heads = [(head.record.url, head) for head in Choice({}).find(cache)]
    return [head for url, head in heads if url == name] or [
        head for url, head in heads if url.rstrip("/") == name.rstrip("/")
    ]


def find_one(cache: BaseCache, name: str) -> CachedResponse | None:
    """Give the one response that is meant, with its body; None if there is none.

    Raises:
        UsageError: there are several.
    """
    found = find_named(cache, name)
    if len(found) > 1:
        keys = ", ".join((each.cache_key or "")[:16] for each in found)
        raise click.UsageError(
            f"{shown(name)}: {len(found)} responses are meant; give a key: {keys}"
        )
    return cache.read_response(found[0].cache_key or "") if found else None
