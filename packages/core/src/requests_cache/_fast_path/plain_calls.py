"""Calls of a URL and nothing else: their keys and prepared requests, without preparing each.

What requests prepares for two such calls of a session differs in the URL alone, as long as nothing
is done to the session in between, and the URLs are written as requests would write them. So it
prepares the first one, and the others are copies with another URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from requests import PreparedRequest, Request, RequestException, Session
from requests.cookies import RequestsCookieJar
from requests.hooks import default_hooks

from .._exchange.lifetime import Lifetime
from .._exchange.request_context import NO_OPTIONS
from .._matching.fields import lines

if TYPE_CHECKING:
    from ..session import CacheMixin

__all__ = ["PlainCalls", "is_basic", "is_of_requests"]

# Who replaces one of these, to trace requests for instance, has a say in what is prepared.
_REQUEST: Final = Session.request
_PREPARE: Final = Session.prepare_request

# What requests leaves as it is, and JSON as well. `str.translate` deletes them.
_HOST: Final = dict.fromkeys(map(ord, "abcdefghijklmnopqrstuvwxyz0123456789.-"))
_URL: Final = _HOST | dict.fromkeys(map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_~!$&'()*+,;=:@/?"))
# With these the session asks for something that is no part of the key.
_WISHES: Final = ("Cache-Control", "Pragma", "Range")
_USUAL_PORTS: Final = {"http": "80", "https": "443"}
_LARGEST_PORT: Final = 65535


class PlainCalls:
    """The plain calls of a session in one state of it.

    Args:
        session: the session. Whoever makes this object makes another one when the session changes.
        headers: its header fields in this state, as a `CaseInsensitiveDict` keeps them.
    """

    def __init__(self, session: CacheMixin, headers: dict[str, tuple[str, Any]]) -> None:
        self._session = session
        self._headers = {name: item for name, item in headers.items() if item[1] is not None}
        self._auth = session.auth
        self._matching = session.cache.matching
        self._template: PreparedRequest | None = None
        self._end: str | None = None
        self._is_prepared = False

    def find_key(self, url: str) -> str | None:
        """Give the key of a call; None if only the long way can tell."""
        if Session.request is not _REQUEST or Session.prepare_request is not _PREPARE:
            return None
        parts = _split(url)
        if parts is None or not Lifetime.of(url, self._session.settings, NO_OPTIONS).is_cached:
            return None
        if not self._is_prepared:
            self._prepare_first(url)
        if self._end is None:
            return None
        return self._matching.plain_key(*parts, self._end)

    def _prepare_first(self, url: str) -> None:
        self._is_prepared = True
        if not is_basic(self._auth):
            return
        try:
            # Given something, requests does not look for a netrc file, which is not there.
            request = Request("GET", url, auth=self._auth or _unchanged)
            template = Session.prepare_request(self._session, request)
        except (RequestException, ValueError, TypeError):
            # The long way says what is wrong.
            return
        # Another thread may have changed the session, and may change it back.
        if self._is_ours(dict(lines(template.headers))):
            self._template = template
            if not any(name in template.headers for name in _WISHES):
                self._end = self._matching.end_of_keys(template.headers)

    def _is_ours(self, prepared: dict[str, Any]) -> bool:
        """Say whether header fields are those of this state, and of nothing else."""
        ours = dict(self._headers.values())
        if self._auth is not None:
            for headers in (ours, prepared):
                headers.pop("Authorization", None)
        return prepared == ours

    def prepare(self, request: Request) -> PreparedRequest | None:
        """Prepare a request of the session; None if requests has to do that."""
        url = request.url
        if not isinstance(url, str) or not _is_plain(request) or _split(url) is None:
            return None
        if not self._is_prepared:
            self._prepare_first(url)
        return None if self._template is None else self.copy(url)

    def copy(self, url: str) -> PreparedRequest:
        """Give the first prepared request with another URL, one whose key `find_key` has found."""
        template = self._template
        assert template is not None
        request = PreparedRequest.__new__(PreparedRequest)
        vars(request).update(vars(template))
        request.url = url
        request.headers = template.headers.copy()
        request.hooks = default_hooks()
        request._cookies = RequestsCookieJar()
        return request


def _is_plain(request: Request) -> bool:
    """Say whether a request is a GET of a URL and nothing else."""
    return (
        request.method == "GET"
        and request.auth is request.json is request.cookies is None
        and not (request.headers or request.params or request.data or request.files)
        and not any(request.hooks.values())
    )


def _unchanged(request: PreparedRequest) -> PreparedRequest:
    return request


def is_of_requests(prepare: object) -> bool:
    """Say whether a bound `prepare_request` is that of requests itself."""
    return getattr(prepare, "__func__", None) is _PREPARE


def is_basic(auth: object) -> bool:
    """Say whether it is none, or a name and a password, which always make the same header field."""
    return auth is None or (type(auth) is tuple and all(type(part) is str for part in auth))


def _split(url: str) -> tuple[str, str, str, str] | None:
    """Give scheme, host, path and query of a URL; None if requests may write it in another way."""
    scheme, _, rest = url.partition("://")
    authority, _, target = rest.partition("/")
    host, colon, port = authority.partition(":")
    path, mark, query = target.partition("?")
    if (
        scheme not in _USUAL_PORTS
        or url.translate(_URL)
        or host.translate(_HOST)
        or not host.strip(".-") == host != ""
        # Segments of dots are taken out.
        or "/." in rest
        or (mark and not query)
        or len(authority) == len(rest)
    ):
        return None
    if colon:
        if not port.isdigit() or port[0] == "0" or int(port) > _LARGEST_PORT:
            return None
        if port != _USUAL_PORTS[scheme]:
            host = authority
    return scheme, host, f"/{path}", query
