"""Calls of a URL and nothing else: their keys and prepared requests, without preparing each.

What requests prepares for two such calls of a session differs in the URL alone, as long as nothing
is done to the session in between, and the URLs are written as requests would write them. So it
prepares the first one, and the others are copies with another URL.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from requests import PreparedRequest, Request, RequestException
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from .._exchange.environment import OriginalSession
from .._matching.owner import copied, lines
from ..models.record import write_lines
from .identities import has_wishes

if TYPE_CHECKING:
    from .._matching.keys import Matching
    from .memo import KnownCall

# What requests leaves as it is, and JSON as well. `str.translate` deletes them.
_HOST: Final = dict.fromkeys(map(ord, "abcdefghijklmnopqrstuvwxyz0123456789.-"))
_URL: Final = _HOST | dict.fromkeys(map(ord, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_~!$&'()*+,;=:@/?"))
_USUAL_PORTS: Final = {"http": "80", "https": "443"}
_LARGEST_PORT: Final = 65535
_MOST_REMEMBERED: Final = 1024


class PlainCalls:
    """The plain calls of a session in one state of it, which `frozen` stays in."""

    def __init__(self, frozen: OriginalSession, matching: Matching) -> None:
        self._frozen = frozen
        self._matching = matching
        self._template: PreparedRequest | None = None
        self._end: str | None = None
        self._is_prepared = False
        self._said: bytes | None = None
        self._plain: set[str] = set()
        """URLs that requests leaves as they are."""

    def find_key(self, url: str) -> str | None:
        """Give the key of a call; None if a request has to be made to find it."""
        parts = _split(url)
        if parts is None:
            return None
        if not self._is_prepared:
            self._prepare_first(url)
        return None if self._end is None else self._matching.plain_key(*parts, self._end)

    def is_one_of(self, known: KnownCall) -> bool:
        """Say whether the key of a call was found here."""
        return self._template is not None and known.headers is self._template.headers

    def _prepare_first(self, url: str) -> None:
        self._is_prepared = True
        try:
            template = OriginalSession.prepare_request(self._frozen, Request("GET", url))
        except (RequestException, ValueError, TypeError):
            # The long way says what is wrong.
            return
        self._template = template
        if not has_wishes(template.headers):
            self._end = self._matching.end_of_keys(template.headers)

    @property
    def says_nothing(self) -> bool:
        """Say whether a call whose key was found here says nothing of who is asking.

        Its URL does not, then; what is left is the owner that all of these keys end with.
        """
        return self._end is not None and self._end.endswith(",null]")

    @property
    def headers(self) -> CaseInsensitiveDict[str | bytes]:
        """Give the header fields of all plain calls, once `find_key` has found a key."""
        assert self._template is not None
        return self._template.headers

    @property
    def said(self) -> bytes:
        """Give these header fields as a record has them."""
        if self._said is None:
            self._said = write_lines(lines(self.headers))
        return self._said

    def prepare(self, request: Request) -> PreparedRequest | None:
        """Prepare a request of the session; None if requests has to do that."""
        url = request.url
        return self.prepare_url(url) if isinstance(url, str) and _is_plain(request) else None

    def prepare_url(self, url: str) -> PreparedRequest | None:
        """Prepare a request of a URL alone; None if requests has to do that."""
        if url not in self._plain:
            if _split(url) is None:
                return None
            if len(self._plain) >= _MOST_REMEMBERED:
                self._plain.clear()
            self._plain.add(url)
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
        request.headers = copied(template.headers)
        request.hooks = {"response": list(template.hooks["response"])}
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
