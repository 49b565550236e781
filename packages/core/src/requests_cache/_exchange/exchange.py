"""One request on its way through the cache. Its policy decides; this performs."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from requests import PreparedRequest, Response
from requests.exceptions import RequestException

from .. import clock
from .._matching.credentials import Source
from .._matching.fields import lines
from .._matching.own import own_of
from .._transfer.capture import Capture
from ..expiration import end_of_keeping
from ..models.describe import comes_coded, describe_history
from ..models.fitting import fit
from ..models.owning import needs_of
from ..models.record import Kept, Written
from ..models.response import CachedResponse, OriginalResponse
from ..policy import (
    Combine,
    Decision,
    Effects,
    Fetch,
    Freshen,
    GatewayTimeout,
    RequestHead,
    ResponseHead,
    Retry,
    Serve,
    Store,
    StoredHead,
    groups_of,
    in_groups,
    is_complete,
    without_search,
)
from ..policy.cache_status import CacheStatus
from ..policy.directives import asks_caches
from ..policy.protocol import Policy
from .asking import Asking
from .base import BaseExchange
from .collapsing import fetch_once, is_shareable
from .credentials_seen import CredentialsSeen
from .environment import resolve
from .heads import request_head, response_head, stored_head
from .jar_marks import counts
from .known import Index, Known
from .lifetime import Lifetime
from .owner_reasons import OwnerReasons
from .policies import policy_of
from .recorder import Recorder
from .sent import Sent
from .stored_set import StoredSet
from .uris import as_get, keys_of_uri, note_key

__all__ = ["Exchange"]

_T = TypeVar("_T")

_ANSWERED_BY_GET: Final = frozenset({"GET", "HEAD"})


class Exchange(BaseExchange):
    """Performs what a policy decides, and decides nothing."""

    known: Known
    """What is stored for the request."""
    policy: Policy
    recorder: Recorder
    head: RequestHead
    planned: Fetch
    unhooked = False
    """Whether the request was sent without the caller's hooks."""

    def run(self) -> Response:
        """Answer the request from the cache, or from the origin."""
        try:
            return self._perform()
        finally:
            if self._opened:
                self.close_unused()

    def _perform(self) -> Response:
        flights, look = self.cache.flights, self._look
        since = flights.landings if look is None else look.since
        self.begin()
        bypass = self.policy.bypass(self.head)
        if bypass is not None:
            self.known = self._nothing()
            return self._carry_out(bypass)
        answer = self._serve_stored()
        if answer is not None:
            return answer
        if self.key is None or self.head.method not in self.policy.rules.methods:
            return self._fetch(self.planned)
        if not is_shareable(self):
            return self._fetch(self.planned)
        key = (self.key, self.head.method, self.send_kwargs.get("allow_redirects", True))
        return fetch_once(self, key, since, self._serve_stored, lambda: self._fetch(self.planned))

    def begin(self) -> None:
        """Find the policy and the key of the request."""
        lifetime = Lifetime.of(self.request.url or "", self.settings, self.options)
        self.policy = policy_of(self.settings, self.options, lifetime, clock.now())
        redactor, replays = self.cache.matching.redactor, self.settings.replay_cookies
        self.recorder = Recorder(self.policy, redactor, self.settings.grace, keep_cookies=replays)
        self.asking = Asking(self.session, self.request, self.send_kwargs, self.chain)
        selecting = self.asking.as_selected(lines(self.request.headers))
        self.head = request_head(self.request, redactor, selecting)
        if asks_caches(self.head):
            # They are no part of the key, so the fast path must not remember the key of this call.
            self.call = self.call._replace(keys=None)
        self.key = self._key_of(self.request)

    def _carry_out(self, decision: Fetch | GatewayTimeout) -> Response:
        if isinstance(decision, GatewayTimeout):
            return self.give_up(decision.cache_status)
        return self._fetch(decision)

    def _serve_stored(self) -> Response | None:
        """Answer without the origin, if the policy allows it."""
        decision = self.look_up()
        if isinstance(decision, Serve):
            return self._serve(decision)
        if isinstance(decision, GatewayTimeout):
            return self.give_up(decision.cache_status)
        self.planned = self._with_reason(decision)
        return None

    def look_up(self) -> Decision:
        """Look into the store, and have the policy decide what to do with what is there."""
        self.known = self.ask_store(self._load, None) or self._nothing()
        heads = self.known.heads(self.head.url, self.filtered)
        decision = self.policy.decide(self.head, heads, clock.now())
        others = () if isinstance(decision, Serve) else self.known.unread(self.head.url)
        if not others:
            return decision
        # None of them is the answer, but the origin can be asked about them.
        decision = self.policy.decide(self.head, [*heads, *others], clock.now())
        assert not isinstance(decision, Serve)
        return decision

    def _with_reason(self, fetch: Fetch) -> Fetch:
        """Say so, if nothing is found because the credentials are others."""
        status = fetch.cache_status
        if status.fwd != "uri-miss" or self.key is None:
            return fetch
        # In one step: another thread may come here for the first time as well.
        seen = vars(self.cache).setdefault("_credentials_seen", CredentialsSeen())
        verify, said = self.send_kwargs.get("verify", True), self.asking.places()
        matching = self.cache.matching
        place = seen.other_place(matching, self.request, verify, self.key, said)
        if place is None:
            return fetch
        self._note_reason(*place.partition(" ")[::2])
        return fetch._replace(cache_status=status._replace(detail="other-credentials"))

    def _note_reason(self, kind: str, name: str) -> None:
        """Have the log say, the third time, why something is fetched again."""
        reasons = vars(self.cache).setdefault("_owner_reasons", OwnerReasons())
        if kind == "field" and self.asking.has_auth:
            kind = "auth"
        reasons.note(kind, name, urlsplit(self.request.url or "").hostname or "")

    # What is stored

    def _key_of(self, request: PreparedRequest, url: str | None = None) -> str | None:
        """Give the key of a request, or of a GET of another URL; None if there is none."""
        own = self.head.method
        method = "GET" if url is not None else self.policy.method_of_key(own)
        if method is None:
            return None
        if url is not None or (method != own and own not in _ANSWERED_BY_GET):
            request = as_get(request, url)
        elif method != own:
            request = request.copy()
            request.method = method
        return self.make_key(request)

    def _load(self) -> Known:
        known = self._nothing()
        if self.key is None:
            return known
        is_part = "range" in self.head.headers and not self.in_background
        read = self._open if self.call.stream or is_part else None
        first = self._read_first(read)
        if first is None or first.cache_key == self.key:
            known.load(first, self.head, read, self.index)
        elif self.send_kwargs.get("allow_redirects", True) and self._arrives(first):
            known.load_target(self._set_of(first.cache_key or ""), first, self.head, read)
        # Else the caller wants the redirect itself, which is not what is stored.
        return known

    def _read_first(
        self, read: Callable[[str], CachedResponse | None] | None
    ) -> CachedResponse | None:
        """Give what lies under the key, or what a redirect that is remembered leads to."""
        cache, key, look = self.cache, self.key or "", self._look
        follows = self.policy.remembers_redirects
        if look is not None:
            # The fast path has read it; the next time it is read anew.
            self._look = None
            return cache.make_response(key, look.entry, look.alias if follows else None)
        if not follows:
            return (read or cache.read_response)(key)
        if read is None:
            found: CachedResponse | None = cache.get_response(key)
            return found
        return self.note_opened(cache.open_response(key))

    def _arrives(self, target: CachedResponse) -> bool:
        """Say whether this caller would arrive at what a redirect leads to as who stored it did."""
        asking, jar = self.asking, self.session.cookies
        hops = [hop for hop in target.history if isinstance(hop, CachedResponse)]
        for hop in hops:
            if not asking.holds(hop.record.fields):
                asking.note_half(hop.status_code)
                return False
        is_nobodys = not asking.owner and target.record.fields.get("owner") == ""
        if is_nobodys and not counts(jar, asking.ignored):
            if hops:
                fit(hops[0], self.request, jar)
            return True
        return self._walk(hops) == target.cache_key

    def _walk(self, hops: list[CachedResponse]) -> str | None:
        """Go where redirects lead, as requests would; give the key of the request at their end."""
        request, chain = self.request, self.asking.chain.copy()
        kwargs = {**resolve(self.send_kwargs), "stream": True}
        kwargs.pop("allow_redirects", None)
        for hop in hops:
            fit(hop, request, self.session.cookies)
            onward = self.session.resolve_redirects(hop, request, yield_requests=True, **kwargs)
            following = next(onward, None)
            if following is None:
                return None
            request = following
            self.arrival = Asking(self.session, request, self.send_kwargs, chain)
        return self.make_key(request, note=False)

    def _nothing(self) -> Known:
        return Known(self._set_of(self.key or ""), self.cache)

    @property
    def index(self) -> Index | None:
        """What names the note where other queries of the path are found, if there may be any."""
        return None if self.policy.remembers_redirects else self._index

    def _index(self) -> str:
        """Name the note for the path of the request."""
        return f"search:{self._key_of(self.request, without_search(self.head.url))}"

    def _set_of(self, key: str) -> StoredSet:
        return StoredSet(self.cache, key, self.recorder.grace)

    def _open(self, key: str) -> CachedResponse | None:
        return self.note_opened(self.cache.open_exactly(key))

    # Answers from the cache

    def _serve(self, serve: Serve, *, revalidated: bool = False, body: Any = None) -> Response:
        stored = self.known.response(serve.stored) if body is None else body
        if self.in_background:
            stored.cache_status = serve.cache_status
            return stored
        if serve.refresh is not None:
            self._refresh(serve.refresh.request, serve.refresh.fetch)
        recorder, streams = self.recorder, bool(self.call.stream)
        answer = self._read(lambda: recorder.serve(stored, serve, self.request, streams=streams))
        if answer is None:
            return self._do_without()
        answer.revalidated = revalidated
        self.known.own.note_used(serve.stored.key)
        # Variants lie under keys of their own, which are nobody's concern.
        answer.cache_key = self.known.key
        return self.answer(answer)

    def _read(self, action: Callable[[], _T]) -> _T | None:
        """Give what is made of a stored body; None if that cannot be read, which it says itself."""
        try:
            return action()
        except OSError:
            return None

    def _do_without(self) -> Response:
        """Answer as if nothing were stored."""
        self.known = self._nothing()
        decision = self.policy.decide(self.head, [], clock.now())
        assert not isinstance(decision, Serve)
        return self._carry_out(decision)

    def _refresh(self, head: RequestHead, fetch: Fetch) -> None:
        again = type(self)(
            self.session,
            self.request,
            self.send_kwargs,
            self.call._replace(stream=False, keys=None),
        )
        again.request = self.with_fields({})
        for name in {name for name, _ in self.head.headers if name not in head.headers}:
            del again.request.headers[name]
        again.head, again.policy, again.recorder = head, self.policy, self.recorder
        again.key, again.programs = self.key, self.chain.programs
        again.run_in_background()
        url = again.request.url or ""
        self.session.refresh_in_background(self.key or "", lambda: again.refetch(fetch), url)

    def refetch(self, fetch: Fetch) -> Response:
        """Fetch in the background what was served stale, if it is still the same who asks."""
        self.renew_cookies()
        self.asking = Asking(self.session, self.request, self.send_kwargs, self.chain)
        if self._key_of(self.request) != self.key:
            nothing = OriginalResponse()
            nothing.status_code = HTTPStatus.NO_CONTENT
            return OriginalResponse.mark(nothing, CacheStatus(detail="owner-changed"))
        # Bodies and the list of what is stored belong to the thread that read them.
        self.known = self.ask_store(self._load, None) or self._nothing()
        if not self.known.has(fetch.known):
            # What was to be validated has been deleted since.
            fetch = Fetch(fetch.cache_status)
        return self._fetch(fetch)

    # Answers of the origin

    def _fetch(self, fetch: Fetch) -> Response:
        sent_at = clock.now()
        # The hooks are for what the caller gets, and that may be what is stored.
        self.unhooked = bool(fetch.set_fields) or fetch.selected is not None
        request = self.with_fields(dict(fetch.set_fields)) if self.unhooked else self.request
        sent = Sent(request)
        self.asking.send()
        try:
            response = self.send(request)
            received_at = clock.now()
            self.asking.receive_all(response)
            capture = self.receive(response)
        except RequestException:
            serve = self.policy.on_error(self.head, fetch, clock.now())
            if serve is None:
                raise
            return self._serve(serve)
        received = response_head(response)
        if response.status_code == 304 and self.known.own.unread:
            fetch = self._read_confirmed(fetch, received)
        outcome = self.policy.after_response(self.head, received, fetch, sent_at, received_at)
        if isinstance(outcome, Serve):
            response.close()
            return self._serve(outcome)
        is_another = not sent.is_answered_by(response, self._key_of)
        if isinstance(outcome, Retry) or (is_another and isinstance(outcome, Freshen | Combine)):
            # What came answers our own question wrongly, or a question that was not ours.
            response.close()
            return self._fetch(fetch._replace(set_fields=(), nominated=(), completes=False))
        if isinstance(outcome, Freshen):
            return self._freshen(outcome, response)
        if isinstance(outcome, Combine):
            return self._combine(outcome, response, received, capture)
        if fetch.storable:
            self.cache.stats.add("misses")
        self._take_back(fetch, response)
        response = self._for_caller(response)
        if sent.was_redirected(response):
            # The final response was kept, or not, on its own way through the cache.
            self._keep_redirect(response)
            return response
        if isinstance(outcome, Store):
            why_not = "sent-as-another-request" if is_another else None
            return self._store(outcome, response, received, capture, why_not)
        self._perform_effects(outcome.effects)
        status = outcome.cache_status._replace(detail=outcome.reason)
        return OriginalResponse.mark(response, status)

    def _read_confirmed(self, fetch: Fetch, received: ResponseHead) -> Fetch:
        known, url = self.known, self.head.url
        return self.ask_store(
            lambda: known.read_confirmed(fetch, received.headers, url, self.filtered),
            fetch._replace(nominated=()),
        )

    def _take_back(self, fetch: Fetch, response: Response) -> None:
        """Show the caller the request that was asked for, without the conditions that are ours."""
        asked = self.request.headers
        for name, _ in fetch.set_fields:
            response.request.headers.pop(name, None)
            if name in asked:
                response.request.headers[name] = asked[name]

    def _for_caller(self, response: Response) -> Response:
        return self.run_hooks(response) if self.unhooked else response

    def _perform_effects(self, effects: Effects) -> None:
        """Remove what a response proved wrong."""
        if effects != Effects() and not self.settings.read_only:
            self.write(lambda: self._remove(effects))

    def _remove(self, effects: Effects) -> None:
        self.known.remove([head.key for head in effects.remove])
        for url in effects.urls:
            keys = {
                self._key_of(self.request, url) or "",
                *keys_of_uri(self.cache, self.request, url),
            }
            if self.known.own.key in keys:
                # A response to POST is stored among these afterwards.
                self.known.own.clear()
            self.cache.delete_responses([*keys, *self.cache.siblings_of(keys)])
        if effects.groups:
            self._invalidate_groups(effects.groups)

    def _invalidate_groups(self, names: tuple[str, ...]) -> None:
        """Remove the responses of groups; groups are rare, so there is no index of them."""
        for response in list(self.cache.heads()):
            head = stored_head(response)
            if groups_of(head.headers) and in_groups(head, self.head.url, names):
                self.cache.delete_responses([head.key])

    def _store(
        self,
        outcome: Store,
        response: Response,
        received: ResponseHead,
        capture: Capture,
        why_not: str | None,
    ) -> Response:
        status, removed = outcome.cache_status, outcome.effects.remove
        replaced = [head.key for head in (*removed, *outcome.replaces)]
        unfit = dict(self.unfit)
        self._perform_effects(outcome.effects._replace(remove=()))

        # Neither holds the response, which may be dropped unread.
        def store(response: Response, body: Kept | None) -> bool:
            cached = self.recorder.describe(response, body, outcome.head, received)
            reason = self._incomplete(response, received, body)
            if reason := reason or self.asking.seal(cached, response):
                if self.asking.cause:
                    self._note_reason(*self.asking.cause)
                refuse(response, reason)
                return False
            gone = [*replaced, *self.known.superseded(cached, unfit)]
            if self.write(lambda: self._add(cached, outcome.head, gone)):
                OriginalResponse.mark(response, status, cached, self.key)
                return True
            refuse(response, self.refusal or "store-failed")
            return False

        def refuse(response: Response, why: str) -> None:
            self._perform_effects(Effects(remove=removed))
            OriginalResponse.mark(response, status._replace(stored=False, detail=why))

        why_not = why_not or self._reason_not_to_store(response)
        if why_not is not None:
            refuse(response, why_not)
            return response
        response = OriginalResponse.mark(response, status._replace(stored=False))
        capture.when_complete(store, refuse, self.make_spool())
        return response

    def _add(self, cached: CachedResponse, head: StoredHead, replaced: list[str]) -> None:
        is_first = not self.known.own.members
        self.known.add(cached, head, self.index, replaced)
        if is_first and not self.policy.remembers_redirects:
            end = end_of_keeping(cached.expires_at, self.recorder.grace(cached))
            note_key(self.cache, self.request, self.known.own.key, end)

    def _reason_not_to_store(self, response: Response) -> str | None:
        if self.settings.read_only:
            return "read_only"
        if self.key is None:
            return "body-not-repeatable"
        if self.is_too_large(response):
            return "too-large"
        if self.settings.filter_fn is not None and not self.settings.filter_fn(response):
            return "filter_fn"
        if self._hands_out(response.headers.get("Location", "")):
            return "secret-in-location"
        return self.asking.refusal()

    def _hands_out(self, location: str) -> bool:
        """Say whether a redirect has a secret that is not the caller's."""
        redactor = self.cache.matching.redactor
        if redactor.url(location) == location:
            return False
        sources: list[Source] = []
        redactor.url(location, own_of(redactor, self.request), sources)
        return not sources or None in sources

    def _incomplete(
        self, response: Response, received: ResponseHead, body: Kept | None
    ) -> str | None:
        """Say if less came than was announced; urllib3 before 2 lets that pass."""
        if "Content-Encoding" in response.headers and (body is None or not comes_coded(response)):
            # A hook has read and decoded it, or the adapter has.
            return None
        size = len(response.content) if body is None else _size(body)
        return None if is_complete(self.head, received, size) else "incomplete"

    def _keep_redirect(self, response: Response) -> None:
        """Remember where a redirect led."""
        target = getattr(response, "cache_key", None)
        if target is None or self.key is None or self.settings.read_only:
            return
        if not (self.chain.is_one_persons or self.asking.is_shared):
            return
        keep = self.settings.replay_cookies
        history = describe_history(
            response.history, self.cache.matching.redactor, keep_cookies=keep
        )
        for fields, hop in zip(history, response.history, strict=True):
            if needs := needs_of(hop, self.asking.ignored):
                fields["needs"] = needs
        expires = getattr(response, "expires", None)
        # A response that is validated stays for longer; then the redirect is just asked anew.
        end = self.recorder.end_of_redirect(None if expires is None else expires.timestamp())

        def write() -> None:
            # What was stored before the URL was redirected would hide the redirect.
            own = self.known.own
            own.remove([*own.members, *own.unread])
            self.cache.write_redirect(self.key or "", target, history, end)
            for number, hop in enumerate(response.history[1:], 1):
                self.cache.save_redirect(hop.request, target, history[number:], end)

        self.write(write)

    def _freshen(self, outcome: Freshen, response: Response) -> Response:
        """Write what a 304 or a HEAD brought up to date."""
        self.cache.stats.add("revalidated")
        known, recorder = self.known, self.recorder
        updated = [
            (update, recorder.freshen(known.response(update.stored), update, response))
            for update in outcome.updates
        ]

        def write() -> None:
            for update, fresh in updated:
                known.freshen(update, fresh, self.index)

        may_write = not (self.settings.read_only or self.asking.is_changed)
        done = may_write and self.write(write)
        self._perform_effects(outcome.effects)
        status = outcome.cache_status
        status = status._replace(stored=status.stored and done)
        if outcome.serve is None:
            return OriginalResponse.mark(self._for_caller(response), status)
        response.close()
        serve = outcome.serve._replace(cache_status=status)
        key = serve.stored.key
        body = next((fresh for update, fresh in updated if update.stored.key == key), None)
        return self._serve(serve, revalidated=True, body=body)

    def _combine(
        self, outcome: Combine, response: Response, received: ResponseHead, capture: Capture
    ) -> Response:
        """Store what is joined from two parts."""
        capture.read_all()
        status = outcome.cache_status
        incomplete = self._incomplete(response, received, None)
        if incomplete is not None and outcome.instead is not None:
            return self._fetch(outcome.instead)
        self.cache.stats.add("misses")
        if incomplete is not None:
            status = status._replace(stored=False, detail=incomplete)
            return OriginalResponse.mark(self._for_caller(response), status)
        reason = self._reason_not_to_store(response)
        part, octets = self.known.response(outcome.stored), response.content
        whole = self._read(lambda: self.recorder.join(part, outcome, octets))
        if whole is None:
            return self._do_without()
        replaced = [outcome.stored.key]
        stored = reason is None and self.write(
            lambda: self.known.add(whole, outcome.head, self.index, replaced)
        )
        status = status._replace(stored=stored, detail=reason)
        if outcome.serve is None:
            response = self._for_caller(response)
            return OriginalResponse.mark(response, status, whole if stored else None)
        return self._serve(outcome.serve._replace(cache_status=status), body=whole)


def _size(body: Kept) -> int:
    return body.size if isinstance(body, Written) else len(body)
