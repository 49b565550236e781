"""When two responses from the cache are the same: what is stored counts, not who asked.

Earlier versions compare so, too. A body that streams is not read for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .detached import DetachedRecord
from .original import attributes_of

if TYPE_CHECKING:
    from .timed import TimedResponse

__all__ = ["same_response"]


def same_response(one: TimedResponse, other: TimedResponse) -> bool:
    """Say whether two responses have the same status, header fields, body and times.

    Args:
        one: a response; a status or header fields that a caller has changed count as they are now.
        other: another one, or the same.
    """
    return one is other or _facts(one) == _facts(other)


def _facts(response: TimedResponse) -> tuple[Any, ...]:
    record = attributes_of(response).get("_stored", response.record)
    # Its size stands for a body that can be read but once.
    body = record.size if record.__class__ is DetachedRecord else record.body
    times = record.created, response.expires_at
    fields = {name: value for name, value in record.fields.items() if name != "request"}
    return response.status_code, response.headers, times, fields, body
