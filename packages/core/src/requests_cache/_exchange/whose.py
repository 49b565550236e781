"""Whose a response is: written into its record, asked of what is stored, and told in the log."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Hashable
from http.cookiejar import Cookie
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from requests.cookies import MockRequest
from requests.exceptions import RequestException

from .. import clock
from .._matching.credentials import REDACTED
from .._matching.owner import is_asked_for, value_in
from .._matching.texts import has_password_field, tells_visitor
from .._memos import Memo
from ..models.describe import cookies_in, flags_of_owner, has_values, kept_place, needs_of
from ..models.raw_response import BoundedDecoder, decoded_limit, make_decoder
from ..models.record import DetachedRecord, Flag
from .jar_marks import going, marks_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from requests import PreparedRequest, Response

    from .._matching.keys import Matching
    from ..models.fields import Fields
    from ..models.response import CachedResponse
    from ..policy import Fetch
    from .asking import Asking
    from .base import BaseExchange
    from .request_context import Host

logger = logging.getLogger("requests_cache")

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
    return None if holds(asking, stored) else "needs"


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


def holds(asking: Asking, stored: CachedResponse) -> bool:
    """Say whether the jar has what a stored response has set, gets it, or cannot keep it.

    If not, it is only half of what was said, and after a redirect all is asked for; but with
    `replay_cookies` the other half comes with the redirect itself.
    """
    missing = missing_cookie(asking.session, asking.request, stored.record.fields)
    if missing is None:
        return True
    asking.missing = missing or asking.missing
    if 300 <= stored.status_code < 400 and not asking.session.settings.replay_cookies:
        asking.chain.is_anew = True
    return False


def missing_cookie(session: Host, request: PreparedRequest, fields: Fields) -> str | None:
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
    policy = getattr(jar, "_policy", None)
    if policy is None:
        return False
    cookie = Cookie(
        0, name, "x", None, False, domain, domain.startswith("."), domain.startswith("."),
        path, True, False, _NEVER, False, None, None, {},
    )  # fmt: skip
    return not policy.set_ok(cookie, MockRequest(request))


# Whose an answer of the origin is, written into its record; or why it is stored for nobody


def seal(asking: Asking, cached: CachedResponse, response: Response) -> str | None:
    """Say in a record whose it is; give why it is not to be stored, if it is not."""
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


# Whether the body of an answer was made for one visitor, looked through a window at a time

_WINDOW: Final = 256 * 1024
# No tag that matters and no cookie is longer.
_OVERLAP: Final = 8 * 1024
_LARGEST: Final = 32 * 1024 * 1024


def tells(asking: Asking, cached: CachedResponse, response: Response) -> bool:
    """Say whether a body was made for one visitor.

    One that is handed to a store in pieces is not looked through, nor what is behind 32 MiB: where
    there are cookies it may tell whose it is.
    """
    if not _is_text(response):
        return False
    values = [cookie.value for cookie in asking.asker.cookies]
    values += [cookie.value or "" for cookie in cookies_in(response.cookies)]
    pieces = _pieces_of(cached, response)
    if pieces is None:
        return bool(values)
    size = 0
    try:
        for window, read in _windows(pieces, cached.record.fields["encoding"] or "utf-8"):
            size += read
            if has_password_field(window) if asking.is_shared else tells_visitor(window, values):
                return True
            if size > _LARGEST:
                return bool(values)
    # What is to be stored has been decoded before, by the same rules.
    except Exception:  # noqa: BLE001  # pragma: no cover  # each coding has errors of its own
        return bool(values)
    return False


def _is_text(response: Response) -> bool:
    said = value_in(response.headers, "Content-Type")
    kind = "text/" if said is None else said.partition(";")[0].strip().lower()
    return kind.startswith("text/") or "json" in kind or "xml" in kind or "javascript" in kind


def _pieces_of(cached: CachedResponse, response: Response) -> Iterable[bytes] | None:
    """Give the content of a body in pieces; None for one that is in a store already."""
    record, content = cached.record, response._content
    if isinstance(record, DetachedRecord):
        return None
    if not isinstance(content, bytes):
        content = record.body
        if record.flags & Flag.ENCODED:
            return _decoded(content, response.headers.get("Content-Encoding", ""))
    if len(content) <= _WINDOW:
        return (content,)
    return (content[start : start + _WINDOW] for start in range(0, len(content), _WINDOW))


def _decoded(content: bytes, coding: str) -> Iterator[bytes]:
    """Decode a body as a hit will do, a window at a time."""
    decoder = make_decoder(coding)
    if decoder is None:
        yield content
        return
    window = bytearray()
    for piece in BoundedDecoder(decoder, decoded_limit(len(content))).pieces(content, _WINDOW):
        window += piece
        if len(window) >= _WINDOW:
            yield bytes(window)
            window.clear()
    yield bytes(window)


def _windows(pieces: Iterable[bytes], encoding: str) -> Iterator[tuple[str, int]]:
    """Give the text of pieces, each with the end of the one before, and how much of it is new."""
    before = b""
    for piece in pieces:
        yield _decode(before + piece, encoding), len(piece)
        before = piece[-_OVERLAP:]


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding, "replace")
    except (LookupError, ValueError, Warning):
        # requests takes it for UTF-8, too, if Python cannot use the encoding.
        return content.decode("utf-8", "replace")


# What is there and is fetched all the same, because it is another's: the log says why

_MOST_REMEMBERED: Final = 256


class CredentialsSeen:
    """Remembers, in this process, the keys of requests by what they are without credentials."""

    def __init__(self) -> None:
        self._keys: Memo[Hashable, tuple[str, dict[str, str]]] = Memo(_MOST_REMEMBERED)

    def other_place(
        self,
        matching: Matching,
        request: PreparedRequest,
        key: str,
        said: dict[str, str],
        *,
        note: bool,
    ) -> str | None:
        """Say by what the same request differs from an earlier one in who asks; note this one.

        None if it does not differ, or was not made yet. One with a body is not looked at. `said`
        are digests of what says who is asking, by kind and name.
        """
        if request.body is not None or matching.key_fn is not None:
            return None
        shown = _without_credentials(matching, request)
        known, before = self._keys.get(shown, (key, said))
        if note:
            self._keys[shown] = key, said
        if known == key:
            return None
        places = {p for p in (*before, *said) if before.get(p) != said.get(p)}
        # A cookie counts because of what has happened.
        return "event" if "event" in places else min(places, default=None)


def _without_credentials(matching: Matching, request: PreparedRequest) -> Hashable:
    redactor, wanted = matching.redactor, matching.match_headers
    names = request.headers if wanted is True else wanted or ()
    fields = tuple(
        (name.lower(), str(request.headers.get(name)))
        for name in names
        if not redactor.is_secret(name)
    )
    return request.method, redactor.url(request.url or ""), fields


_SAID_AT: Final = 3
_MOST_COUNTED: Final = 256
_REMEDIES: Final = {
    "cookie": "ignored_parameters=[{name!r}] if it says nothing of who is asking,"
    " match_cookies=[...] with those that select answers, or partition='...'",
    "selection": "match_cookies=[] if answers do not depend on cookies, else match_cookies=[...]"
    " with those that select them, or partition='...'",
    "needs": "ignored_parameters=[{name!r}] if answers do not depend on it, one session for all"
    " calls, or replay_cookies=True",
    "field": "ignored_parameters=[{name!r}] leaves it out; partition='...' takes its place",
    "event": "any of them may be a login: list in ignored_parameters the cookies that say nothing"
    " of who is asking, or give a partition='...'",
    "auth": "if it makes another credential for each request, partition='...' says whose they are",
}
_CAUSES: Final = {
    "cookie": "the cookie {name!r}",
    "selection": "the values of cookies, such as {name!r}, which select what is private",
    "needs": "the cookie {name!r}, which came with them and a new session does not hold",
    "field": "the field or parameter {name!r}",
    "event": "unsafe requests (POST and the like) between them",
    "auth": "the auth object, which changes {name!r}",  # a field that it makes anew each time
}


class OwnerReasons:
    """Counts the reasons of a cache, and says each of them once."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def note(self, kind: str, name: str, host: str) -> None:
        """Count a reason of a kind, see `_CAUSES`; the third time say it, with what helps."""
        with self._lock:
            if len(self._times) >= _MOST_COUNTED and (kind, name) not in self._times:
                return
            self._times[kind, name] += 1
            if self._times[kind, name] != _SAID_AT:
                return
        # Of what is signed anew each time nothing is ever found, and the store only grows.
        level = logging.WARNING if kind == "auth" else logging.INFO
        cause, remedy = _CAUSES[kind].format(name=name), _REMEDIES[kind].format(name=name)
        logger.log(
            level, "responses of %s are fetched again because of %s: %s", host, cause, remedy
        )


