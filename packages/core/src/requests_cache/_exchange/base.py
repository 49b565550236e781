"""What an exchange has at hand: the store, the origin, and the caller of the request."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext, suppress
from typing import TYPE_CHECKING, Any, Final, TypeVar

from requests import PreparedRequest, RequestException, Response
from requests.cookies import RequestsCookieJar
from requests.hooks import default_hooks, dispatch_hook
from requests.structures import CaseInsensitiveDict
from requests.utils import resolve_proxies

from .. import clock
from .._matching.owner import copied
from .._transfer.capture import Capture
from .._transfer.spool import Spool, reason_of_error
from ..errors import CacheError
from ..models.base import attributes_of
from ..models.describe import fill_jar
from ..models.record import DetachedRecord, Flag, Record
from ..models.response import CachedResponse, OriginalResponse, fit
from ..policy.cache_status import CacheStatus
from .asking import Asking
from .chain import Chain

if TYPE_CHECKING:
    from ..policy import Fetch, RequestHead
    from ..policy.values import Policy
    from .known import Known
    from .recorder import Recorder
    from .request_context import Host, Lookup, RequestContext

_T = TypeVar("_T")


class BaseExchange:
    """A request on its way, and what it needs on the way."""

    asking: Asking
    """Who asks."""
    policy: Policy
    recorder: Recorder
    head: RequestHead
    """The request, as the policy sees it."""
    known: Known
    """What is stored for the request."""
    planned: Fetch
    """How to fetch what is not stored."""
    unhooked = False
    """Whether the request was sent without the caller's hooks."""
    in_background = False
    turn: AbstractContextManager[object] = nullcontext()
    """Held while the store is asked."""
    key: str | None = None
    arrival: Asking | None = None
    """Who asks at the end of a redirect that is remembered."""
    programs: frozenset[tuple[str, str]] = frozenset()
    """Cookies of the call itself, if it was another one that brought them."""
    refusal: str | None = None
    """Why the store did not take the last value, if it says so."""
    _served: CachedResponse | None = None
    _is_stale = False

    def __init__(
        self,
        session: Host,
        request: PreparedRequest,
        send_kwargs: dict[str, Any],
        call: RequestContext,
        lookup: Lookup | None = None,
    ) -> None:
        self.session = session
        self.cache = session.cache
        self.settings = session.settings
        self.request = request
        self.send_kwargs = send_kwargs
        self.call = call
        self.chain = call.chain or Chain()
        self.unfit: dict[str, str] = {}
        """What is stored and may not be used, by key, and why."""
        self.reraise = self.settings.on_error == "raise"
        self.lookup = lookup
        self._opened: list[DetachedRecord] = []

    def close_unused(self) -> None:
        """Close the bodies that were opened, but for that of the answer."""
        served = self._served and self._served.record
        kept = served.file if isinstance(served, DetachedRecord) else None
        for record in self._opened:
            if record.file is not None and record.file is not kept:
                record.file.close()

    def hand_over(self, record: Record) -> None:
        """Leave the body of a record that was opened to somebody else, who closes it."""
        self._opened = [opened for opened in self._opened if opened is not record]

    # What one request for many identical ones does, see `fetch_once`

    def serve_stored(self) -> Response | None:
        """Answer without the origin, if the policy allows it."""
        raise NotImplementedError

    def fetch_planned(self) -> Response:
        """Ask the origin as the policy has decided, and store what it says."""
        raise NotImplementedError

    # The store

    def run_in_background(self) -> None:
        """Be an exchange in a thread of ours, whose calls of the store a fork waits for.

        Nobody waits for its answer, so it does not wait for an origin without an end, either.
        """
        from .._store.threads import make_turn
        from .refresh import LONGEST_REFRESH

        if self.send_kwargs.get("timeout") is None:
            self.send_kwargs = {**self.send_kwargs, "timeout": LONGEST_REFRESH}
        self.in_background, self.turn = True, make_turn()
        self.call = self.call._replace(since=self.session.breaker.begin())

    def ask_store(self, action: Callable[[], _T], otherwise: _T) -> _T:
        """Give what the store gives, or `otherwise` if it fails."""
        with self.turn:
            return self.session.breaker.call(action, otherwise, self.reraise, since=self.call.since)

    def write(self, action: Callable[[], object]) -> bool:
        """Have the store do something; say whether it did."""
        self.refusal = None

        def done() -> bool:
            try:
                action()
            except CacheError as error:
                self.refusal = reason_of_error(error)
                raise
            return True

        with self.turn:
            return self.session.breaker.call(
                done, False, self.reraise, writes=True, since=self.call.since
            )

    def note_opened(self, response: CachedResponse | None) -> CachedResponse | None:
        """Take care of a stored response whose body may be an open file."""
        if response is not None and isinstance(response.record, DetachedRecord):
            self._opened.append(response.record)
        return response

    # Answers that are not the origin's

    def answer(self, stored: CachedResponse, *, stale: bool) -> Response:
        """Hand out a stored response: fill the cookie jar, run the caller's hooks.

        It is `stale` by the lifetime of this call, which may be its own.
        """
        self._served, self._is_stale = stored, stale
        stats = self.cache.stats
        if stored.revalidated:
            stats.add("saved_bytes", stored.size)
        else:
            stats.hit(stored.size)
            if stale:
                stats.add("stale")
        self._fit(stored)
        if self.call.stream:
            stored.leave_unread()
        return self.run_hooks(stored)

    def _fit(self, stored: CachedResponse) -> None:
        """Give a stored response what is the caller's, and the jar what it replays."""
        jar = self.session.cookies
        # A history that comes from a redirect is in no flag of the response that it led to.
        has_history = stored.record.flags & Flag.HISTORY or attributes_of(stored).get("history")
        arrived = None if self.arrival is None else self.arrival.request
        fit(stored, arrived if has_history else self.request, jar)
        if not self.settings.replay_cookies:
            return
        if has_history or stored.record.flags & Flag.COOKIES:
            for response in (*stored.history, stored):
                fill_jar(jar, response.cookies, clock.now())
                self.asking.receive(response)

    def for_caller(self, response: Response) -> Response:
        """Give an answer of the origin, for which the hooks may not have been called yet."""
        return self.run_hooks(response) if self.unhooked else response

    def run_hooks(self, response: Response) -> Response:
        """Call the hooks of the request."""
        hooks = self.request.hooks
        if not (hooks and hooks.get("response")):
            return response
        url = response.url or ""
        return call_hooks(self.session, hooks, response, url, self.send_kwargs, self.request)

    def give_up(self, status: CacheStatus) -> Response:
        """Answer with 504 (RFC 9111, section 5.2.1.7: only-if-cached)."""
        response = OriginalResponse()
        response.status_code = 504
        response.reason = "Not Cached"
        response.url = self.request.url or ""
        response.request = self.request
        response._content = b""
        response.cache_key = self.key
        response.cache_status = status
        return response

    # The origin's answers

    def send(self, request: PreparedRequest) -> Response:
        """Ask the origin."""
        return self.session.send_to_origin(request, self.send_kwargs)

    def receive(self, response: Response, keeps_beginning: bool = False) -> Capture:
        """Read the body, or have it watched while the caller reads it."""
        capture = Capture(response)
        if not self.call.stream:
            capture.read_all(keeps_beginning)
        return capture

    def make_spool(self) -> Spool:
        """Make what keeps a body while the caller reads it."""
        cache = self.cache
        return Spool(cache.create_body if cache.streams else None, self.write, cache.stream_limit)

    def renew_cookies(self) -> None:
        """Have the cookies sent that the jar holds now, and those that the call has brought."""
        chain = self.chain = Chain()
        chain.programs, chain.is_begun = self.programs, True
        request, jar = self.request, RequestsCookieJar()
        if "Cookie" not in request.headers:
            return
        del request.headers["Cookie"]
        for cookie in self.session.cookies:
            jar.set_cookie(cookie)
        for name, value in self.programs:
            jar.set(name, value)
        request.prepare_cookies(jar)

    def with_fields(self, fields: Mapping[str, str]) -> PreparedRequest:
        """Give the request with other header fields, without the caller's hooks.

        The hooks are for the response that the caller gets, which a 304 to our own question is not.
        """
        request = _copy_of(self.request)
        request.hooks = default_hooks()
        for name, value in fields.items():
            request.headers[name] = value
        return request


