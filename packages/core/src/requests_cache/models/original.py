"""What every response shows of itself, and the response that came from the origin."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from math import floor
from typing import TYPE_CHECKING, Any

from requests import Response

from .. import clock

if TYPE_CHECKING:
    from ..expiration import ExpirationTime
    from ..policy.cache_status import CacheStatus

__all__ = ["DRAINED", "BaseResponse", "OriginalResponse", "attributes_of", "set_attributes"]

DRAINED = "_is_drained"
"""Is among the attributes of a response whose body was read as if through its `raw`."""

attributes_of: Callable[[Response], dict[str, Any]] = Response.__dict__["__dict__"].__get__
"""Give the attributes that a response has by now; `vars()` of a hit builds the rest."""
set_attributes: Callable[[Response, dict[str, Any]], None] = Response.__dict__["__dict__"].__set__
"""Give a response other attributes."""


class BaseResponse(Response):
    """What both kinds of response show of themselves."""

    from_cache = False
    revalidated = False
    cache_key: str | None = None
    created_at: datetime | None = None
    expires: datetime | None = None

    @property
    def size(self) -> int:
        """Give the size of the body in bytes, as far as it has been read."""
        return len(self._content) if isinstance(self._content, bytes) else 0

    @property
    def expires_unix(self) -> int | None:
        """Give `expires` in whole seconds since the epoch; None for never."""
        return None if self.expires is None else round(self.expires.timestamp())

    @property
    def expires_delta(self) -> int | None:
        """Give the seconds until `expires`, rounded; None for never."""
        return None if self.expires is None else round(self.expires.timestamp() - clock.now())

    @property
    def ttl(self) -> int | None:
        """Give the seconds until `expires`, rounded down, negative if it has; None for never."""
        return None if self.expires is None else floor(self.expires.timestamp() - clock.now())

    @property
    def is_expired(self) -> bool:
        """Say whether the stored copy, if there is one, has expired."""
        return self.expires is not None and self.expires.timestamp() <= clock.now()

    def is_older_than(self, older_than: ExpirationTime) -> bool:
        """Say whether it was received before a time, or longer ago than a duration.

        What is not stored was received just now.
        """
        from ..policy.expiration import get_expiration_datetime

        latest = get_expiration_datetime(older_than, negative_delta=True)
        created = self.created_at or datetime.fromtimestamp(clock.now(), UTC)
        return latest is not None and created < latest

    def __repr__(self) -> str:
        """Show whether it is a hit, its status, URL, size and times; secrets in the URL are not."""
        from .printing import show_response

        return show_response(self)


class OriginalResponse(BaseResponse):
    """A response that came from the origin, with the attributes that a cached one has."""

    cache_status: CacheStatus | None = None

    @staticmethod
    def mark(
        response: Response,
        status: CacheStatus,
        stored: BaseResponse | None = None,
        key: str | None = None,
    ) -> Response:
        """Give a response of the origin the attributes that one from the cache has.

        What came from the origin's side may itself be a hit, of this cache or of another one: it
        has them.
        """
        if isinstance(response, BaseResponse) and not isinstance(response, OriginalResponse):
            return response
        if type(response) is Response:
            response.__class__ = OriginalResponse
        # Another library's subclass keeps its class and gets attributes of its own.
        marked: Any = response
        marked.cache_status = status
        marked.from_cache = False
        marked.revalidated = False
        marked.cache_key = key
        # A response with an error status is false.
        marked.created_at = None if stored is None else stored.created_at
        marked.expires = None if stored is None else stored.expires
        return response

    @classmethod
    def wrap_response(cls, response: Response, actions: object = None) -> Response:
        """Give a response the attributes that one from the cache has, as version 1 calls it.

        Args:
            response: the response, which is changed.
            actions: what was decided; if it has a `cache_key`, so has the response.
        """
        from ..policy.cache_status import CacheStatus

        key = getattr(actions, "cache_key", None)
        return cls.mark(response, CacheStatus(fwd="bypass", detail="wrap_response"), key=key)
