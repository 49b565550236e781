"""What a request would do, and which rule says so; nothing is sent and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, NamedTuple, TypeVar, cast

from requests import Request

from .. import clock
from ..options import take
from ..policy import Fetch, GatewayTimeout, Serve, StoredHead
from ..policy.cache_status import CacheStatus
from .exchange import Exchange
from .loading import nothing
from .owner_misses import with_reason
from .reasons import CACHE_DISABLED, of_fetch, of_lifetime, of_serve, of_unfit
from .request_context import NO_OPTIONS, Lifetime, RequestContext, options_of

if TYPE_CHECKING:
    from ..policy import Decision
    from .host import Host

__all__ = ["Explanation", "explain"]

_OPTIONS = {
    "expire_after": None,
    "only_if_cached": False,
    "refresh": False,
    "force_refresh": False,
}
_OF_SEND = ("stream", "timeout", "verify", "cert", "proxies", "allow_redirects")

_T = TypeVar("_T")

Action = Literal["serve", "serve stale", "validate", "fetch", "refuse"]


class Explanation(NamedTuple):
    """What a request would do; `print()` shows it as a few lines."""

    action: Action
    """serve, serve stale: answer from the cache; validate: ask whether what is stored still holds;
    fetch: ask the origin; refuse: answer 504."""
    reason: str
    rule: str
    """The setting or the section of an RFC that decides."""
    method: str
    url: str
    """URL with secrets replaced."""
    key: str | None
    """None if the request has no key, so that it is never stored."""
    stored: int
    """Number of responses that are stored for this request, variants included."""
    elsewhere: int
    """Number of responses of the same URL under other keys: those of other credentials, header
    fields or settings. Looked for only where nothing is stored for this request."""
    status: int | None = None
    """Status code of the response that would be served or validated; so are the others."""
    age: float | None = None
    """Seconds since it was received or validated."""
    ttl: float | None = None
    """Seconds until it expires, negative if it has; None for never."""

    def __str__(self) -> str:
        """Give a few lines for a person to read."""
        lines = [
            f"{self.method} {self.url}",
            f"  would      {_ACTIONS[self.action]}",
            f"  because    {self.reason}",
            f"  rule       {self.rule}",
            f"  stored     {self._stored()}",
            f"  key        {self.key or 'none: it is never stored'}",
        ]
        return "\n".join(lines)

    def _stored(self) -> str:
        if not self.stored:
            others = f", but {self.elsewhere} of this URL under other keys"
            return f"nothing{others if self.elsewhere else ''}"
        chosen = "" if self.status is None else f"; the one in question has status {self.status}"
        age = "" if self.age is None else f" and is {self.age:.0f} s old"
        return f"{self.stored}{chosen}{age}"

    def _repr_html_(self) -> str:
        from html import escape

        return f"<pre>{escape(str(self))}</pre>"


_ACTIONS = {
    "serve": "be answered from the cache",
    "serve stale": "be answered from the cache, although it has expired",
    "validate": "ask the server whether what is stored still holds",
    "fetch": "ask the server",
    "refuse": "be answered with 504, without asking the server",
}


def explain(
    session: Host, method: str, url: str, kwargs: dict[str, Any], *, disabled: bool = False
) -> Explanation:
    """Explain a request.

    Args:
        session: the session that would send it.
        method: its method.
        url: its URL.
        kwargs: other arguments of `session.request`.
        disabled: whether the session sends every request past the cache.
    """
    wishes = {name: kwargs.pop(name, default) for name, default in _OPTIONS.items()}
    of_send = take(kwargs, _OF_SEND)
    request = session.prepare_request(Request(method.upper(), url, **kwargs))
    options = options_of(**cast("Any", wishes))
    settings = {"verify": session.verify, "cert": session.cert, "allow_redirects": True, **of_send}
    # Bodies are opened, and not read.
    call = RequestContext(options, stream=True, owner=session)
    past = Fetch(CacheStatus(fwd="bypass", detail=CACHE_DISABLED)) if disabled else None
    return _Explaining(session, request, settings, call).explain(past)


class _Explaining(Exchange):
    """An exchange that stops before anything is sent or served."""

    _has_failed = False

    def explain(self, disabled: Fetch | None) -> Explanation:
        try:
            self.begin()
            self.known = nothing(self)
            bypass = disabled or self.policy.bypass(self.head)
            return self._explanation(self.look_up() if bypass is None else bypass)
        finally:
            self.close_unused()

    def _explanation(self, decision: Decision) -> Explanation:
        chosen = self._chosen(decision)
        if isinstance(decision, Fetch):
            decision = with_reason(self, decision, note=False)
        action, reason, rule = self._why(decision, chosen)
        members = self.known.size
        now = clock.now()
        ttl = None if chosen is None else self.policy.expires_at(chosen)
        return Explanation(
            action,
            reason,
            rule,
            self.head.method,
            self.cache.matching.redactor.url(self.request.url or ""),
            self.key,
            members,
            0 if members else self._count_elsewhere(),
            None if chosen is None else chosen.status,
            None if chosen is None else max(0.0, now - chosen.response_time),
            None if ttl is None else ttl - now,
        )

    def _why_unused(self, fetch: Fetch) -> tuple[str, str] | None:
        """Say what keeps the policy from seeing what is stored, if anything does."""
        if self._has_failed:
            return "the store fails, and the request goes on without it", "on_error"
        if fetch.cache_status.fwd != "uri-miss" or not self.known.size:
            return None
        return of_unfit(next(iter(self.unfit.values()), "filter_fn"))

    @staticmethod
    def _chosen(decision: Decision) -> StoredHead | None:
        match decision:
            case Serve(stored):
                return stored
            case Fetch():
                return decision.selected or next(iter(decision.known), None)
            case GatewayTimeout():
                return None

    def _why(self, decision: Decision, chosen: StoredHead | None) -> tuple[Action, str, str]:
        if isinstance(decision, GatewayTimeout):
            rule = "only_if_cached; RFC 9111, section 5.2.1.7"
            return "refuse", "only what is cached is wanted, and nothing is that can be used", rule
        lifetime = Lifetime.of(self.request.url or "", self.settings, NO_OPTIONS)
        expiry = of_lifetime(chosen, self.policy, lifetime)
        if isinstance(decision, Serve):
            reason, rule = of_serve(decision, expiry, clock.now(), self.policy)
            return "serve stale" if decision.stale else "serve", reason, rule
        reason, rule = self._why_unused(decision) or of_fetch(
            decision, self.head, self.policy, expiry, clock.now()
        )
        return "validate" if decision.set_fields else "fetch", reason, rule

    def ask_store(self, action: Callable[[], _T], otherwise: _T) -> _T:
        """Ask the store, and note whether it failed."""

        def asked() -> _T:
            result = action()
            self._has_failed = False
            return result

        self._has_failed = True
        return super().ask_store(asked, otherwise)

    def _count_elsewhere(self) -> int:
        url = self.cache.matching.redactor.url(self.request.url or "")
        nothing: list[str] = []
        urls = self.ask_store(lambda: [each.record.url for each in self.cache.select()], nothing)
        return urls.count(url)
