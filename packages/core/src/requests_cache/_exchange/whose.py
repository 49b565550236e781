"""Whether what is stored may be the answer of who asks."""

from __future__ import annotations

from http.cookiejar import Cookie
from typing import TYPE_CHECKING, Any, Final

from requests.cookies import MockRequest

from .. import clock
from .._matching.credentials import REDACTED
from ..models.describe import has_values, kept_place
from .jar_marks import marks_of

if TYPE_CHECKING:
    from requests import PreparedRequest

    from ..models.fields import Fields
    from ..models.response import CachedResponse
    from .asking import Asking
    from .host import Host

__all__ = ["has_needs", "holds", "note_half", "why_not"]

_NEVER: Final = 2**31


def why_not(asking: Asking, stored: CachedResponse) -> str | None:
    """Say why a stored response is not this caller's; None if it is."""
    fields = stored.record.fields
    owner = fields.get("owner")
    if owner != asking.owner and (owner is not None or _is_somebodys(stored)):
        return "owner"
    selected = fields.get("selected")
    if selected is not None and selected != asking.selection():
        return "selected"
    chain = asking.chain
    if chain.is_anew or chain.passed == asking.request.url:
        return "needs"
    if holds(asking, fields):
        return None
    note_half(asking, stored.status_code)
    return "needs"


def note_half(asking: Asking, status: int) -> None:
    """Note that what is stored is only half of what was said; after a redirect, ask for all.

    With `replay_cookies` the other half comes with the redirect itself.
    """
    if 300 <= status < 400 and not asking.session.settings.replay_cookies:
        asking.chain.is_anew = True


def _is_somebodys(stored: CachedResponse) -> bool:
    """Say whether a record of version 0.1 could be that of somebody else."""
    fields = stored.record.fields
    request = fields["request"]
    said = [value for _, value in request["headers"]] + [request["url"], fields["url"]]
    headers = stored.headers
    vary = headers.get("Vary", "").lower()
    return (
        any(REDACTED in str(text) for text in said)
        or "private" in headers.get("Cache-Control", "").lower()
        or "authorization" in vary
        or "cookie" in vary
        or "Set-Cookie" in headers
        or any(hop["status"] == 401 for hop in fields.get("history", ()))
    )


def holds(asking: Asking, fields: Fields) -> bool:
    """Say whether the jar has what a stored response has set, gets it, or cannot keep it."""
    missing = _missing(asking.session, asking.request, fields)
    asking.missing = missing or asking.missing
    return missing is None


def has_needs(session: Host, request: PreparedRequest, fields: Fields) -> bool:
    """Say what `holds` says, of a request of which nothing else has to be known."""
    return _missing(session, request, fields) is None


def _missing(session: Host, request: PreparedRequest, fields: Fields) -> str | None:
    """Give the name of a cookie that a response has set, and the jar neither has nor refuses."""
    needs = fields.get("needs")
    if not needs or session.is_for_one_call:
        return None
    if session.settings.replay_cookies and has_values(fields.get("cookies", ())):
        return None
    jar, marks, now = session.cookies, marks_of(session.cookies), clock.now()
    ignored = session.cache.matching.ignored
    held = {
        kept_place(cookie)
        for cookie in jar
        if isinstance(cookie, Cookie) and not cookie.is_expired(now)  # type: ignore[arg-type]  # typeshed wants int, any number works
    }
    held.update(map(kept_place, marks.refused))
    for name, domain, path in needs:
        if name.lower() in ignored or (domain, path, name) in held:
            continue
        if not _is_refused(jar, request, name, domain, path):
            return str(name)
    return None


def _is_refused(jar: Any, request: PreparedRequest, name: str, domain: str, path: str) -> bool:
    """Say whether the policy of a jar refuses a cookie."""
    policy = getattr(jar, "_policy", None)
    if policy is None:
        return False
    cookie = Cookie(
        0, name, "x", None, False, domain, bool(domain.startswith(".")), domain.startswith("."),
        path, True, False, _NEVER, False, None, None, {},
    )  # fmt: skip
    return not policy.set_ok(cookie, MockRequest(request))
