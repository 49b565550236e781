"""What every response shows of itself, from the cache or not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from math import floor
from typing import TYPE_CHECKING, Any

from requests import Response

from .. import _door, clock
from .._matching.credentials import Redactor

if TYPE_CHECKING:
    from ..expiration import ExpirationTime

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
        method = getattr(self.request, "method", None) or ""
        what = " ".join(filter(None, (method, Redactor().url(self.url or ""))))
        return f"<{type(self).__name__} [{self.status_code}] {what} ({', '.join(self._shown())})>"

    def _shown(self) -> Iterator[str]:
        # Imported on first use, for few responses are printed.
        from ..notebook import age_text, expiry_text, size_text

        created, expires = self.created_at, self.expires
        if self.revalidated:
            yield "hit, revalidated"
        elif self.from_cache:
            yield "hit"
        else:
            yield "miss, not stored" if created is None else "miss, stored"
        is_unread = not self.from_cache and self._content is False
        yield "body not read" if is_unread else size_text(self.size)
        if created is None:
            return
        now = clock.now()
        yield f"{age_text(now - created.timestamp())} old"
        if expires is None:
            yield "never expires"
        else:
            left = expires.timestamp() - now
            yield f"{'expires' if left > 0 else 'expired'} {expiry_text(left)}"


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
