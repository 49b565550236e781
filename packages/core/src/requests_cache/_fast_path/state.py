"""The state of a session: what it adds to a call, and what is known of calls in this state.

All that is remembered is made from a state's own copies and belongs to it. So what another thread
does to the session while a call is on its way, even if it takes it back, has no part in it.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from operator import attrgetter, itemgetter
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
from .memo import Memo
from .netrc import may_have_netrc
from .of_requests import IN_PREPARED, IN_SESSION, IN_SESSIONS, of_prepared, of_session, of_sessions
from .plain_calls import PlainCalls

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
        self._kind = kind = type(session)
        self._mixin = mixin
        self._in_mixin, self._of_mixin = vars(mixin), itemgetter(*methods)
        self._methods = tuple(methods.values())
        names = (*methods, _READS_OTHERWISE)
        self._names = frozenset(names)
        self._ordered_names = names
        line = kind.__mro__
        place = line.index(mixin)
        self._is_on_top = line[place + 1] is OriginalSession
        """Whether no class lies between ours and that of requests."""
        self._in_kind = vars(kind)
        self._above = tuple((get := vars(cls).get, [*map(get, names)]) for cls in line[:place])
        """Of each class above ours where its methods are looked up, and those that it has."""
        self._overrides = len(self._above) != 1 or any(self._above[0][1])
        """Whether it is more than to see that the class itself has none."""
        self.settings: CacheSettings = session.settings
        self._changes = self.settings.changes
        self.cache: BaseCache = session.cache
        self._matching = self.cache.matching
        self._headers = headers = session.headers
        self._fields: dict[str, Any] = dict(getattr(headers, "_store", {}))
        self._auth = session.auth
        self._cookies = session.cookies
        self._own_params = deepcopy(session.params) if session.params else {}
        self.params = freeze(self._own_params)
        """What stands for the parameters of the session; None if they are unusual."""
        self._all_hooks = hooks = _copy_of_hooks(session.hooks)
        self.hooks = hooks if hooks and hooks["response"] else None
        """Those that have to be called with a response, if there are any."""
        # What a bounded one evicts has to go, so its entries are not held on to.
        self.in_memory = type(self.cache.responses) is DictStorage
        self.memo = Memo(self.cache)
        self.keeps = not (self.settings.cache_control or self.settings.always_revalidate)
        """Whether a response can be used until it expires, whatever it says."""
        self.is_ordinary = self._is_ordinary(session)
        self.is_kept = self.is_ordinary and self._is_kept(session)
        """Whether keys may be remembered in this state."""
        said = {
            name
            for _, own in self._above
            for name, method in zip(names, own, strict=True)
            if method
        }
        self.answers_request = self.is_kept and not said - {"request"}
        """Whether `request` leads to `send` without anybody else's say."""
        self.answers_get = self.answers_request and not said
        self._frozen = self._freeze()
        self.plain_calls = PlainCalls(self._frozen, self.settings, self._matching)

    def holds(self, session: Any) -> bool:
        """Say whether the session is in this state now."""
        kind = type(session)
        overridden = session.__dict__
        try:
            return (
                session.settings is self.settings
                and self.settings.changes == self._changes
                and session.cache is self.cache
                and self.cache.matching is self._matching
                and session.headers is self._headers
                and self._headers._store == self._fields
                and ((auth := session.auth) is self._auth or _are_equal(auth, self._auth))
                and session.cookies is self._cookies
                and not self._cookies._cookies
                and (freeze(params) if (params := session.params) else ()) == self.params
                and session.verify is True
                and not session.stream
                and session.cert is None
                and session.hooks == self._all_hooks
                and kind is self._kind
                and self._of_mixin(self._in_mixin) == self._methods
                and (
                    self._classes_hold()
                    if self._overrides
                    else self._names.isdisjoint(self._in_kind)
                )
                and (self._is_on_top or self._is_below_as_read())
                and "request" not in overridden
                and "send" not in overridden
                and "prepare_request" not in overridden
                and "merge_environment_settings" not in overridden
                and (of_session(IN_SESSION), of_prepared(IN_PREPARED), of_sessions(IN_SESSIONS))
                == of_requests.steps
                and not (session.trust_env and not auth and may_have_netrc())
            )
        except AttributeError:
            # A session that lacks something; requests may not need it.
            return False

    def _classes_hold(self) -> bool:
        """Say whether each class above ours has the methods that it had."""
        names = self._ordered_names
        return all([*map(get, names)] == own for get, own in self._above)

    def _is_below_as_read(self) -> bool:
        """Say whether the classes between ours and that of requests have none of the steps."""
        below: Any = super(self._mixin, self._kind)
        return bool(_below_of(below) == _below_of(OriginalSession))

    def _is_ordinary(self, session: Any) -> bool:
        """Say whether the session adds to a call what we know how to copy, and no more."""
        return (
            type(self._headers) is CaseInsensitiveDict
            and type(self._cookies) is RequestsCookieJar
            and type(session.params) in _PLAIN
            and is_basic(self._auth)
            and self._all_hooks is not _UNUSUAL
            and self.holds(session)
        )

    def _is_kept(self, session: Any) -> bool:
        settings, cache = self.settings, self.cache
        return (
            settings.filter_fn is None
            and not settings.disabled
            and settings.on_error == "bypass"
            and "GET" in settings.allowable_methods
            and self._matching.key_fn is None
            and session.partition is None
            and type(cache.serializer) is DefaultSerializer
            and type(cache).get_response is BaseCache.get_response
            and type(cache).create_key is BaseCache.create_key
        )

    def _freeze(self) -> OriginalSession:
        """Make a session that is always in this state, for requests to prepare requests with."""
        frozen = OriginalSession.__new__(OriginalSession)
        frozen.headers = CaseInsensitiveDict(self._fields.values())
        frozen.auth = self._auth
        frozen.params = self._own_params
        frozen.cookies = RequestsCookieJar()
        frozen.hooks = cast("dict[str, Any]", self._all_hooks)
        # There is no netrc file, and requests looks for nothing else when it prepares a request.
        frozen.trust_env = False
        return frozen

    def prepare(self, request: Request) -> PreparedRequest:
        """Prepare a request as requests would for a session in this state."""
        return OriginalSession.prepare_request(self._frozen, request)


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
