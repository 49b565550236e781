"""Notes of an exchange that fetches what is there, because it is another's; the log says why."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Hashable
from threading import Lock
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .._memos import Memo

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .._matching.keys import Matching
    from ..policy import Fetch
    from .base import BaseExchange

__all__ = ["CredentialsSeen", "OwnerReasons", "note_cause", "with_reason"]

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

        None if it does not differ, or was not made yet.

        Args:
            matching: how requests are compared.
            request: the request; one with a body is not looked at.
            key: the key of the request.
            said: digests of what says who is asking, by kind and name.
            note: whether to note this one.
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


logger = logging.getLogger("requests_cache")

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
    "auth": "the auth object, which changes {name!r}",
}


class OwnerReasons:
    """Counts the reasons of a cache, and says each of them once."""

    def __init__(self) -> None:
        self._times: Counter[tuple[str, str]] = Counter()
        self._lock = Lock()

    def note(self, kind: str, name: str, host: str) -> None:
        """Count a reason; the third time say it, with what helps.

        Args:
            kind: "cookie", "selection", "needs", "field", "event", or "auth" for a field that an
                auth object makes anew each time.
            name: of the cookie or field.
            host: of the request.
        """
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

    Args:
        exchange: what asks.
        fetch: what the policy has decided.
        note: whether the request is made, and counts for the next ones.
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
    if kind == "field" and exchange.asking.has_auth:
        kind = "auth"
    reasons.note(kind, name, urlsplit(exchange.request.url or "").hostname or "")
