"""One request on its way through the cache. It performs what the rules decide."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from requests import PreparedRequest, Response
from requests.exceptions import RequestException
from requests.hooks import default_hooks, dispatch_hook

from . import clock
from .call import Call
from .keys import UncacheableBodyError
from .models.cookies import fill_jar
from .models.describe import describe_history
from .models.freshen import freshen
from .models.response import CachedResponse, OriginalResponse
from .record import Flag
from .simple import Lifetime, Plan, conditions_of, make_plan
from .variants import describe_variant, is_variant, variant_key
from .wire import Capture

if TYPE_CHECKING:
    from .session import CacheMixin

__all__ = ["Exchange"]

# RFC 5861, section 4: what counts as an error of the origin.
_ORIGIN_ERRORS = frozenset({500, 502, 503, 504})


class Exchange:
    """A request, what is stored for it, and what becomes of both.

    Args:
        session: the session that sends the request.
        request: the request, prepared.
        send_kwargs: arguments that the session's `send` was called with.
        call: what the caller asked for.
    """

    def __init__(
        self,
        session: CacheMixin,
        request: PreparedRequest,
        send_kwargs: dict[str, Any],
        call: Call,
    ) -> None:
        self.session = session
        self.cache = session.cache
        self.settings = session.settings
        self.request = request
        self.send_kwargs = send_kwargs
        self.call = call
        self.options = call.options
        self.reraise = self.settings.on_error == "raise"
        self.lifetime = Lifetime.of(request.url or "", self.settings, call.options)
        self.key: str | None = None
        self.primary: CachedResponse | None = None
        self.stored: CachedResponse | None = None

    def run(self) -> Response:
        """Answer the request from the cache, or from the origin."""
        bypass = self._reason_to_bypass()
        if bypass:
            return self._pass_through(bypass)
        self._look_up()
        plan = self._plan()
        if plan.action == "serve" and self.stored is not None:
            if plan.refresh:
                self._refresh()
            return self._serve(self.stored, plan.reason)
        if plan.action == "timeout":
            return self._give_up()
        return self.fetch(plan)

    # Before the origin is asked

    def _reason_to_bypass(self) -> str | None:
        if not self.lifetime.is_cached:
            return "expire_after=DO_NOT_CACHE"
        if (self.request.method or "").upper() not in self.settings.allowable_methods:
            return "method"
        if "Range" in self.request.headers:
            return "range"
        try:
            verify = self.send_kwargs.get("verify", self.session.verify)
            self.key = self.cache.create_key(self.request, verify=verify)
        except UncacheableBodyError as error:
            return str(error)
        if self.call.keys is not None:
            self.call.keys.append(self.key)
        return None

    def _look_up(self) -> None:
        assert self.key is not None
        self.primary = self._ask_store(self.cache.get_response, self.key)
        stored = self.primary
        if stored is not None and stored.record.flags & Flag.VARY:
            stored = self._select_variant(self.key, stored)
        if stored is not None and self.settings.filter_fn and not self.settings.filter_fn(stored):
            stored = None
        self.stored = stored

    def _select_variant(self, key: str, stored: CachedResponse) -> CachedResponse | None:
        described = stored.record.fields.get("vary", ())
        if is_variant(described, self.request.headers):
            return stored
        self.key = variant_key(key, described, self.request.headers)
        return self._ask_store(self.cache.get_response, self.key)

    def _ask_store(self, ask: Callable[[str], CachedResponse | None], key: str) -> Any:
        return self.session.guard.call(lambda: ask(key), None, self.reraise)

    def _plan(self) -> Plan:
        stored = self.stored
        if stored is None:
            return self._plan_for(None, False)
        return self._plan_for(stored.record.expires, bool(conditions_of(stored.headers)))

    def _plan_for(self, expires: float | None, has_validator: bool) -> Plan:
        return make_plan(expires, has_validator, clock.now(), self.settings, self.options)

    # Answers that are not the origin's

    def _serve(self, stored: CachedResponse, reason: str) -> Response:
        stats = self.cache.stats
        stats.add("hits")
        stats.add("saved_bytes", stored.size)
        if reason != "hit":
            stats.add("stale")
        stored.cache_status = reason
        if stored.record.flags & (Flag.COOKIES | Flag.HISTORY):
            for response in (*stored.history, stored):
                fill_jar(self.session.cookies, response.cookies, clock.now())
        return self._run_hooks(stored)

    def _run_hooks(self, response: Response) -> Response:
        hooks = self.request.hooks
        if not (hooks and hooks.get("response")):
            return response
        answered: Response = dispatch_hook("response", hooks, response, **self.send_kwargs)
        return answered

    def _refresh(self) -> None:
        assert self.stored is not None
        again = Exchange(self.session, self.request, self.send_kwargs, self.call._replace(stream=False))
        again.key, again.primary, again.stored = self.key, self.primary, self.stored
        plan = Plan("fetch", "stale", validate=bool(conditions_of(self.stored.headers)))
        self.session.refresh_in_background(self.key or "", lambda: again.fetch(plan))

    def _give_up(self) -> Response:
        """Answer with 504 (RFC 9111, section 5.2.1.7: only-if-cached)."""
        response = OriginalResponse()
        response.status_code = 504
        response.reason = "Not Cached"
        response.url = self.request.url or ""
        response.request = self.request
        response._content = b""
        response.cache_key = self.key
        response.cache_status = "only-if-cached"
        return response

    def _pass_through(self, reason: str) -> Response:
        if self.options.only_if_cached or self.settings.only_if_cached:
            return self._give_up()
        response = self._send(self.request)
        if not self.call.stream:
            response.content  # noqa: B018  # reads the body, as requests does without stream=True
        return OriginalResponse.mark(response, reason)

    # The origin's answers

    def fetch(self, plan: Plan) -> Response:
        """Ask the origin, and keep what it says if it may be kept."""
        request = self._conditional_request() if plan.validate else self.request
        try:
            response = self._send(request)
            body = self._receive(response)
        except RequestException:
            if not plan.stale_if_error or self.stored is None:
                raise
            return self._serve(self.stored, "stale-if-error")
        if plan.stale_if_error and self.stored is not None and _failed(response):
            response.close()
            return self._serve(self.stored, "stale-if-error")
        if plan.validate and self.stored is not None and response.status_code == 304:
            return self._revalidated(response)
        self.cache.stats.add("misses")
        if plan.validate:
            response = self._run_hooks(response)
        return self._keep(response, body, plan.reason)

    def _send(self, request: PreparedRequest) -> Response:
        return self.session.send_to_origin(request, self.send_kwargs)

    def _conditional_request(self) -> PreparedRequest:
        assert self.stored is not None
        request = self.request.copy()
        # The caller's hooks see the response that the caller gets, which a 304 is not.
        request.hooks = default_hooks()
        for name, value in conditions_of(self.stored.headers).items():
            request.headers.setdefault(name, value)
        return request

    def _receive(self, response: Response) -> Capture:
        capture = Capture(response)
        if not self.call.stream:
            capture.read_all()
        return capture

    def _revalidated(self, response: Response) -> Response:
        stored = self.stored
        assert stored is not None
        assert self.key is not None
        now = clock.now()
        fresh = freshen(stored, response.headers, now, self.lifetime.expires(now))
        if not self.settings.read_only:
            self._write(lambda: self.cache.freshen_response(fresh.cache_key or "", fresh))
        self.cache.stats.add("revalidated")
        fresh.revalidated = True
        return self._serve(fresh, "hit")

    def _keep(self, response: Response, capture: Capture, reason: str) -> Response:
        if response.history:
            self._keep_redirect(response)
            return response
        why_not = self._reason_not_to_store(response)
        if why_not:
            return OriginalResponse.mark(response, f"{reason}; not stored: {why_not}")
        response = OriginalResponse.mark(response, reason)
        capture.when_complete(lambda body: self._store(response, body))
        return response

    def _keep_redirect(self, response: Response) -> None:
        """Remember where a redirect led; the response itself was kept on its own way through."""
        target = getattr(response, "cache_key", None)
        if target is None or self.key is None or self.settings.read_only:
            return
        history = describe_history(response.history, self.cache.matching.redactor)
        hops = [hop for hop in response.history[1:] if hop.request is not None]

        def write() -> None:
            self.cache.write_redirect(self.key or "", target, history)
            for number, hop in enumerate(hops, 1):
                self.cache.save_redirect(hop.request, target, history[number:])

        self._write(write)

    def _reason_not_to_store(self, response: Response) -> str | None:
        settings = self.settings
        if settings.read_only:
            return "read_only"
        if response.status_code not in settings.allowable_codes:
            return f"status {response.status_code}"
        if not self.lifetime.allows(bool(conditions_of(response.headers))):
            return "it expires at once and has no validator"
        if settings.filter_fn is not None and not settings.filter_fn(response):
            return "filter_fn"
        return None

    def _store(self, response: Response, body: bytes | None) -> None:
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
            return
        if self._write(lambda: self.cache.write_response(key, cached, self.session.grace)):
            OriginalResponse.mark(response, getattr(response, "cache_status", "") or "", cached, key)

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
        if primary is None or primary.cache_key is None:
            return self.key
        names = [name for name, _ in primary.record.fields.get("vary", ())]
        if names != [name for name, _ in described]:
            # The origin selects by other fields now, so the older variants are out of reach.
            return primary.cache_key
        return self.key

    def _write(self, action: Callable[[], None]) -> bool:
        def done() -> bool:
            action()
            return True

        return self.session.guard.call(done, False, self.reraise)


def _failed(response: Response) -> bool:
    return response.status_code in _ORIGIN_ERRORS
