"""One request on its way through the cache. Its policy decides; this performs."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import TYPE_CHECKING, TypeVar

from requests.exceptions import RequestException

from .. import clock
from .._matching.owner import lines
from ..models.response import OriginalResponse
from ..policy import Combine, Fetch, Freshen, GatewayTimeout, Retry, Serve, Store
from ..policy.cache_status import CacheStatus
from .asking import Asking
from .base import BaseExchange
from .fetching import (
    ask_origin,
    can_stream,
    fetch_once,
    is_shareable,
    is_to_be_kept,
    is_too_large,
    joined_answer,
    outcome_of,
    take_back,
)
from .heads import policy_of, request_head
from .keying import key_of
from .loading import filtered, load, nothing, remember_redirects
from .recorder import Recorder
from .storing import perform, reason_of_body, reason_of_head, store, write_joined, write_updates
from .whose import with_reason

if TYPE_CHECKING:
    from requests import Response

    from ..models.response import CachedResponse
    from ..policy import Decision, RequestHead
    from .fetching import Answer
    from .known import Known

_T = TypeVar("_T")


class Exchange(BaseExchange):
    """Performs what a policy decides, and decides nothing."""

    def run(self) -> Response:
        """Answer the request from the cache, or from the origin."""
        try:
            return self._perform()
        finally:
            if self._opened:
                self.close_unused()

    def _perform(self) -> Response:
        flights, lookup = self.cache.flights, self.lookup
        since = flights.landings if lookup is None else lookup.since
        self.begin()
        bypass = self.policy.bypass(self.head)
        if bypass is not None:
            self.known = nothing(self)
            return self._carry_out(bypass)
        answer = self.serve_stored()
        if answer is not None:
            return answer
        return fetch_once(self, since) if is_shareable(self) else self.fetch_planned()

    # Before the network

    def begin(self) -> None:
        """Find the policy and the key of the request."""
        url, options = self.request.url or "", self.call.options
        self.policy = policy_of(url, self.settings, options, clock.now())
        redactor, replays = self.cache.matching.redactor, self.settings.replay_cookies
        self.recorder = Recorder(self.policy, redactor, self.settings.grace, keep_cookies=replays)
        says_nothing = self.lookup is not None and self.lookup.says_nothing
        self.asking = Asking(
            self.session, self.request, self.send_kwargs, self.chain, says_nothing=says_nothing
        )
        if self.lookup is not None and self._is_anothers(self.lookup.key):
            self.lookup = None
        selecting = self.asking.as_selected(lines(self.request.headers))
        self.head = request_head(self.request, redactor, selecting)
        self.key = key_of(self, self.request)

    def _is_anothers(self, key: str) -> bool:
        """Say whether the caller has become another since the fast path has found a key."""
        if not self.asking.asker.cookies:
            return False
        verify = self.send_kwargs.get("verify", self.session.verify)
        return self.cache.create_key(self.request, verify=verify) != key

    def look_up(self) -> Decision:
        """Look into the store, and have the policy decide what to do with what is there."""
        self.known = self._load()
        heads = self.known.heads(lambda stored: filtered(self, stored))
        decision = self.policy.decide(self.head, heads, clock.now())
        others = () if isinstance(decision, Serve) else self.known.unread()
        if not others:
            return decision
        # None of them is the answer, but the origin can be asked about them.
        decision = self.policy.decide(self.head, [*heads, *others], clock.now())
        assert not isinstance(decision, Serve)
        return decision

    def _load(self) -> Known:
        lookup = self.lookup
        if lookup is not None and lookup.is_empty and self.policy.remembers_redirects:
            # There is no more to be asked; the next time it is read anew.
            self.lookup = None
            return nothing(self)
        return self.ask_store(lambda: load(self), None) or nothing(self)

    def serve_stored(self) -> Response | None:
        decision = self.look_up()
        if isinstance(decision, Serve):
            return self._serve(decision)
        if isinstance(decision, GatewayTimeout):
            return self.give_up(decision.cache_status)
        self.planned = decision
        return None

    def fetch_planned(self) -> Response:
        # Who asks is noted once, however often the store was looked into.
        return self._fetch(with_reason(self, self.planned))

    def _carry_out(self, decision: Fetch | GatewayTimeout) -> Response:
        if isinstance(decision, GatewayTimeout):
            return self.give_up(decision.cache_status)
        return self._fetch(decision)

    # Answers from the cache

    def _serve(
        self, serve: Serve, *, revalidated: bool = False, body: CachedResponse | None = None
    ) -> Response:
        stored = self.known.response(serve.stored) if body is None else body
        if self.in_background:
            stored.cache_status = serve.cache_status
            return stored
        if serve.refresh is not None:
            self._refresh(serve.refresh.request, serve.refresh.fetch)
        recorder, streams = self.recorder, bool(self.call.stream)
        answer = _read(lambda: recorder.serve(stored, serve, self.request, streams=streams))
        if answer is None:
            return self._do_without()
        answer.revalidated = revalidated
        self.known.own.note_used(serve.stored.key)
        # Variants lie under keys of their own, which are nobody's concern.
        answer.cache_key = self.known.key
        return self.answer(answer, stale=serve.stale)

    def _do_without(self) -> Response:
        """Answer as if nothing were stored."""
        self.known = nothing(self)
        decision = self.policy.decide(self.head, [], clock.now())
        assert not isinstance(decision, Serve)
        return self._carry_out(decision)

    def _refresh(self, head: RequestHead, fetch: Fetch) -> None:
        """Have a thread do what is left to do after a stale answer."""
        again = self._again(head)
        url = again.request.url or ""
        self.session.refresh_in_background(self.key or "", lambda: again.refetch(fetch), url)

    def _again(self, head: RequestHead) -> Exchange:
        """Give the exchange that asks the origin in the background about what is stored."""
        call = self.call._replace(stream=False)
        again = type(self)(self.session, self.request, self.send_kwargs, call)
        again.request = self.with_fields({})
        for name in {name for name, _ in self.head.headers if name not in head.headers}:
            del again.request.headers[name]
        again.head, again.policy, again.recorder = head, self.policy, self.recorder
        again.key, again.programs = self.key, self.chain.programs
        again.run_in_background()
        return again

    def refresh(self, key: str) -> Response | None:
        """Refresh what was served stale under a key, unless somebody else has done so by now."""
        self.run_in_background()
        self.begin()
        decision = self.look_up()
        if isinstance(decision, Serve):
            if decision.refresh is None:
                return None
            head, fetch = decision.refresh.request, decision.refresh.fetch
        elif isinstance(decision, Fetch):
            head, fetch = self.head, decision
        else:
            return None
        again = self._again(head)
        # If the caller has become another meanwhile, it is not his to refresh.
        again.key = key
        return again.refetch(fetch)

    def refetch(self, fetch: Fetch) -> Response:
        """Fetch in the background what was served stale, if it is still the same who asks."""
        self.renew_cookies()
        self.asking = Asking(self.session, self.request, self.send_kwargs, self.chain)
        if key_of(self, self.request) != self.key:
            nobody = OriginalResponse()
            nobody.status_code = HTTPStatus.NO_CONTENT
            return OriginalResponse.mark(nobody, CacheStatus(detail="owner-changed"))
        # Bodies and the list of what is stored belong to the thread that read them.
        self.known = self._load()
        if not self.known.has(fetch.known):
            # What was to be validated has been deleted since.
            fetch = Fetch(fetch.cache_status)
        return self._fetch(fetch)

    # Answers of the origin

    def _fetch(self, fetch: Fetch) -> Response:
        """Ask the origin, and do what the policy makes of its answer."""
        try:
            answer = ask_origin(self, fetch, lambda begun: self._keep_beginning(fetch, begun))
        except RequestException:
            serve = self.policy.on_error(self.head, fetch, clock.now())
            if serve is None:
                raise
            return self._serve(serve)
        outcome, response = outcome_of(self, fetch, answer), answer.response
        if isinstance(outcome, Serve):
            response.close()
            return self._serve(outcome)
        is_another = not answer.sent.is_answered_by(self, response)
        if isinstance(outcome, Retry) or (is_another and isinstance(outcome, Freshen | Combine)):
            # What came answers our own question wrongly, or a question that was not ours.
            response.close()
            return self._fetch(fetch._replace(set_fields=(), nominated=(), completes=False))
        if isinstance(outcome, Freshen):
            return self._freshen(outcome, response)
        if isinstance(outcome, Combine):
            if outcome.instead is not None and can_stream(self, outcome, answer):
                take_back(self, fetch, response)
                return self._stream_whole(outcome, answer)
            if outcome.instead is not None and is_too_large(self, outcome):
                response.close()
                return self._fetch(outcome.instead)
            return self._combine(outcome, answer)
        if fetch.storable:
            self.cache.stats.add("misses")
        take_back(self, fetch, response)
        response = self.for_caller(response)
        if answer.sent.was_redirected(response):
            # The final response was kept, or not, on its own way through the cache.
            remember_redirects(self, response)
            return response
        if isinstance(outcome, Store):
            why_not = "sent-as-another-request" if is_another else None
            return store(self, outcome, answer, response, why_not)
        perform(self, outcome.effects)
        status = outcome.cache_status._replace(detail=outcome.reason)
        return OriginalResponse.mark(response, status)

    def _keep_beginning(self, fetch: Fetch, answer: Answer) -> None:
        """Store what has come of a body that broke off, if the rest can be joined to it."""
        outcome, response = outcome_of(self, fetch, answer), answer.response
        if not isinstance(outcome, Store) or not answer.sent.is_answered_by(self, response):
            return
        if is_to_be_kept(self, fetch, outcome, len(response.content)):
            store(self, outcome, answer, response, None)

    def _freshen(self, outcome: Freshen, response: Response) -> Response:
        """Write what a 304 or a HEAD brought up to date, and serve it."""
        status, fresh = write_updates(self, outcome, response)
        if outcome.serve is None:
            return OriginalResponse.mark(self.for_caller(response), status)
        response.close()
        serve = outcome.serve
        if status is not serve.cache_status:
            serve = serve._replace(cache_status=status)
        return self._serve(serve, revalidated=True, body=fresh)

    def _stream_whole(self, outcome: Combine, answer: Answer) -> Response:
        """Give the stored part and then what comes, as if the origin sent the whole now."""
        self.cache.stats.add("misses")
        whole = joined_answer(self, outcome, answer)
        stored = Store(outcome.head, outcome.cache_status, outcome.effects, (outcome.stored,))
        return store(self, stored, whole, self.for_caller(whole.response), None)

    def _combine(self, outcome: Combine, answer: Answer) -> Response:
        """Store what is joined from two parts, and serve it."""
        answer.capture.read_all()
        response, status = answer.response, outcome.cache_status
        incomplete = reason_of_body(self, response, answer.received, None)
        if incomplete is not None and outcome.instead is not None:
            return self._fetch(outcome.instead)
        self.cache.stats.add("misses")
        octets = response.content
        if self.call.stream:
            answer.capture.leave_unread()
        if incomplete is not None:
            status = status._replace(stored=False, detail=incomplete)
            return OriginalResponse.mark(self.for_caller(response), status)
        reason = reason_of_head(self, response)
        part = self.known.response(outcome.stored)
        whole = _read(lambda: self.recorder.join(part, outcome, octets))
        if whole is None:
            return self._do_without()
        stored = reason is None and write_joined(self, outcome, whole)
        status = status._replace(stored=stored, detail=reason)
        if outcome.serve is None:
            response = self.for_caller(response)
            return OriginalResponse.mark(response, status, whole if stored else None)
        return self._serve(outcome.serve._replace(cache_status=status), body=whole)


def _read(action: Callable[[], _T]) -> _T | None:
    """Give what is made of a stored body; None if that cannot be read, which it says itself."""
    try:
        return action()
    except OSError:
        return None
