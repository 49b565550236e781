"""The state of a session: what it adds to a call, and what is known of calls in this state.

All that is remembered is made from a state's own copies and belongs to it. So what another thread
does to the session while a call is on its way, even if it takes it back, has no part in it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import TYPE_CHECKING, Any, Final, cast

from requests import PreparedRequest, Request
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .._exchange.environment import OriginalSession
from ..backends.cache import BaseCache
from ..backends.memory import DictStorage
from ..serializers.default import DefaultSerializer
from . import of_requests
from .held import HeldClass, HeldJar, may_have_netrc, names_bundle
from .identities import freeze, is_basic, pair_of
from .memo import KnownCall, Memo
from .of_requests import IN_PREPARED, IN_SESSION, IN_SESSIONS, of_prepared, of_session, of_sessions
from .plain_calls import PlainCalls

if TYPE_CHECKING:
    from ..settings import CacheSettings

_PLAIN: Final = (dict, list, tuple, str, bytes, type(None))


class SessionState:
    """A session in one state. It is not kept: that would make a circle of both."""

    def __init__(self, session: Any, mixin: type, methods: Mapping[str, Any]) -> None:
        self._class = HeldClass(session, mixin, methods)
        self._steps = of_session(IN_SESSION), of_prepared(IN_PREPARED), of_sessions(IN_SESSIONS)
        self._hold_cache(session)
        self._hold_attributes(session)
        self.memo = Memo(self.cache)
        self.no_call = KnownCall("", "", {})
        self.holds = self._comparer()
        """Says whether a session is in this state now."""
        self._choose_ways(session)
        self._frozen = self._freeze(RequestsCookieJar())
        self.plain_calls = PlainCalls(self._frozen, self.matching)

    def _hold_cache(self, session: Any) -> None:
        """Take the cache and the settings, and what follows from them alone."""
        self.settings: CacheSettings = session.settings
        self.cache: BaseCache = session.cache
        self._changes = self.settings.changes
        self.matching = self.cache.matching
        # What a bounded one evicts has to go, so its entries are not held on to.
        self.in_memory = type(self.cache.responses) is DictStorage
        self.reads_records = type(self.cache.serializer) is DefaultSerializer
        """Whether what is stored are records as they are."""
        self.filter_fn = self.settings.filter_fn
        self.keeps = not (
            self.settings.cache_control
            or self.settings.always_revalidate
            or self.settings.stale_while_revalidate
        )
        """Whether a response can be used until it expires, whatever it says, and no longer."""
        self.methods = frozenset(self.settings.allowable_methods)

    def _hold_attributes(self, session: Any) -> None:
        """Take what the session adds to each of its calls."""
        self._headers = headers = session.headers
        self._fields: dict[str, Any] = dict(getattr(headers, "_store", {}))
        self._auth = pair_of(session.auth)
        self._cookies = cookies = session.cookies
        filled = getattr(cookies, "_cookies", None)
        self.jar = HeldJar(cookies, self.matching.ignored) if filled else None
        """The cookies of the session, if it has any."""
        self.verify, self.stream, self._cert = session.verify, session.stream, session.cert
        self._own_params = deepcopy(session.params) if session.params else {}
        self.params = freeze(self._own_params)
        """What stands for the parameters of the session; None if they are unusual."""
        self._all_hooks = hooks = _copy_of_hooks(session.hooks)
        self.hooks = hooks if hooks and hooks["response"] else None
        """Those that have to be called with a response, if there are any."""
        self.partition: str | None = session.partition

    def _choose_ways(self, session: Any) -> None:
        """Find out which calls can be answered in this state, and how."""
        said = self._class.said
        self.finds_plainly = (
            not self.params
            and self.partition is None
            and not self.matching.key_fn
            and self.verify is True
            and not self.stream
            and not (self.jar and self.jar.tells)
        )
        """Whether the key of a URL can be made without a request."""
        self.is_done = self.hooks is None and self.filter_fn is None
        """Whether nobody has to be asked about a response before the caller gets it."""
        self.is_ordinary = self._is_ordinary(session)
        is_kept = self.is_ordinary and self._is_kept()
        self.answers_prepared = (
            is_kept
            and "GET" in self.methods
            # It was prepared with the cookies of another time, or with none.
            and self.jar is None
            # What is said with the request may be otherwise.
            and self.verify
            and not self.stream
        )
        """Whether `send` may be answered."""
        self.answers_request = is_kept and not said - {"request"}
        """Whether `request` leads to `send` without anybody else's say."""
        self.prepares = is_kept and self.jar is None and not self.params and said == {"send"}
        """Whether `request` does nothing but to prepare, for a `send` of somebody's own."""
        self.answers_get = self.answers_request and not said and "GET" in self.methods

    def _comparer(self) -> Callable[..., bool]:
        """Give what says whether a session is in this state now.

        With `is_sent` it leaves out what only has a part in how requests are prepared.

        A function of its own, for what it compares with is nearer to it than an attribute of ours.
        """
        own_class, jar, changes, matching = self._class, self.jar, self._changes, self.matching
        settings, cache, params, hooks = self.settings, self.cache, self.params, self._all_hooks
        # Out of their dictionaries: their classes also find names that are not there.
        of_settings, of_cache = vars(settings), vars(cache)
        held_headers, fields, held_auth = self._headers, self._fields, self._auth
        held_cookies, verify, stream = self._cookies, self.verify, self.stream
        cert, class_holds = self._cert, own_class.holds
        kind, of_kind, found = own_class.kind, own_class.of_kind, own_class.found
        is_alone, (in_session, in_prepared, in_sessions) = own_class.is_alone, self._steps

        def holds(session: Any, is_sent: bool = False) -> bool:
            own = session.__dict__
            try:
                return (
                    session.settings is settings
                    and of_settings["changes"] == changes
                    and session.cache is cache
                    and of_cache["matching"] is matching
                    and (cookies := session.cookies) is held_cookies
                    and (not cookies._cookies if jar is None else jar.holds(cookies))
                    and session.verify is verify
                    and (verify is not False or not session.trust_env or not names_bundle())
                    and session.stream is stream
                    and session.cert is cert
                    and session.hooks == hooks
                    and type(session) is kind
                    and of_kind(kind) == found
                    and (
                        (
                            "request" not in own
                            and "send" not in own
                            and "prepare_request" not in own
                            and "merge_environment_settings" not in own
                        )
                        if is_alone
                        else class_holds(own)
                    )
                    and (
                        is_sent
                        or (
                            (headers := session.headers) is held_headers
                            and headers._store == fields
                            and ((auth := session.auth) is held_auth or _are_equal(auth, held_auth))
                            and (freeze(said) if (said := session.params) else ()) == params
                            and of_prepared(IN_PREPARED) == in_prepared
                            and of_sessions(IN_SESSIONS) == in_sessions
                            and of_session(IN_SESSION) == in_session
                            and not (session.trust_env and not auth and may_have_netrc())
                        )
                    )
                )
            except (AttributeError, KeyError):
                # A session that lacks something; requests may not need it.
                return False

        return holds

    def _is_ordinary(self, session: Any) -> bool:
        """Say whether the session adds to a call what we know how to copy, and no more."""
        return (
            type(self._headers) is CaseInsensitiveDict
            and type(self._cookies) is RequestsCookieJar
            and (self.jar is None or self._knows_jar(self.jar))
            and type(self.verify) is type(self.stream) is bool
            and self._cert is None
            and type(session.params) in _PLAIN
            and is_basic(self._auth)
            and self._all_hooks is not _UNUSUAL
            and self._steps == of_requests.steps
            and self._class.is_ours()
            and self.holds(session)
        )

    def _knows_jar(self, jar: HeldJar) -> bool:
        """Say whether it can be told what the cookies of the jar say of who is asking."""
        if not jar.tells:
            return jar.is_usual
        matching = self.matching
        is_told = self.partition is None and not matching.key_fn and matching.match_credentials
        return jar.is_usual and is_told

    def _is_kept(self) -> bool:
        """Say whether keys may be remembered in this state."""
        settings, cache = self.settings, self.cache
        return (
            not settings.disabled
            and _repeats(cache.serializer)
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
    pair = pair_of(auth)
    return type(pair) is tuple and bool(pair == other)


# Its serializer, of which has to be known that it makes of the same bytes the same again

# By name, for an import is part of a cold start. What others have written may do anything.
_OURS: Final = frozenset(
    f"requests_cache.serializers.{name}"
    for name in (
        *("default.DefaultSerializer", "documents.DocumentSerializer", "pickled.PickleSerializer"),
        *("formats.JsonSerializer", "formats.YamlSerializer", "formats.BsonSerializer"),
        *("pipeline.SerializerPipeline", "compression.Compression"),
        *("signature.Signature", "encryption.Encryption"),
    )
)
_OF_SEVERAL: Final = "SerializerPipeline"


def _repeats(serializer: Any) -> bool:
    """Say whether a serializer is one of ours, and all that it consists of."""
    kind = type(serializer)
    if f"{kind.__module__}.{kind.__qualname__}" not in _OURS:
        return False
    if kind.__name__ != _OF_SEVERAL:
        return True
    return _repeats(serializer.format) and all(map(_repeats, serializer.stages))
