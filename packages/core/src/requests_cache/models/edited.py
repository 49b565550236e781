"""A response that somebody has taken from a cache, changed, and stores again."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.structures import CaseInsensitiveDict

from .describe import flags_of
from .original import attributes_of
from .record import Flag, Record

if TYPE_CHECKING:
    from .fields import Fields
    from .timed import TimedResponse

__all__ = ["with_edits"]

_OF_FIELDS = Flag.VALIDATOR | Flag.VARY


def with_edits(response: TimedResponse, before: TimedResponse, expires: float | None) -> Record:
    """Give what is stored of a response, and in it what has been changed since it was made.

    That may be its status, reason, encoding, header fields, body and times. The rest stays as it is
    stored: what is shown may be the caller's own.

    Args:
        response: the response, with its body in memory.
        before: the same as it was made of its record.
        expires: when it expires, in seconds since the epoch; None for never.
    """
    own = attributes_of(response)
    record: Record = own.get("_stored", response.record)
    fields: Fields = {**record.fields}
    for name in ("reason", "encoding"):
        if name in own and own[name] != getattr(before, name):
            fields[name] = own[name]
    if "headers" in own:
        fields["headers"] = _edited(record.fields["headers"], before.headers, own["headers"])
    body, flags = record.body, record.flags
    content = own.get("_content")
    if isinstance(content, bytes) and content is not body and content != before.content:
        body, flags = content, flags & ~Flag.ENCODED
    status = own.get("status_code", record.status)
    created = response.record.created
    if fields == record.fields and body is record.body and status == record.status:
        return record.with_times(created, expires)
    flags = flags & ~_OF_FIELDS | flags_of(fields)
    return Record(status, created, expires, fields, body, flags)


def _edited(
    stored: list[tuple[str, str]], before: CaseInsensitiveDict[str], now: dict[str, str]
) -> list[tuple[str, str]]:
    """Give the stored header fields, those that differ from before in the form they have now."""
    changed = {name.lower(): (name, now[name]) for name in now if before.get(name) != now[name]}
    left = {name.lower() for name in now} - changed.keys()
    return [item for item in stored if item[0].lower() in left] + list(changed.values())
