"""What travels with a call: the caller's wishes, and what is put off until the network needs it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import cached_property
from typing import Any, NamedTuple

from .expiration import ExpirationTime

__all__ = ["Call", "Deferred", "Options"]


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


class Deferred(Mapping[str, str]):
    """Proxies that are looked for when somebody asks for them.

    requests looks through the whole environment for each request; only the network needs that.
    """

    def __init__(self, find: Callable[[], Mapping[str, Any]]) -> None:
        self._find = find

    @cached_property
    def settings(self) -> Mapping[str, Any]:
        """Proxies, verify, cert and stream, as the environment has them."""
        return self._find()

    def __getitem__(self, name: str) -> str:
        """Give a proxy."""
        return str(self.settings["proxies"][name])

    def __iter__(self) -> Iterator[str]:
        """Iterate over the schemes that have a proxy."""
        return iter(self.settings["proxies"])

    def __len__(self) -> int:
        """Count the proxies."""
        return len(self.settings["proxies"])
