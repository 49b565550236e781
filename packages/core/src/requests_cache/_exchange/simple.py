"""A request on its way through a cache that keeps responses for `expire_after`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from requests import Response
from requests.exceptions import RequestException

from .. import clock
from .._matching.variants import describe_variant, is_variant, variant_key
from .._transfer.capture import Capture
from ..expiration import end_of_keeping
from ..models.describe import describe_history
from ..models.freshen import freshen
from ..models.record import Flag, Kept
from ..models.response import CachedResponse, OriginalResponse
from ..policy.cache_status import CacheStatus
from .collapsing import fetch_once, is_shareable
from .exchange import Exchange
from .simple_rules import Plan, conditions_of, is_failure, make_plan, wishes_of

if TYPE_CHECKING:
    from datetime import datetime

    from requests import PreparedRequest

__all__ = ["SimpleExchange"]

# RFC 9110, section 13.1
_CONDITIONS = frozenset({"if-match", "if-none-match", "if-modified-since", "if-unmodified-since"})


class SimpleExchange(Exchange):
    """Serve, validate, fetch or give up, as `simple.make_plan` says."""

    primary: CachedResponse | None = None
    """What is stored under the key of the request."""
    stored: CachedResponse | None = None
    """The variant of it that the request selects."""
    is_redirected = False
    """Whether it was found through a redirect."""
    plan: Plan
    """What to do with it."""
    max_age: int | None = None
    """How many seconds ago it may have come at most, if the caller says so."""

    def perform(self) -> Response:
        """Answer the request from the cache, or from the origin."""
        bypass = self._reason_to_bypass()
        if bypass is not None:
            if self.options.only_if_cached or self.settings.only_if_cached:
                return self.give_up(bypass)
            return self.pass_through(bypass)
        since = self.cache.flights.landings if self._look is None else self._look.since
        first_key = self.key
        answer = self._serve_stored()
        if answer is not None:
            return answer
        if self.plan.action == "timeout":
            return self.give_up(CacheStatus(detail="only-if-cached"))
        if not is_shareable(self):
            return self.fetch(self.plan)

        def again() -> Response | None:
            self.key = first_key
            return self._serve_stored()

        flight_key = (first_key, self.send_kwargs.get("allow_redirects", True))
        return fetch_once(self, flight_key, since, again, lambda: self.fetch(self.plan))

    def _serve_stored(self) -> Response | None:
        """Answer with what is stored; None if it cannot be used as it is."""
        self._look_up()
        self.plan = plan = self._plan()
        if plan.action != "serve" or self.stored is None:
            return None
        if plan.refresh:
            self._refresh()
        return self.answer(self.stored)

    def _reason_to_bypass(self) -> CacheStatus | None:
        if self._heed_wishes():
            return CacheStatus(fwd="request", detail="no-store")
        if not self.lifetime.is_cached:
            return CacheStatus(fwd="bypass", detail="DO_NOT_CACHE")
        if (self.request.method or "").upper() not in self.settings.allowable_methods:
            return CacheStatus(fwd="method")
        if "Range" in self.request.headers:
            return CacheStatus(fwd="request", detail="range")
        self.key = self.make_key(self.request)
        return CacheStatus(fwd="bypass", detail="body-not-repeatable") if not self.key else None

    def _heed_wishes(self) -> bool:
        """Heed what the caller's fields ask for; say whether that is to leave the cache alone."""
        wishes = wishes_of(self.request.headers)
        if wishes is None:
            return False
        # They are no part of the key, so the short way must not remember the key of this call.
        self.call = self.call._replace(keys=None)
        self.max_age = wishes.max_age
        self.options = self.options._replace(
            refresh=self.options.refresh or wishes.no_cache,
            only_if_cached=self.options.only_if_cached or wishes.only_if_cached,
        )
        return wishes.no_store

    def _look_up(self) -> None:
        self.is_redirected = False
        self.primary = stored = self._get(self.key or "")
        if stored is not None and stored.cache_key != self.key:
            self.is_redirected = True
            if not self.send_kwargs.get("allow_redirects", True):
                # The caller wants the redirect itself, which is not what is stored.
                self.primary = stored = None
        if stored is not None and stored.record.flags & Flag.HTTP and not self._answers(stored):
            self.primary = stored = None
        if stored is not None and stored.record.flags & Flag.VARY:
            stored = self._select_variant(stored)
        self.stored = None if stored is None else self.filtered(stored)

    def _get(self, key: str) -> CachedResponse | None:
        if self.call.stream:
            return self.note_opened(self.ask_store(lambda: self.cache.open_response(key), None))
        return self.look_up(key)

    def _answers(self, stored: CachedResponse) -> bool:
        """Say whether what a session with `cache_control` stored is a whole answer to this."""
        method = stored.record.fields["request"]["method"]
        return stored.status_code != 206 and bool(method == (self.request.method or "").upper())

    def _select_variant(self, stored: CachedResponse) -> CachedResponse | None:
        described = stored.record.fields.get("vary", ())
        if is_variant(described, self.request.headers):
            return stored
        self.key = variant_key(self.key or "", described, self.request.headers)
        # What is no sibling belonged to a response that was deleted since; a redirect has none.
        known = self.is_redirected or self.key in stored.record.fields.get("siblings", ())
        return self._get(self.key) if known else None

    def _plan(self) -> Plan:
        stored = self.stored
        expires = None if stored is None else stored.record.expires
        has_validator = stored is not None and bool(stored.record.flags & Flag.VALIDATOR)
        now, options = clock.now(), self.options
        if stored is not None and self.max_age is not None:
            # 0 asks for validation, even in the very moment of arrival.
            is_old = not self.max_age or now - stored.record.created > self.max_age
            options = options._replace(refresh=options.refresh or is_old)
        plan = make_plan(expires, has_validator, now, self.settings, options)
        if plan.validate and (self.is_redirected or self._has_conditions()):
            # A 304 would speak of another resource, or of the caller's own copy, and not of ours.
            plan = plan._replace(validate=False)
        if stored is None and self.primary is not None and plan.action == "fetch":
            return plan._replace(reason="vary-miss")
        return plan

    def _has_conditions(self) -> bool:
        return not _CONDITIONS.isdisjoint(name.lower() for name in self.request.headers)

    def _refresh(self) -> None:
        assert self.stored is not None
        call = self.call._replace(stream=False, keys=None)
        request = self.with_fields({})
        again = SimpleExchange(self.session, request, self.send_kwargs, call)
        again.key, again.primary, again.stored = self.key, self.primary, self.stored
        again.run_in_background()
        validate = bool(conditions_of(self.stored.headers)) and not self.is_redirected
        plan = Plan("fetch", "stale", validate=validate)
        url = request.url or ""
        self.session.refresh_in_background(self.key or "", lambda: again.fetch(plan), url)

    def fetch(self, plan: Plan) -> Response:
        """Ask the origin, and keep what it says if it may be kept."""
        request = self._conditional_request() if plan.validate else self.request
        try:
            response = self.send(request)
            capture = self.receive(response)
        except RequestException:
            if not plan.stale_if_error or self.stored is None:
                raise
            return self._serve_instead(None)
        if plan.stale_if_error and self.stored and self._is_failure(response):
            response.close()
            return self._serve_instead(response.status_code)
        if plan.validate and self.stored is not None and response.status_code == 304:
            return self._revalidated(response, plan)
        self.cache.stats.add("misses")
        if plan.validate:
            response = self.run_hooks(response)
        return self._keep(response, capture, CacheStatus(fwd=plan.reason))

    def _is_failure(self, response: Response) -> bool:
        return is_failure(response.status_code, self.settings)

    def _conditional_request(self) -> PreparedRequest:
        assert self.stored is not None
        return self.with_fields(conditions_of(self.stored.headers))

    def _serve_instead(self, status: int | None) -> Response:
        assert self.stored is not None
        self.stored.cache_status = CacheStatus(
            hit=True, fwd_status=status, ttl=self.stored.ttl, detail="stale-if-error"
        )
        return self.answer(self.stored)

    def _revalidated(self, response: Response, plan: Plan) -> Response:
        stored = self.stored
        assert stored is not None
        now = clock.now()
        fresh = freshen(stored, response.headers, now, self.lifetime.expires(now))
        written = not self.settings.read_only and self.write(
            lambda: self.cache.freshen_response(fresh.cache_key or "", fresh, self.session.grace)
        )
        self.cache.stats.add("revalidated")
        fresh.revalidated = True
        fresh.cache_status = CacheStatus(fwd=plan.reason, fwd_status=304, stored=written)
        return self.answer(fresh)

    def _keep(self, response: Response, capture: Capture, status: CacheStatus) -> Response:
        if response.history:
            self._keep_redirect(response)
            return response
        status = status._replace(fwd_status=response.status_code)
        why_not = self._reason_not_to_store(response)
        if why_not:
            return OriginalResponse.mark(response, status._replace(detail=why_not))
        response = OriginalResponse.mark(response, status)

        # Neither holds the response, which may be dropped unread.
        def store(response: Response, body: Kept | None) -> bool:
            return self._store(response, body, status)

        def refuse(response: Response, why: str) -> None:
            OriginalResponse.mark(response, status._replace(detail=why))

        capture.when_complete(store, refuse, self.make_spool())
        return response

    def _keep_redirect(self, response: Response) -> None:
        """Remember where a redirect led; the response itself was kept on its own way through."""
        target = getattr(response, "cache_key", None)
        if target is None or self.key is None or self.settings.read_only:
            return
        history = describe_history(response.history, self.cache.matching.redactor)
        end = self._end_of_redirect(response)

        def write() -> None:
            if self.primary is not None and not self.is_redirected:
                # What was stored before the URL was redirected would hide the redirect.
                self.cache.delete(self.primary.cache_key or "")
            self.cache.write_redirect(self.key or "", target, history, end)
            for number, hop in enumerate(response.history[1:], 1):
                self.cache.save_redirect(hop.request, target, history[number:], end)

        self.write(write)

    def _end_of_redirect(self, response: Response) -> float | None:
        """Give when it may be forgotten where a redirect led: when the response may be, as of now.

        A response that is validated stays longer than that; then the redirect is just asked anew.
        """
        expires: datetime | None = getattr(response, "expires", None)
        seconds = None if expires is None else expires.timestamp()
        return end_of_keeping(seconds, self.session.grace)

    def _reason_not_to_store(self, response: Response) -> str | None:
        settings = self.settings
        if settings.read_only:
            return "read_only"
        if response.status_code not in settings.allowable_codes:
            return "status-not-allowed"
        if self.is_too_large(response):
            return "too-large"
        if not self.lifetime.allows(bool(conditions_of(response.headers))):
            return "expires-at-once"
        if settings.filter_fn is not None and not settings.filter_fn(response):
            return "filter_fn"
        location = response.headers.get("Location", "")
        if self.cache.matching.redactor.url(location) != location:
            # A redirect without its secret would lead somewhere else.
            return "secret-in-location"
        return None

    def _store(self, response: Response, body: Kept | None, status: CacheStatus) -> bool:
        now = clock.now()
        cached = CachedResponse.from_response(
            response,
            body,
            created=now,
            expires=self.lifetime.expires(now),
            redactor=self.cache.matching.redactor,
        )
        key = self._storage_key(cached, response)
        if key is None:
            OriginalResponse.mark(response, status._replace(detail="vary-star"))
        elif self.write(lambda: self._write_variant(key, cached)):
            OriginalResponse.mark(response, status._replace(stored=True), cached, key)
            return True
        else:
            why = self.refusal or "store-failed"
            OriginalResponse.mark(response, status._replace(detail=why))
        return False

    def _write_variant(self, key: str, cached: CachedResponse) -> None:
        self.cache.write_response(key, cached, self.session.grace)
        primary = self.primary
        if primary is not None and primary.cache_key not in (None, key):
            siblings = primary.record.fields.get("siblings", ())
            if key not in siblings:
                primary.change_fields(siblings=[*siblings, key])
                self.cache.freshen_response(primary.cache_key or "", primary)

    def _storage_key(self, cached: CachedResponse, response: Response) -> str | None:
        """Give the key for a response that may be one of several variants; None for `Vary: *`."""
        vary = response.headers.get("Vary")
        if vary is None:
            return self.key
        described = describe_variant(vary, self.request.headers)
        if described is None:
            return None
        cached.record.fields["vary"] = described
        primary = self.primary
        if primary is None or self.is_redirected:
            return self.key
        names = [name for name, _ in primary.record.fields.get("vary", ())]
        if names != [name for name, _ in described]:
            # The origin selects by other fields now, so the older variants are out of reach.
            return primary.cache_key
        if self.key == primary.cache_key:
            cached.record.fields["siblings"] = primary.record.fields.get("siblings", [])
        return self.key
