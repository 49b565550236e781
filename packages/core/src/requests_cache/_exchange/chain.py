"""A call on its way through its redirects, and what is said on it of who is asking."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit

from .._matching.owner import Word, new_event, overrides_of, said_elsewhere

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS", "TRACE"})
_READS: Final = frozenset({"GET", "HEAD"})


class Chain:
    """What the hops of a call hand on: words, and whose cookies are the program's."""

    own: frozenset[Word] = frozenset()
    """Words of the requests on this host."""
    event: Word | None = None
    """That of an unsafe request, which all that follows has, too."""
    programs: frozenset[tuple[str, str]] = frozenset()
    """Cookies of the call itself; whose they are is settled before its first hop."""
    first_word: frozenset[Word] = frozenset()
    hands_out = False
    """Whether a redirect leads to a URL that says more of who is asking than the call."""
    url: str | None = None
    """That of the hop that is on its way."""
    is_begun = False
    is_anew = False
    """Whether a redirect could not be used, so that all that follows is asked for, too."""
    passed: str | None = None
    """The URL of a redirect that has set a cookie, and so is another answer by now."""
    receive_redirect: Callable[[Response], None] | None = None
    """Has who asks with the hop that is on its way note what a redirect has set."""

    def __init__(self) -> None:
        self.inherited: list[Word] = []
        """Words of cookies that have counted, and of hops on other hosts."""
        self.spoken: set[frozenset[Word]] = set()
        """The words of its hops; none is no word."""

    def copy(self) -> Chain:
        """Give a chain that goes on from here, whatever becomes of this one."""
        other = Chain()
        vars(other).update(vars(self))
        other.spoken = set(self.spoken)
        return other

    def begin(self, request: PreparedRequest, cached: Iterable[str]) -> None:
        """Come to a hop; the first one says whether the call is unsafe, see `is_unsafe`."""
        before, self.url = self.url, request.url or ""
        if before is not None and (host := _host_of(before)) != _host_of(self.url):
            event = {self.event} if self.event else set()
            self.inherited = self.inherited + said_elsewhere("//".join(host), self.own)
            self.own = frozenset(self.own & event)
        if not self.is_begun:
            self.is_begun = True
            self.event = new_event() if is_unsafe(request, cached) else None

    def renew(self) -> None:
        """Have all that follows say another event than what was sent before its answer came."""
        if self.event is not None:
            self.own = frozenset(self.own - {self.event})
            self.event = new_event()
            self.own |= {self.event}

    def note(self, word: frozenset[Word], *, is_first: bool) -> None:
        """Note what a hop says."""
        said = frozenset(word - {self.event} if self.event else word)
        if said:
            self.spoken.add(said)
        if is_first:
            self.first_word = said
        else:
            first = self.first_word
            self.hands_out |= any(w[0].startswith("url") and w not in first for w in said)

    @property
    def is_one_persons(self) -> bool:
        """Say whether the whole chain may be remembered as one answer."""
        return len(self.spoken) < 2 and not self.hands_out and self.event is None


def _host_of(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.rpartition("@")[2].lower()


def is_unsafe(request: PreparedRequest, cached: Iterable[str]) -> bool:
    """Say whether a request may change who the caller is.

    A POST that the session answers from the cache is a query, unless it says who is asking.
    """
    method = (request.method or "GET").upper()
    overrides = overrides_of(request.headers)
    unsafe = {method, *overrides} - _SAFE
    if not unsafe:
        return False
    is_sent_as_get = unsafe == {"POST"} == {method} and not _READS.isdisjoint(overrides)
    if not request.body or not (is_sent_as_get or unsafe.issubset(cached)):
        return True
    from .._matching.queries import is_query

    return not is_query(request)
