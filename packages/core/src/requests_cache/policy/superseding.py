"""Which stored responses a new one replaces or proves wrong (RFC 9111, sections 3.4 and 4.3.3)."""

from __future__ import annotations

from .ranges import parse_content_range
from .transaction import Transaction
from .validators import contradict
from .values import StoredHead


def superseded(this: Transaction) -> tuple[StoredHead, ...]:
    """Return what to remove: the most recent answer counts, whether it is stored or not.

    An error that speaks of the request or of the server's state says nothing about what is
    stored, other errors apart; a missing resource does.
    """
    status = this.response.status
    same = [head for head in this.matching if head.method == this.request.method]
    if status >= 400 and status not in (404, 410):
        return tuple(head for head in same if head.status >= 400)
    if status == 206:
        return tuple(head for head in same if _outdated(head, this))
    return tuple(same)


def adds_nothing(this: Transaction) -> bool:
    """Say whether a part arrived of what is stored as a whole."""
    return any(
        head.status != 206 and not contradict(head.headers, this.response.headers)
        for head in this.matching
    )


def _outdated(stored: StoredHead, this: Transaction) -> bool:
    if contradict(stored.headers, this.response.headers):
        return True
    old = parse_content_range(stored.headers.joined("content-range"))
    new = parse_content_range(this.response.headers.joined("content-range"))
    if old is None or new is None:
        return False
    return new.span.first <= old.span.first and old.span.last <= new.span.last
