"""The state of a session: what it adds to a call, and what is known of calls in this state.

All that is remembered is made from a state's own copies and belongs to it. So what another thread
does to the session while a call is on its way, even if it takes it back, has no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final, cast

from requests import PreparedRequest, Request
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .._exchange.environment import OriginalSession
from ..backends.cache import BaseCache
from ..backends.memory import DictStorage
from ..serializers.default import DefaultSerializer
from . import of_requests
from .identities import freeze, is_basic
from .jar import HeldJar
from .memo import Memo
from .netrc import may_have_netrc
from .of_requests import IN_PREPARED, IN_SESSION, IN_SESSIONS, of_prepared, of_session, of_sessions
from .plain_calls import PlainCalls
from .repeating import repeats

if TYPE_CHECKING:
    from ..settings import CacheSettings

__all__ = ["SessionState"]

# With this a class has a say in all that is read of a session.
_READS_OTHERWISE: Final = "__getattribute__"
_below_of: Final = attrgetter("get", "request", "prepare_request", "merge_environment_settings")
_PLAIN: Final = (dict, list, tuple, str, bytes, type(None))


class SessionState:
    """A session in one state.

    Args:
        session: the session. It is not kept: that would make a circle of both.
    """

    def __init__(self, session: Any, mixin: type, methods: Mapping[str, Any]) -> None:
        said = self._read_class(type(session), mixin, methods)
        self.settings: CacheSettings = session.settings
        self.cache: BaseCache = session.cache
        # Out of their dictionaries: their classes also find names that are not there.
        self._of_settings, self._of_cache = vars(self.settings), vars(self.cache)
        self._changes = self.settings.changes
        self.matching = self.cache.matching
        self._headers = headers = session.headers
        self._fields: dict[str, Any] = dict(getattr(headers, "_store", {}))
        self._auth = session.auth
        self._cookies = cookies = session.cookies
        filled = getattr(cookies, "_cookies", None)
        self.jar = HeldJar(cookies, self.matching.ignored) if filled else None
        """The cookies of the session, if it has any."""
        self._verify, self._stream, self._cert = session.verify, session.stream, session.cert
        self._own_params = deepcopy(session.params) if session.params else {}
        self.params = freeze(self._own_params)
        """What stands for the parameters of the session; None if they are unusual."""
        self._all_hooks = hooks = _copy_of_hooks(session.hooks)
        self.hooks = hooks if hooks and hooks["response"] else None
        """Those that have to be called with a response, if there are any."""
        # What a bounded one evicts has to go, so its entries are not held on to.
        self.in_memory = type(self.cache.responses) is DictStorage
        self.reads_records = type(self.cache.serializer) is DefaultSerializer
        """Whether what is stored are records as they are."""
        self.filter_fn = self.settings.filter_fn
        self.partition: str | None = session.partition
        self.finds_plainly = not self.params and self.partition is None and not self.matching.key_fn
        """Whether the key of a URL can be made without a request."""
        self.is_done = self.hooks is None and self.filter_fn is None
        """Whether nobody has to be asked about a response before the caller gets it."""
        self.memo = Memo(self.cache)
        self.keeps = not (self.settings.cache_control or self.settings.always_revalidate)
        """Whether a response can be used until it expires, whatever it says."""
        self.is_ordinary = self._is_ordinary(session)
        self.is_kept = self.is_ordinary and self._is_kept()
        """Whether keys may be remembered in this state."""
        self.answers_request = self.is_kept and not said - {"request"}
        """Whether `request` leads to `send` without anybody else's say."""
        self.answers_get = self.answers_request and not said
        self._frozen = self._freeze(RequestsCookieJar())
        self.plain_calls = PlainCalls(self._frozen, self.settings, self.matching)

    def _read_class(self, kind: type, mixin: type, methods: Mapping[str, Any]) -> frozenset[str]:
        """Take note of the methods of the class; give which of them classes above ours have."""
        self._kind = kind
        self._mixin = mixin
        self._methods = methods
        self._of_kind = attrgetter(*methods, _READS_OTHERWISE)
        self._found = self._of_kind(kind)
        """What Python finds in the class under the names of our methods."""
        names = frozenset((*methods, _READS_OTHERWISE))
        line = kind.__mro__
        place = line.index(mixin)
        above = [(vars(cls), names & vars(cls).keys()) for cls in line[:place]]
        said = frozenset[str]().union(*(own for _, own in above))
        self._line = [(held, {n: held.get(n) for n in names}) for held, _ in above] if said else ()
        """What each class above ours has of these, if any class has."""
        self._is_alone = line[place:] == mixin.__mro__ and not said
        """Whether the class has nothing of its own, and ours lies right above that of requests."""
        self._steps = of_session(IN_SESSION), of_prepared(IN_PREPARED), of_sessions(IN_SESSIONS)
        self._of_session, self._of_prepared, self._of_sessions = self._steps
        return said

    def holds(self, session: Any) -> bool:
        """Say whether the session is in this state now."""
        kind, own = type(session), session.__dict__
        try:
            return (
                session.settings is self.settings
                and self._of_settings["changes"] == self._changes
                and session.cache is self.cache
                and self._of_cache["matching"] is self.matching
                and (headers := session.headers) is self._headers
                and headers._store == self._fields
                and ((auth := session.auth) is self._auth or _are_equal(auth, self._auth))
                and (cookies := session.cookies) is self._cookies
                and (not cookies._cookies if self.jar is None else self.jar.holds(cookies))
                and (freeze(params) if (params := session.params) else ()) == self.params
                and session.verify is self._verify
                and session.stream is self._stream
                and session.cert is self._cert
                and session.hooks == self._all_hooks
                and kind is self._kind
                and self._of_kind(kind) == self._found
                and (self._is_alone or (self._is_below_as_read() and self._classes_hold()))
                and "request" not in own
                and "send" not in own
                and "prepare_request" not in own
                and "merge_environment_settings" not in own
                and of_prepared(IN_PREPARED) == self._of_prepared
                and of_sessions(IN_SESSIONS) == self._of_sessions
                and of_session(IN_SESSION) == self._of_session
                and not (session.trust_env and not auth and may_have_netrc())
            )
        except (AttributeError, KeyError):
            # A session that lacks something; requests may not need it.
            return False

    def _classes_hold(self) -> bool:
        """Say whether our class and each above it have the methods that they had."""
        for held, own in self._line:
            for name, method in own.items():
                if held.get(name) is not method:
                    return False
        held = vars(self._mixin)
        return all(held[name] is method for name, method in self._methods.items())

    def _is_below_as_read(self) -> bool:
        """Say whether the classes between ours and that of requests have none of the steps."""
        below: Any = super(self._mixin, self._kind)
        return bool(_below_of(below) == _below_of(OriginalSession))

    def _is_ordinary(self, session: Any) -> bool:
        """Say whether the session adds to a call what we know how to copy, and no more."""
        return (
            type(self._headers) is CaseInsensitiveDict
            and type(self._cookies) is RequestsCookieJar
            and (self.jar is None or self.jar.is_as_empty)
            and self._verify is True
            and not self._stream
            and self._cert is None
            and type(session.params) in _PLAIN
            and is_basic(self._auth)
            and self._all_hooks is not _UNUSUAL
            and self._steps == of_requests.steps
            and self._classes_hold()
            and self.holds(session)
        )

    def _is_kept(self) -> bool:
        settings, cache = self.settings, self.cache
        return (
            not settings.disabled
            and "GET" in settings.allowable_methods
            and repeats(cache.serializer)
            and type(cache).get_response is BaseCache.get_response
            and type(cache).create_key is BaseCache.create_key
        )

    def _freeze(self, cookies: RequestsCookieJar) -> OriginalSession:
        """Make a session that is always in this state, for requests to prepare requests with."""
        frozen = OriginalSession.__new__(OriginalSession)
        frozen.headers = CaseInsensitiveDict(self._fields.values())
        frozen.auth = self._auth
        frozen.params = self._own_params
        frozen.cookies = cookies
        frozen.hooks = cast("dict[str, Any]", self._all_hooks)
        # There is no netrc file, and requests looks for nothing else when it prepares a request.
        frozen.trust_env = False
        return frozen

    def prepare(self, request: Request) -> PreparedRequest:
        """Prepare a request as requests would for a session in this state, but for its cookies."""
        return OriginalSession.prepare_request(self._frozen, request)

    def prepare_to_send(self, request: Request) -> PreparedRequest:
        """Prepare a request as requests would for a session in this state."""
        cookies = RequestsCookieJar() if self.jar is None else self.jar.copy
        return OriginalSession.prepare_request(self._freeze(cookies), request)


_UNUSUAL: Final[dict[str, Any]] = {}


def _copy_of_hooks(hooks: Any) -> dict[str, Any] | None:
    """Copy the hooks of a session; `_UNUSUAL` if requests may refuse them."""
    if hooks is None:
        return None
    if type(hooks) is not dict or hooks.keys() != {"response"}:
        return _UNUSUAL
    called = hooks["response"]
    return {"response": list(called) if type(called) is list else called}


def _are_equal(auth: object, other: object) -> bool:
    return type(auth) is tuple and auth == other
