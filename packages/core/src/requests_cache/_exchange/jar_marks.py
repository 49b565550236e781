"""What a session's jar has seen: which cookies came by a response, and with which words they went.

The marks hang on the jar, so they live as long as it does and are pickled with it; a copy of the
jar begins anew, for to another jar the program has brought its cookies.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from contextlib import suppress
from http.cookiejar import (  # type: ignore[attr-defined]  # typeshed lacks `request_host`
    Cookie,
    CookieJar,
    request_host,
)
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, NamedTuple
from urllib.parse import urlsplit

from requests.cookies import MockRequest

from .._matching.owner import SentCookie, Word, could_count, merge
from ..models.describe import Place, cookies_in

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

_ATTRIBUTE: Final = "_requests_cache_marks"
_MOST_PROGRAMS: Final = 1024
_lock: Final = Lock()


class _Mark(NamedTuple):
    value: str
    words: tuple[Word, ...]


def place_of(cookie: Cookie) -> Place:
    """Give where a jar keeps a cookie."""
    return Place(cookie.domain, cookie.path, cookie.name)


class Marks:
    """The marks of one jar."""

    def __init__(self) -> None:
        self.arrived: dict[Place, _Mark] = {}
        """Cookies that came by a response."""
        self.programs: dict[tuple[str, str], tuple[Word, ...]] = {}
        """Words of the program's cookies, by name and value."""
        self.refused: set[Place] = set()
        """Cookies that the jar did not keep."""

    def classify(
        self,
        jar: Iterable[Any],
        request: PreparedRequest,
        pairs: Iterable[tuple[str, str]],
        programs: frozenset[tuple[str, str]] = frozenset(),
        replaced: Collection[str] = (),
    ) -> tuple[SentCookie, ...]:
        """Say of the cookies of a request whose they are, and with which words they have gone.

        `programs` are those known to be the program's. Those whose names are in `replaced` are not
        in the jar any more, for an answer has just replaced them.
        """
        held = _held(jar, request)
        if replaced:
            for place, mark in list(self.arrived.items()):
                if place.name in replaced:
                    held.setdefault((place.name, mark.value), []).append(place)
        return tuple(
            self._classify(pair, [] if pair in programs else held.get(pair, [])) for pair in pairs
        )

    def _classify(self, pair: tuple[str, str], places: list[Place]) -> SentCookie:
        """Say whose a cookie is; one that goes from several places has the words of all."""
        marks = [mark for mark in map(self.arrived.get, places) if mark and mark.value == pair[1]]
        words = merge((), [word for mark in marks for word in mark.words])
        if marks and len(marks) == len(places):
            return SentCookie(*pair, False, words)
        return SentCookie(*pair, True, merge(words, self.programs.get(pair, ())))

    def travelled(
        self,
        jar: Iterable[Any],
        request: PreparedRequest,
        sent: Iterable[SentCookie],
        inherited: list[Word],
        own: frozenset[Word],
    ) -> None:
        """Note with which words cookies are sent."""
        held = _held(jar, request)
        with _lock:
            for cookie in sent:
                pair = (cookie.name, cookie.value)
                if cookie.is_program:
                    self._note_program(pair, merge(self.programs.get(pair, ()), inherited, own))
                for place in held.get(pair, ()):
                    mark = self.arrived.get(place)
                    if mark is not None and mark.value == cookie.value:
                        words = merge(mark.words, inherited, own)
                        self.arrived[place] = _Mark(mark.value, words)

    def _note_program(self, pair: tuple[str, str], words: tuple[Word, ...]) -> None:
        if len(self.programs) >= _MOST_PROGRAMS and pair not in self.programs:
            del self.programs[next(iter(self.programs))]
        self.programs[pair] = words

    def arrive(
        self,
        jar: Iterable[Any],
        response: Response,
        sent: Iterable[SentCookie],
        inherited: list[Word],
        own: frozenset[Word],
    ) -> None:
        """Note the cookies that a response has brought, and what it took out of the jar.

        The jar has them by now. What is `inherited` are words of earlier hops and of cookies.
        """
        brought = [cookie for cookie in response.cookies if cookie.value is not None]
        known = {place_of(c): c.value or "" for c in jar if isinstance(c, Cookie)}
        programs = {(cookie.name, cookie.value) for cookie in sent if cookie.is_program}
        with _lock:
            for cookie in brought:
                place, value = place_of(cookie), cookie.value or ""
                if known.get(place) != value:
                    self.refused.add(place)
                    continue
                self.refused.discard(place)
                mark = self.arrived.get(place)
                is_same = mark is not None and mark.value == value
                if is_same or (mark is None and (cookie.name, value) in programs):
                    # Set again with the same value it stays what it was.
                    continue
                words = merge(() if mark is None else mark.words, inherited, own)
                self.arrived[place] = _Mark(value, words)
            for place in [place for place in self.arrived if place not in known]:
                del self.arrived[place]

    def __getstate__(self) -> dict[str, Any]:
        """Pickle the marks as they are now."""
        with _lock:
            return {name: value.copy() for name, value in vars(self).items()}


def marks_of(jar: object) -> Marks:
    """Give the marks of a jar, whatever its class."""
    marks: Marks | None = getattr(jar, _ATTRIBUTE, None)
    if marks is None:
        marks = Marks()
        # Of a jar that takes no attributes all cookies are the program's.
        with suppress(AttributeError):
            setattr(jar, _ATTRIBUTE, marks)
    return marks


def counts(jar: CookieJar, ignored: Iterable[str] = ()) -> bool:
    """Say whether any cookie of a jar may make its answers somebody's, or select them.

    A jar of which this is False is to the cache as an empty one.
    """
    marks: Marks | None = getattr(jar, _ATTRIBUTE, None)
    for cookie in cookies_in(jar):
        mark = None if marks is None else marks.arrived.get(place_of(cookie))
        if mark is None or mark.value != cookie.value:
            return True
        if mark.words and could_count(cookie.name, frozenset(ignored)):
            return True
    return False


def _held(jar: Iterable[Any], request: PreparedRequest) -> dict[tuple[str, str], list[Place]]:
    """Give where a jar keeps the cookies that go with a request, by name and value."""
    held: dict[tuple[str, str], list[Place]] = {}
    for cookie in going(jar, request):
        held.setdefault((cookie.name, cookie.value or ""), []).append(place_of(cookie))
    return held


def going(jar: Iterable[Any], request: PreparedRequest) -> Iterator[Cookie]:
    """Give the cookies of a jar that go with a request (RFC 6265, section 5.4)."""
    parts = urlsplit(request.url or "")
    # As the jar itself sees it: with a user, and of a field `Host` what that says.
    host, path = request_host(MockRequest(request)), parts.path or "/"
    for cookie in jar:
        if not isinstance(cookie, Cookie) or (cookie.secure and parts.scheme != "https"):
            continue
        if _is_domain(cookie.domain, host) and _is_path(cookie.path, path):
            yield cookie


def _is_domain(domain: str, host: str) -> bool:
    bare = domain.removeprefix(".").lower()
    # http.cookiejar puts hosts without a dot into a domain of its own.
    if bare in ("", host, f"{host}.local"):
        return True
    return domain.startswith(".") and host.endswith(f".{bare}")


def _is_path(cookie_path: str, path: str) -> bool:
    return path == cookie_path or path.startswith(
        cookie_path if cookie_path.endswith("/") else f"{cookie_path}/"
    )
