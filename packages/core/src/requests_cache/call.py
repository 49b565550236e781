"""What travels with a call from `request` to `send`: the caller's wishes."""

from __future__ import annotations

from typing import NamedTuple

from .expiration import ExpirationTime

__all__ = ["Call", "Options"]


class Options(NamedTuple):
    """What a caller asked of the cache for one request."""

    expire_after: ExpirationTime = None
    only_if_cached: bool = False
    refresh: bool = False
    force_refresh: bool = False
    given: bool = False
    """Whether `expire_after` was given; None is a value of its own."""


class Call(NamedTuple):
    """A call on its way from `request` to `send`, and to the requests of its redirects."""

    options: Options
    stream: bool | None = None
    """Whether the caller reads the body; None until the first request is sent."""
    keys: list[str] | None = None
    """Where the keys of the requests sent are noted; the first is that of the caller's own."""
    owner: object = None
    """The session that was called."""
