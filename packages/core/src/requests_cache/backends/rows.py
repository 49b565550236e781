"""What a table of responses says of each, without its body."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, TypedDict

from ..errors import RecordError
from .selection import media_type

if TYPE_CHECKING:
    from ..models.response import CachedResponse

__all__ = ["Row", "row_of"]


class Row(TypedDict):
    """One response; credentials were replaced when it was stored."""

    url: str
    method: str
    status: int
    content_type: str
    """Media type without parameters; "" where the response says none."""
    size: int
    """Bytes of the body as it is stored."""
    created_at: datetime
    """When it was received or last validated, in UTC."""
    expires: datetime | None
    """When it expires, in UTC; None for never."""
    is_expired: bool
    key: str


def row_of(response: CachedResponse) -> Row:
    """Give the row of a response.

    Raises:
        RecordError: what is stored has not the form of a response.
    """
    record = response.record
    try:
        return Row(
            url=record.url,
            method=record.fields["request"]["method"] or "",
            status=record.status,
            content_type=media_type(record),
            size=record.size,
            created_at=response.created_at,
            expires=response.expires,
            is_expired=response.is_expired,
            key=response.cache_key or "",
        )
    except (AttributeError, KeyError, TypeError, ValueError, OverflowError) as error:
        raise RecordError(f"the record has not the form of a response: {error}") from error
