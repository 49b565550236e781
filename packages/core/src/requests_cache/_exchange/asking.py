"""Who asks with a request: found out before it is looked up, and again when it is answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from .._matching.names import field_says
from .._matching.owner import (
    NOBODY,
    Asker,
    SentCookie,
    Word,
    ask,
    asker_of,
    could_count,
    counting,
    is_event,
    selected_values,
    value_in,
)
from ..models.describe import cookies_in
from .doubles import is_double
from .jar_marks import going, marks_of

if TYPE_CHECKING:
    from collections.abc import Iterable

    from requests import PreparedRequest, Response

    from .chain import Chain
    from .request_context import Host

Pairs: TypeAlias = tuple[tuple[str, str], ...]
"""Names and values of cookies, sorted."""
Cookies: TypeAlias = tuple[SentCookie, ...]


class Asking:
    """Who asks with a request, in the state in which the jar of the session is.

    The request is told who asks. With `says_nothing` it is known not to say that itself.
    """

    cause: tuple[str, str] | None = None
    """Kind and name of what keeps the answer from being found again."""
    missing: str | None = None
    """The cookie without which what is stored is only half of what was said."""
    is_changed = False
    """Whether the owner was another when the answer arrived."""
    _received = 0

    def __init__(
        self,
        session: Host,
        request: PreparedRequest,
        send_kwargs: dict[str, Any],
        chain: Chain,
        *,
        says_nothing: bool = False,
    ) -> None:
        self.session = session
        self.request = request
        self.chain = chain
        self.matching = session.cache.matching
        self.ignored = self.matching.ignored
        self._kwargs = send_kwargs
        self.is_first = not chain.is_begun
        chain.begin(request, session.settings.allowable_methods)
        self._field = value_in(request.headers, "Cookie")
        self.pairs = _pairs_of(self._field)
        if self.is_first and self.pairs:
            sent = self._classify(self.pairs)
            chain.programs = frozenset((c.name, c.value) for c in sent if c.is_program)
        self.asker = self.look(self.pairs)
        if self.asker != NOBODY:
            ask(request, self.asker, self._field)
        says_nothing = says_nothing and self.asker is NOBODY
        self.owner = "" if says_nothing else self.matching.lock_of(request, self.asker)
        """A digest of the owner, the second lock of a record; empty for nobody."""
        self.word = self.matching.word_of(request, self.asker) if self.owner else frozenset()
        """All that the request says of who is asking."""
        self._hand_on()

    def _classify(self, pairs: Pairs, replaced: frozenset[str] = frozenset()) -> Cookies:
        if "cookie" in self.ignored:
            return ()
        jar, programs = self.session.cookies, self.chain.programs
        return marks_of(jar).classify(jar, self.request, pairs, programs, replaced)

    def look(self, pairs: Pairs, replaced: frozenset[str] = frozenset()) -> Asker:
        """Say who asks now, if these cookies went with the request."""
        cookies = self._classify(pairs, replaced) if pairs else ()
        before = asker_of(self.request)
        knows, partition = self._field is not None, self.session.partition
        cert = self._kwargs.get("cert", self.session.cert)
        if before is NOBODY and not (knows or cookies or cert or partition):
            return NOBODY
        said = frozenset(word for word in before.said if not is_event(word))
        if cert:
            from .._matching.auth import certificate_word

            said |= {certificate_word(cert)}
        event = self.chain.event
        if event and any(could_count(cookie.name, self.ignored) for cookie in cookies):
            said |= {event}
        return before._replace(said=said, cookies=cookies, knows_cookies=knows, partition=partition)

    def _hand_on(self) -> None:
        """Hand the words of this hop to the next ones."""
        chain, word, cookies = self.chain, self.word, self.asker.cookies
        counted = counting(cookies, word, self.ignored) if cookies else ()
        self.inherited = [w for c in counted for w in c.words] + chain.inherited
        self.own = chain.own | word
        chain.receive_redirect = self.receive_redirect
        chain.note(word, is_first=self.is_first)
        chain.inherited, chain.own = self.inherited, self.own

    def places(self) -> dict[str, str]:
        """Give digests of what says who is asking, by kind and name; for the log."""
        if self.asker is NOBODY and not self.word:
            return {}
        if self.asker.partition is not None:
            # It takes the place of all the others.
            return {"partition": self.asker.partition}
        counted = counting(self.asker.cookies, self.word, self.ignored)
        said = {f"cookie {cookie.name}": cookie.value for cookie in counted}
        events = {w for w in self.word.union(*(c.words for c in counted)) if is_event(w)}
        if events:
            said["event"] = repr(sorted(events))
        for place, value in self.word - events:
            kind, _, name = place.partition(" ")
            said[place if kind == "cookie" else f"field {name or kind}"] = value
        return said

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
        if self.asker is NOBODY:
            return items
        signed, is_partition = self.asker.signed, self.session.partition is not None

        def is_out(name: str) -> bool:
            return name == "cookie" or name in signed or (is_partition and field_says(name))

        kept = [item for item in items if not is_out(item[0].lower())]
        is_selecting = not self.is_shared or self.session.settings.match_cookies is not None
        if is_selecting and (selection := self.selection()):
            kept.append(("Cookie", selection))
        return kept

    # Sending

    def send(self) -> None:
        """Note that the request is sent."""
        jar, cookies = self.session.cookies, self.asker.cookies
        if cookies:
            marks_of(jar).travelled(jar, self.request, cookies, self.inherited, self.own)

    def receive(self, *answers: Response) -> None:
        """Note the cookies that the answer, and challenges before it, have brought."""
        if self.has_received(answers[-1]):
            return
        self._received = id(answers[-1])
        brought = {c.name: c.value for answer in answers for c in cookies_in(answer.cookies)}
        jar = self.session.cookies
        marks = marks_of(jar)
        if not (brought or self.asker.cookies or marks.arrived):
            return
        self.is_changed = self._is_changed(frozenset(brought))
        if self._is_event():
            # What was sent meanwhile may have been answered before or after it took effect.
            self.chain.renew()
            self.own = self._with_event(self.own)
            marks.travelled(jar, self.request, self.asker.cookies, self.inherited, self.own)
        own = self.own
        if any(self._is_news(*cookie) for cookie in brought.items()):
            own = self._with_event(own)
            self.chain.own = self._with_event(self.chain.own)
        for answer in answers:
            marks.arrive(jar, answer, self.asker.cookies, self.inherited, own)

    def receive_redirect(self, response: Response) -> None:
        """Note what a redirect has set before it is followed."""
        if is_double(response):
            return
        if any(cookies_in(response.cookies)):
            self.chain.passed = self.request.url
        if not getattr(response, "from_cache", False):
            self.receive(response)

    def receive_all(self, response: Response) -> None:
        """Note what an answer has set, unless it came by a redirect and so on a hop of its own."""
        if self.has_received(response) or is_double(response):
            return
        if not any(hop.is_redirect for hop in response.history):
            self.receive(*response.history, response)

    def has_received(self, response: Response) -> bool:
        """Say whether the cookies of a response have been noted."""
        return id(response) == self._received

    def _is_event(self) -> bool:
        """Say whether this is an unsafe request that says so, and not what follows it."""
        method = (self.request.method or "GET").upper()
        is_unsafe = self.is_first or method != "GET"
        return is_unsafe and self.chain.event is not None and self.chain.event in self.asker.said

    def _with_event(self, words: frozenset[Word]) -> frozenset[Word]:
        event = self.chain.event
        return frozenset(w for w in words if not is_event(w)) | ({event} if event else set())

    def _is_news(self, name: str, value: str | None) -> bool:
        """Say whether a cookie that was set says something else of who is asking than before."""
        return could_count(name, self.ignored) and (name, value or "") not in self.pairs

    def _is_changed(self, brought: frozenset[str]) -> bool:
        """Say whether the owner is another by now, but for what the answer itself has set."""
        jar = self.session.cookies
        now = [(c.name, c.value or "") for c in going(jar, self.request) if c.name not in brought]
        kept = [pair for pair in self.pairs if pair[0] in brought]
        pairs = tuple(sorted({*kept, *now, *self.chain.programs}))
        return self.key_with(self.look(pairs, brought)) != self.key_with(self.asker)

    def key_with(self, asker: Asker) -> str:
        """Give what the key of the request is by who asks, if another asked."""
        request = self.request
        if request.body is not None:
            # It is the same for all who are compared, and may be one that can be read only once.
            request = request.copy()
            request.body = None
        return self.matching.create_key(request, asker=asker)


def _pairs_of(field: str | bytes | None) -> Pairs:
    if not field:
        return ()
    text = field.decode("latin-1") if isinstance(field, bytes) else field
    items = (item.strip().partition("=") for item in text.split(";"))
    return tuple(sorted({(name, value) for name, _, value in items if name}))
