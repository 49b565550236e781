"""What a request would do, and which rule says so; nothing is sent and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, TypeAlias, TypeVar

from requests import Request

from .. import clock
from ..options import take
from ..policy import Fetch, GatewayTimeout, Serve
from ..policy.cache_status import CacheStatus
from ..policy.freshness import lifetime_and_rule, request_directives, response_directives
from .exchange import Exchange
from .loading import nothing
from .request_context import NO_OPTIONS, Lifetime, RequestContext, options_of
from .whose import with_reason

if TYPE_CHECKING:
    from ..policy import Decision, RequestHead, StoredHead
    from ..policy.values import Policy
    from .request_context import Host

_FLAGS: Final = ("only_if_cached", "refresh", "force_refresh")
_OF_SEND: Final = ("stream", "timeout", "verify", "cert", "proxies", "allow_redirects")
_DISABLED: Final = "cache_disabled"

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


_ACTIONS: Final = {
    "serve": "be answered from the cache",
    "serve stale": "be answered from the cache, although it has expired",
    "validate": "ask the server whether what is stored still holds",
    "fetch": "ask the server",
    "refuse": "be answered with 504, without asking the server",
}


def explain(
    session: Host, method: str, url: str, kwargs: dict[str, Any], *, disabled: bool = False
) -> Explanation:
    """Explain a request of a session, with the other arguments of its `request`.

    With `disabled` the session sends every request past the cache.
    """
    expire_after = kwargs.pop("expire_after", None)
    flags = [kwargs.pop(name, False) for name in _FLAGS]
    of_send = take(kwargs, _OF_SEND)
    request = session.prepare_request(Request(method.upper(), url, **kwargs))
    options = options_of(expire_after, *flags)
    settings = {"verify": session.verify, "cert": session.cert, "allow_redirects": True, **of_send}
    # Bodies are opened, and not read.
    call = RequestContext(options, stream=True, owner=session)
    past = Fetch(CacheStatus(fwd="bypass", detail=_DISABLED)) if disabled else None
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
        return _UNFIT[next(iter(self.unfit.values()), "filter_fn")]

    @staticmethod
    def _chosen(decision: Decision) -> StoredHead | None:
        if isinstance(decision, Fetch):
            return decision.selected or next(iter(decision.known), None)
        return decision.stored if isinstance(decision, Serve) else None

    def _why(self, decision: Decision, chosen: StoredHead | None) -> tuple[Action, str, str]:
        if isinstance(decision, GatewayTimeout):
            rule = "only_if_cached; RFC 9111, section 5.2.1.7"
            return "refuse", "only what is cached is wanted, and nothing is that can be used", rule
        lifetime = Lifetime.of(self.request.url or "", self.settings, NO_OPTIONS)
        expiry = _of_lifetime(chosen, self.policy, lifetime)
        if isinstance(decision, Serve):
            reason, rule = _of_serve(decision, expiry, self.policy)
            return "serve stale" if decision.stale else "serve", reason, rule
        why = self._why_unused(decision)
        reason, rule = why or _of_fetch(decision, self.head, self.policy, expiry)
        return "validate" if decision.set_fields else "fetch", reason, rule

    def ask_store(self, action: Callable[[], _T], otherwise: _T) -> _T:
        def asked() -> _T:
            result = action()
            self._has_failed = False
            return result

        self._has_failed = True
        return super().ask_store(asked, otherwise)

    def _count_elsewhere(self) -> int:
        url = self.cache.matching.redactor.url(self.request.url or "")
        return self.ask_store(
            lambda: sum(each.record.url == url for each in self.cache.select()), 0
        )


# Decisions of a policy in words: why, and by which setting or section of an RFC

_OF_CALL: Final = {
    "uri-miss": ("nothing is stored for this request", "RFC 9111, section 4"),
    "vary-miss": (
        "what is stored was selected by other header fields",
        "RFC 9111, section 4.1: Vary",
    ),
    "method": ("requests with this method are not answered from the cache", "allowable_methods"),
    "bypass": ("the cache is not to be used for it", "expire_after=DO_NOT_CACHE"),
    "partial": (
        "only a part of it is stored, or not the part that is asked for",
        "RFC 9111, section 3.3",
    ),
}


# Why what is stored is left out before the policy decides, by what `why_not` says of it;
# `filter_fn` is asked after it.
_UNFIT: Final = {
    "owner": ("what is stored is another caller's", "match_credentials, partition"),
    "selected": ("what is stored was selected by other credentials", "RFC 9111, section 4.1: Vary"),
    "needs": ("what is stored came with cookies that the session lacks", "replay_cookies"),
    "filter_fn": ("filter_fn does not let through what is stored", "filter_fn"),
}


_Expiry: TypeAlias = tuple[float | None, str]
"""When a stored response expires, None for never, and by which rule."""


def _of_lifetime(stored: StoredHead | None, policy: Policy, lifetime: Lifetime) -> _Expiry:
    if stored is None:
        return None, ""
    expires = policy.expires_at(stored)
    if policy.remembers_redirects:
        # It was settled then; only its name can have come from another setting.
        name = "urls_expire_after" if lifetime.is_specific else "expire_after"
        return expires, f"{name}, when it was stored"
    told = response_directives(stored.headers)
    return expires, lifetime_and_rule(stored, told, policy.rules)[1]


def _of_serve(serve: Serve, expiry: _Expiry, policy: Policy) -> tuple[str, str]:
    """Say why something is served, and by which rule."""
    expires, rule = expiry
    if not serve.stale:
        if expires is None:
            return "what is stored never expires", rule
        return f"what is stored is fresh for another {expires - clock.now():.0f} s", rule
    why = f"what is stored expired {_ago(expires)}, and may be used all the same"
    if serve.refresh is not None:
        return why, "stale_while_revalidate; RFC 5861, section 3"
    if policy.rules.stale_if_error is not None and policy.rules.only_if_cached:
        return why, "stale_if_error; RFC 5861, section 4"
    return why, "RFC 9111, section 5.2.1.2: max-stale of the request"


def _of_fetch(
    fetch: Fetch, request: RequestHead, policy: Policy, expiry: _Expiry
) -> tuple[str, str]:
    """Say why the origin is asked, and by which rule."""
    reason = fetch.cache_status.fwd or ""
    if fetch.cache_status.detail == _DISABLED:
        return "the cache is switched off", "disabled, or cache_disabled()"
    if reason == "stale":
        expires, rule = expiry
        return f"what is stored expired {_ago(expires)}", rule
    if fetch.cache_status.detail == "other-credentials":
        return "what is stored was asked for with other credentials", "match_credentials, partition"
    if reason == "request":
        return _of_wishes(fetch, request, policy)
    return _OF_CALL.get(reason, ("the policy says so", reason))


def _of_wishes(fetch: Fetch, request: RequestHead, policy: Policy) -> tuple[str, str]:
    rules, asked = policy.rules, request_directives(request.headers)
    stored = fetch.selected
    told = None if stored is None else response_directives(stored.headers)
    causes = (
        (rules.force_refresh, "a new response is asked for", "force_refresh"),
        (asked.no_store, "the request may not be stored", "RFC 9111, section 5.2.1.5: no-store"),
        ("range" in request.headers, "a part is asked for", "RFC 9110, section 14.2: Range"),
        (asked.no_cache, "the request asks for it", "RFC 9111, section 5.2.1.4: no-cache"),
        (asked.max_age is not None, "it is too old", "RFC 9111, section 5.2.1.1: max-age"),
        (asked.min_fresh is not None, "it is fresh too short", "RFC 9111, section 5.2.1.3"),
        (rules.refresh, "what is stored is to be validated", "refresh, or expire_after=0"),
        (rules.always_revalidate, "all that is stored is to be validated", "always_revalidate"),
        (told and told.no_cache, "the response asks for it", "RFC 9111, section 5.2.2.4: no-cache"),
    )
    found = ((why, rule) for holds, why, rule in causes if holds)
    return next(found, ("the request has conditions of its own", "RFC 9111, section 4.3.2"))


def _ago(expires: float | None) -> str:
    return "" if expires is None else f"{max(0.0, clock.now() - expires):.0f} s ago"
