"""Who asks with a request: found out before it is looked up, and again when it is answered."""

from __future__ import annotations

from functools import cached_property
from http.cookiejar import Cookie
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from requests.cookies import MockRequest
from requests.exceptions import RequestException

from .. import clock
from .._matching.asked import ask, asker_of
from .._matching.bodies_that_tell import has_password_field, tells_visitor
from .._matching.names import field_says
from .._matching.owner import (
    NOBODY,
    Asker,
    SentCookie,
    Word,
    could_count,
    counting,
    is_asked_for,
    is_event,
    selected_values,
)
from ..models.cookies import has_values
from ..models.describe import flags_of
from ..models.owning import needs_of
from ..models.record import DetachedRecord, Fields, Flag
from .jar_marks import going, marks_of, place_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests import PreparedRequest, Response

    from ..models.response import CachedResponse
    from .chain import Chain
    from .host import Host

__all__ = ["Asking"]

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values of cookies, sorted."""
Cookies: TypeAlias = tuple[SentCookie, ...]


class Asking:
    """Who asks with a request, in the state in which the jar of the session is.

    Args:
        session: the session.
        request: the request; it is told who asks.
        send_kwargs: arguments of `send`.
        chain: the call that it is a hop of.
    """

    cause: tuple[str, str] | None = None
    """Kind and name of what keeps the answer from being found again."""
    is_changed = False
    """Whether the owner was another when the answer arrived."""
    _received = 0

    def __init__(
        self,
        session: Host,
        request: PreparedRequest,
        send_kwargs: dict[str, Any],
        chain: Chain,
    ) -> None:
        self.session = session
        self.request = request
        self.chain = chain
        self.matching = session.cache.matching
        self.ignored = self.matching.ignored
        self._kwargs = send_kwargs
        method = (request.method or "GET").upper()
        is_first = not chain.is_begun
        chain.begin(request, method in session.settings.allowable_methods)
        self._field = request.headers.get("Cookie")
        self.pairs = _pairs_of(self._field)
        if is_first and self.pairs:
            sent = self._classify(self.pairs)
            chain.programs = frozenset((c.name, c.value) for c in sent if c.is_program)
        self.asker = self._look(self.pairs)
        if self.asker != NOBODY:
            ask(request, self.asker, self._field)
        self.is_first = is_first
        self._hand_on()

    def _classify(self, pairs: Pairs, replaced: frozenset[str] = frozenset()) -> Cookies:
        if "cookie" in self.ignored or not pairs:
            return ()
        jar, programs = self.session.cookies, self.chain.programs
        return marks_of(jar).classify(jar, self.request, pairs, programs, replaced)

    def _look(self, pairs: Pairs, replaced: frozenset[str] = frozenset()) -> Asker:
        """Say who asks now, if these cookies went with the request."""
        cookies = self._classify(pairs, replaced)
        before = asker_of(self.request)
        said = frozenset(word for word in before.said if not is_event(word))
        if cert := self._kwargs.get("cert", self.session.cert):
            from .._matching.certificates import certificate_word

            said |= {certificate_word(cert)}
        event = self.chain.event
        if event and any(could_count(cookie.name, self.ignored) for cookie in cookies):
            said |= {event}
        knows = self._field is not None
        partition = self.session.partition
        asker = before._replace(said=said, cookies=cookies, knows_cookies=knows)
        return asker._replace(partition=partition)

    @cached_property
    def word(self) -> frozenset[Word]:
        """All that the request says of who is asking."""
        return self.matching.word_of(self.request, self.asker) if self.owner else frozenset()

    def _hand_on(self) -> None:
        """Hand the words of this hop to the next ones."""
        chain, word = self.chain, self.word
        counted = counting(self.asker.cookies, word, self.ignored)
        self.inherited = [w for c in counted for w in c.words] + chain.inherited
        self.own = chain.own | word
        chain.current = self
        chain.note(word, is_first=self.is_first)
        chain.inherited, chain.own = self.inherited, self.own

    def places(self) -> dict[str, str]:
        """Give digests of what says who is asking, by kind and name; for the log."""
        counted = counting(self.asker.cookies, self.word, self.ignored)
        said = {f"cookie {cookie.name}": cookie.value for cookie in counted}
        for place, value in self.word:
            kind, _, name = place.partition(" ")
            said[place if kind in ("cookie", "event") else f"field {name or kind}"] = value
        return said

    @property
    def has_auth(self) -> bool:
        """Say whether an auth object has made the credential."""
        return self.asker.has_auth

    # What is stored

    def selection(self, cookies: Cookies | None = None) -> str:
        """Give a digest of the values of cookies that select answers; empty if there are none."""
        names = self.session.settings.match_cookies
        values = selected_values(
            self.asker.cookies if cookies is None else cookies,
            None if names is None else frozenset(names),
            self.ignored,
        )
        return self.matching.digest(["cookies", values]) if values else ""

    @property
    def is_shared(self) -> bool:
        """Say whether neither words nor cookies tell who is asking."""
        return self.session.partition is not None or not self.matching.match_credentials

    def as_selected(self, items: Iterable[tuple[str, Any]]) -> Iterable[tuple[str, Any]]:
        """Give header fields of the request as `Vary` selects by them.

        The cookies of the program say who is asking and so are part of the key already, as are
        fields that an auth object makes anew, and under a partition all that say so.
        """
        signed, is_partition = self.asker.signed, self.session.partition is not None
        for name, value in items:
            lowered = name.lower()
            if lowered == "cookie" or lowered in signed or (is_partition and field_says(lowered)):
                continue
            yield name, value
        is_selecting = not self.is_shared or self.session.settings.match_cookies is not None
        if is_selecting and (selection := self.selection()):
            yield "Cookie", selection

    @cached_property
    def owner(self) -> str:
        """Give a digest of the owner, the second lock of a record; empty for nobody."""
        return self.matching.lock_of(self.request, self.asker)

    def why_not(self, stored: CachedResponse) -> str | None:
        """Say why a stored response is not this caller's; None if it is."""
        fields = stored.record.fields
        owner = fields.get("owner")
        if owner != self.owner and (owner is not None or self._is_somebodys(stored)):
            return "owner"
        selected = fields.get("selected")
        if selected is not None and selected != self.selection():
            return "selected"
        if self.chain.is_anew:
            return "needs"
        if self.holds(fields):
            return None
        self.note_half(stored.status_code)
        return "needs"

    def note_half(self, status: int) -> None:
        """Note that what is stored is only half of what was said; after a redirect, ask for all.

        With `replay_cookies` the other half comes with the redirect itself.
        """
        if 300 <= status < 400 and not self.session.settings.replay_cookies:
            self.chain.is_anew = True

    def _is_somebodys(self, stored: CachedResponse) -> bool:
        """Say whether a record of version 0.1 could be that of somebody else."""
        from .._matching.credentials import REDACTED

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

    def holds(self, fields: Fields) -> bool:
        """Say whether the jar has what a stored response has set, gets it, or cannot keep it."""
        needs = fields.get("needs")
        if not needs or self.session.is_for_one_call:
            return True
        if self.session.settings.replay_cookies and has_values(fields.get("cookies", ())):
            return True
        jar, marks, now = self.session.cookies, marks_of(self.session.cookies), clock.now()
        held = {
            place_of(cookie)
            for cookie in going(jar, self.request)
            if not cookie.is_expired(now)  # type: ignore[arg-type]  # typeshed wants int, any number works
        }
        for name, domain, path in needs:
            place = (domain, path, name)
            if name.lower() in self.ignored or place in held or place in marks.refused:
                continue
            if not _is_refused(jar, self.request, name, domain, path):
                return False
        return True

    # Sending

    def send(self) -> None:
        """Note that the request is sent."""
        if self.asker.cookies:
            jar = self.session.cookies
            cookies = self.asker.cookies
            marks_of(jar).travelled(jar, self.request, cookies, self.inherited, self.own)

    def receive(self, *answers: Response) -> None:
        """Note the cookies that the answer, and challenges before it, have brought."""
        if id(answers[-1]) == self._received:
            return
        self._received = id(answers[-1])
        brought = {c.name: c.value for answer in answers for c in answer.cookies}
        jar = self.session.cookies
        marks = marks_of(jar)
        if not (brought or self.asker.cookies or marks.arrived):
            return
        self.is_changed = self._is_changed(frozenset(brought))
        own, event = self.own, self.chain.event
        if event and any(self._is_news(*cookie) for cookie in brought.items()):
            own |= {event}
            self.chain.own |= {event}
        for answer in answers:
            marks.arrive(jar, answer, self.asker.cookies, self.inherited, own)

    def receive_redirect(self, response: Response) -> None:
        """Note what a redirect has set before it is followed."""
        if not getattr(response, "from_cache", False):
            self.receive(response)

    def receive_all(self, response: Response) -> None:
        """Note what an answer has set, unless it came by a redirect and so on a hop of its own."""
        if not any(hop.is_redirect for hop in response.history):
            self.receive(*response.history, response)

    def _is_news(self, name: str, value: str | None) -> bool:
        """Say whether a cookie that was set says something else of who is asking than before."""
        return could_count(name, self.ignored) and (name, value or "") not in self.pairs

    def _is_changed(self, brought: frozenset[str]) -> bool:
        """Say whether the owner is another by now, but for what the answer itself has set."""
        jar = self.session.cookies
        now = [(c.name, c.value or "") for c in going(jar, self.request) if c.name not in brought]
        kept = [pair for pair in self.pairs if pair[0] in brought]
        pairs = tuple(sorted({*kept, *now, *self.chain.programs}))
        return self._key_with(self._look(pairs, brought)) != self._key_with(self.asker)

    def _key_with(self, asker: Asker) -> str:
        return self.matching.create_key(self.request, asker=asker)

    # What is stored

    def seal(self, cached: CachedResponse, response: Response) -> str | None:
        """Say in a record whose it is; give why it is not to be stored, if it is not.

        Args:
            cached: the response as it is to be stored.
            response: the response of the origin.
        """
        if self.is_changed:
            return "owner-changed"
        tells = self._tells(cached, response)
        selects = self._selects(response, tells)
        news = [cookie.name for cookie in response.cookies if self._is_new(cookie)]
        if selects and tells and news:
            self.cause = "selection", news[0]
            return "cookie-in-body"
        if self._is_lost(selects):
            self.cause = "selection" if selects else "cookie", (news or [""])[0]
            return "not-found-again"
        fields = cached.record.fields
        fields["owner"] = self.owner
        if selects:
            fields["selected"] = self.selection()
        if needs := needs_of(response, self.ignored):
            fields["needs"] = needs
        cached.record.flags |= flags_of(fields)
        return None

    def _tells(self, cached: CachedResponse, response: Response) -> bool:
        """Say whether the body was made for one visitor."""
        if not _is_text(response):
            return False
        text = _text_of(cached, response)
        if text is None:
            # A large one is not looked through: where there are cookies it may tell whose it is.
            return bool(self.asker.cookies or len(response.cookies))
        if self.is_shared:
            return has_password_field(text)
        values = [cookie.value for cookie in self.asker.cookies]
        return tells_visitor(text, values + [cookie.value or "" for cookie in response.cookies])

    def _selects(self, response: Response, tells: bool) -> bool:
        """Say whether the values of cookies select an answer."""
        names = self.session.settings.match_cookies
        if names is not None:
            return bool(names)
        if self.is_shared:
            return tells
        headers = response.headers
        said = headers.get("Cache-Control", "").lower(), headers.get("Vary", "").lower()
        return tells or "private" in said[0] or "cookie" in said[1]

    def _is_new(self, cookie: Cookie) -> bool:
        pair = (cookie.name, cookie.value or "")
        return is_asked_for(cookie.name, self.ignored) and pair not in self.pairs

    def _is_lost(self, selects: bool) -> bool:
        """Say whether the same call in this jar could not find the answer from now on."""
        if self.session.is_for_one_call or not (
            self.pairs or marks_of(self.session.cookies).arrived
        ):
            return False
        jar = self.session.cookies
        held = {(c.name, c.value or "") for c in going(jar, self.request)}
        after = self._look(tuple(sorted({*held, *self.chain.programs})))
        if self._key_with(after) != self._key_with(self.asker):
            return True
        return selects and self.selection(after.cookies) != self.selection()

    def refusal(self) -> str | None:
        """Say why no answer to the request is stored, whatever it is."""
        if self.is_shared:
            return None
        if self.asker.is_open:
            return "auth-shows-nothing"
        return "ssl-context" if _has_context(self.session, self.request) else None


