"""Whose an answer of the origin is, written into its record; or why it is stored for nobody."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests.exceptions import RequestException

from .._matching.owner import is_asked_for, value_in
from ..models.describe import cookies_in, flags_of_owner, needs_of
from .jar_marks import going, marks_of
from .telling import tells

if TYPE_CHECKING:
    from http.cookiejar import Cookie

    from requests import PreparedRequest, Response

    from ..models.response import CachedResponse
    from .asking import Asking
    from .host import Host

__all__ = ["refusal", "seal"]


def seal(asking: Asking, cached: CachedResponse, response: Response) -> str | None:
    """Say in a record whose it is; give why it is not to be stored, if it is not.

    Args:
        asking: who asks.
        cached: the response as it is to be stored.
        response: the response of the origin.
    """
    is_telling = tells(asking, cached, response)
    selects = _selects(asking, response, is_telling)
    news = [cookie.name for cookie in cookies_in(response.cookies) if _is_new(asking, cookie)]
    if selects and is_telling and news:
        asking.cause = "selection", news[0]
        return "cookie-in-body"
    lost = _lost(asking, selects)
    if lost is not None:
        asking.cause = "selection" if selects else "cookie", (news or [*sorted(lost), ""])[0]
        return "not-found-again"
    fields = cached.record.fields
    fields["owner"] = asking.owner
    if selects:
        fields["selected"] = asking.selection()
    if needs := needs_of(response, asking.ignored):
        fields["needs"] = needs
    cached.record.flags |= flags_of_owner(fields)
    return None


def _selects(asking: Asking, response: Response, is_telling: bool) -> bool:
    """Say whether the values of cookies select an answer."""
    names = asking.session.settings.match_cookies
    if names is not None:
        return bool(names)
    if asking.is_shared:
        return is_telling
    said = value_in(response.headers, "Cache-Control") or ""
    vary = value_in(response.headers, "Vary") or ""
    return is_telling or "private" in said.lower() or "cookie" in vary.lower()


def _is_new(asking: Asking, cookie: Cookie) -> bool:
    pair = (cookie.name, cookie.value or "")
    return is_asked_for(cookie.name, asking.ignored) and pair not in asking.pairs


def _lost(asking: Asking, selects: bool) -> set[str] | None:
    """Give the cookies that went, if the same call in this jar could not find the answer again."""
    jar = asking.session.cookies
    if asking.session.is_for_one_call or not (asking.pairs or marks_of(jar).arrived):
        return None
    held = {(c.name, c.value or "") for c in going(jar, asking.request)} | asking.chain.programs
    after = asking.look(tuple(sorted(held)))
    is_same = asking.key_with(after) == asking.key_with(asking.asker)
    if is_same and not (selects and asking.selection(after.cookies) != asking.selection()):
        return None
    return {name for name, value in asking.pairs if (name, value) not in held}


def refusal(asking: Asking) -> str | None:
    """Say why no answer to the request is stored, whatever it is."""
    if asking.is_changed:
        return "owner-changed"
    if asking.is_shared:
        return None
    if asking.asker.is_open:
        return "auth-shows-nothing"
    return "ssl-context" if _has_certificate(asking.session, asking.request) else None


def _has_certificate(session: Host, request: PreparedRequest) -> bool:
    """Say whether an adapter has a certificate of its own, or an SSLContext that may hold one."""
    url = request.url or ""
    if not url.lower().startswith("https:"):
        return False
    try:
        pool = getattr(session.get_adapter(url), "poolmanager", None)
    except RequestException:
        return False
    given = getattr(pool, "connection_pool_kw", {})
    return any(given.get(name) is not None for name in ("ssl_context", "cert_file", "key_file"))