def with_reason(exchange: BaseExchange, fetch: Fetch, *, note: bool = True) -> Fetch:
    """Say so, if nothing is found because the credentials are others.

    With `note` the request is made, and counts for the next ones.
    """
    status, asking, cache = fetch.cache_status, exchange.asking, exchange.cache
    if note and asking.missing is not None:
        _note(exchange, "needs", asking.missing)
    if status.fwd != "uri-miss" or exchange.key is None:
        return fetch
    own = vars(cache)
    seen: CredentialsSeen | None = own.get("_credentials_seen")
    if seen is None:
        # In one step: another thread may come here for the first time as well.
        seen = own.setdefault("_credentials_seen", CredentialsSeen())
    request, said = exchange.request, asking.places()
    place = seen.other_place(cache.matching, request, exchange.key, said, note=note)
    if place is None:
        return fetch
    kind, _, name = place.partition(" ")
    if note and kind != "partition":
        _note(exchange, kind, name)
    return fetch._replace(cache_status=status._replace(detail="other-credentials"))


def note_cause(exchange: BaseExchange) -> None:
    """Note what keeps the answer from being found again, if anything does."""
    if exchange.asking.cause is not None:
        _note(exchange, *exchange.asking.cause)


def _note(exchange: BaseExchange, kind: str, name: str) -> None:
    """Have the log say, the third time, why something is fetched again."""
    reasons: OwnerReasons = vars(exchange.cache).setdefault("_owner_reasons", OwnerReasons())
    if kind == "field" and exchange.asking.asker.has_auth:
        kind = "auth"
    reasons.note(kind, name, urlsplit(exchange.request.url or "").hostname or "")
