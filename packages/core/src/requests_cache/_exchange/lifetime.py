"""How long a response is kept: per request, else per URL, else per session."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from ..expiration import DO_NOT_CACHE, ExpirationTime, absolute_expiration

if TYPE_CHECKING:
    from ..settings import CacheSettings
    from .request_context import Options

__all__ = ["Lifetime"]


class Lifetime(NamedTuple):
    """The value of `expire_after` that holds for a request."""

    value: ExpirationTime
    is_specific: bool
    """Whether it was given for this request or URL, and not for the whole session."""

    @classmethod
    def of(cls, url: str, settings: CacheSettings, options: Options) -> Lifetime:
        """Find the value that holds for a request."""
        if options.given:
            return cls(options.expire_after, True)
        if settings.urls_expire_after:
            matched, value = settings.url_rules.match(url)
            if matched:
                return cls(value, True)
        return cls(settings.expire_after, False)

    @property
    def is_cached(self) -> bool:
        """Say whether the cache is used at all."""
        return self.value != DO_NOT_CACHE

    def expires(self, now: float) -> float | None:
        """Give the time of expiry; None for never."""
        return absolute_expiration(self.value, now)