def _is_text(response: Response) -> bool:
    kind = response.headers.get("Content-Type", "text/").partition(";")[0].strip().lower()
    return kind.startswith("text/") or any(word in kind for word in ("json", "xml", "javascript"))


def _text_of(cached: CachedResponse, response: Response) -> str | None:
    """Give the text of a body; None for one that is large, or was streamed and is coded."""
    record, content = cached.record, response._content
    if isinstance(record, DetachedRecord):
        return None
    if not isinstance(content, bytes):
        if record.flags & Flag.ENCODED:
            return None
        content = record.body
    if len(content) > _LARGEST_TEXT:
        return None
    try:
        return content.decode(cached.encoding or "utf-8", "replace")
    except LookupError:
        return ""


_LARGEST_TEXT: Final = 256 * 1024


def _has_context(session: Host, request: PreparedRequest) -> bool:
    """Say whether an adapter has an SSLContext of its own, which may hold a certificate."""
    url = request.url or ""
    if not url.lower().startswith("https:"):
        return False
    try:
        pool = getattr(session.get_adapter(url), "poolmanager", None)
    except RequestException:
        return False
    return getattr(pool, "connection_pool_kw", {}).get("ssl_context") is not None


_NEVER: Final = 2**31


def _pairs_of(field: str | bytes | None) -> Pairs:
    if not field:
        return ()
    text = field.decode("latin-1") if isinstance(field, bytes) else field
    items = (item.strip().partition("=") for item in text.split(";"))
    return tuple(sorted({(name, value) for name, _, value in items if name}))


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
