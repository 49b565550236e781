"""A stored response is its caller's: his times and fields, his request, the cookies of his jar."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from http.cookiejar import Cookie
from math import floor, inf
from typing import TYPE_CHECKING, Any

from .. import clock
from ..expiration import absolute_expiration, from_timestamp
from .cookies import kept_place, with_values
from .original import BaseResponse, attributes_of

if TYPE_CHECKING:
    from typing import Unpack

    from requests import PreparedRequest

    from ..expiration import ExpirationTime
    from .fields import Fields
    from .record import Record

__all__ = ["TimedResponse", "fit", "in_seconds"]


class TimedResponse(BaseResponse):
    """Has the times and fields of its record, and changes them for itself alone."""

    record: Record

    @property
    def ttl(self) -> int | None:
        """Give the seconds until the response expires, negative if it has; None for never."""
        return None if self.record.expires == inf else floor(self.record.expires - clock.now())

    @property
    def created_at(self) -> datetime:
        """Give the time at which the response was received or last validated, in UTC."""
        return datetime.fromtimestamp(self.record.created, UTC)

    @created_at.setter
    def created_at(self, when: datetime) -> None:
        self.record = self.record.with_times(in_seconds(when) or 0.0, self.expires_at)

    @property
    def expires(self) -> datetime | None:
        """Give the time at which the response expires, in UTC; None for never.

        It may be set; the stored one stays as it is until the response is saved.
        """
        return from_timestamp(self.expires_at)

    @expires.setter
    def expires(self, when: datetime | float | None) -> None:
        self.set_expiration(in_seconds(when))

    @property
    def expires_at(self) -> float | None:
        """Give `expires` in seconds since the epoch; None for never."""
        return None if self.record.expires == inf else self.record.expires

    def set_expiration(self, expires: float | None) -> None:
        """Change when this object says that it expires; the stored one stays as it is."""
        self.record = self.record.with_times(self.record.created, expires)

    @property
    def is_expired(self) -> bool:
        """Say whether the response has expired."""
        return self.record.expires <= clock.now()

    def reset_expiration(self, expire_after: ExpirationTime) -> bool:
        """Give this object another lifetime, counted from now; say whether it has expired by it."""
        self.set_expiration(absolute_expiration(expire_after, clock.now()))
        return self.is_expired

    def change_fields(self, **changes: Unpack[Fields]) -> None:
        """Change fields of this object's record; the stored one stays as it is."""
        old = self.record
        fields: Fields = {**old.fields, **changes}
        self.record = old.with_times(old.created, self.expires_at, fields)


def in_seconds(when: datetime | float | None) -> float | None:
    """Give a time in seconds since the epoch; one without a zone is in UTC, as it is stored."""
    if not isinstance(when, datetime):
        return when
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()


def fit(response: TimedResponse, request: PreparedRequest | None, jar: Iterable[Any]) -> None:
    """Give a stored response what is the caller's.

    Args:
        response: the response, or a redirect on the way to one.
        request: the caller's request that it answers; None if that was not made.
        jar: the cookies of the caller.
    """
    fields = response.record.fields
    changes: Fields = {}
    cookies = [cookie for cookie in jar if isinstance(cookie, Cookie)] if _asks(fields) else []
    headers = fields["headers"]
    if places := fields.get("own"):
        # Imported on first use: few responses repeat what is their caller's own.
        from .._matching.owner import cookie_source, numbered, put_back, values_of

        values = {cookie_source(cookie.name): cookie.value or "" for cookie in cookies}
        values.update(values_of(request) if request is not None else {})
        headers = changes["headers"] = [
            (name, put_back(line, places[place], values) if place in places else line)
            for place, (name, line) in numbered(headers)
        ]
    if "cookies" in fields:
        held = {kept_place(cookie): cookie for cookie in cookies}
        changes["cookies"], changes["headers"] = with_values(fields["cookies"], headers, held)
    if changes:
        attributes_of(response).setdefault("_stored", response.record)
        response.change_fields(**changes)
    if request is not None:
        attributes_of(response).update(request=request, url=request.url)


def _asks(fields: Fields) -> bool:
    return "cookies" in fields or "own" in fields