def _copy_of(request: PreparedRequest) -> PreparedRequest:
    """Copy a request as its `copy` does, faster if it has no cookies."""
    jar, fields = request._cookies, request.headers
    is_plain = type(request) is PreparedRequest and type(fields) is CaseInsensitiveDict
    if not is_plain or type(jar) is not RequestsCookieJar or vars(jar)["_cookies"]:
        return request.copy()
    copy = PreparedRequest.__new__(PreparedRequest)
    copy.method, copy.url, copy.body = request.method, request.url, request.body
    copy.headers, copy._cookies, copy.hooks = copied(fields), RequestsCookieJar(), request.hooks
    copy._body_position = request._body_position
    return copy


# The caller's hooks, called with a hit as requests calls them with what it gets

_ANOTHER: Final = CacheStatus(fwd="bypass", detail="sent-as-another-request")


def call_hooks(
    session: Host,
    hooks: Any,
    response: Response,
    url: str,
    send_kwargs: dict[str, Any],
    request: PreparedRequest | None = None,
) -> Response:
    """Call hooks with a response; give it, or what they give instead.

    The request is needed if the arguments of `send` do not name the proxies.
    """
    if isinstance(response, CachedResponse):
        with suppress(RequestException):
            attributes_of(response).setdefault("connection", session.get_adapter(url))
    # Those of an adapter, as `Session.send` fills them in.
    own = {"stream": session.stream, "verify": session.verify, "cert": session.cert}
    arguments = {**own, **send_kwargs}
    arguments.pop("allow_redirects", None)
    if "proxies" not in arguments and request is not None:
        arguments["proxies"] = resolve_proxies(request, session.proxies, session.trust_env)
    answered: Response = dispatch_hook("response", hooks, response, **arguments)
    if answered is response or hasattr(answered, "from_cache"):
        return answered
    return OriginalResponse.mark(answered, _ANOTHER) if isinstance(answered, Response) else answered
