"""The calls whose keys are known, and what was read and checked of what is stored under them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from math import inf
from threading import Lock
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from .._exchange.request_context import NO_OPTIONS, Options
from .._matching.owner import lines
from ..models.record import LARGEST_PARSED, Flag, KeptRecord, write_lines
from ..models.response import CachedResponse

if TYPE_CHECKING:
    from .._matching.owner import Asker
    from .._store.entry import Entry
    from ..backends.cache import BaseCache
    from ..models.record import Record
    from .held import HeldJar

LONG_WAY: Final = Flag.COOKIES | Flag.NOT_WHOLE | Flag.SELECTED
"""Flags of responses that only the long way can give, if the jar has no cookies."""

_MOST_CALLS: Final = 8192
# Bytes of heads, which are the memo's own, and of bodies, which are those of a store in memory as
# long as it has them.
_MOST_OF_HEADS: Final = 8 * 1024 * 1024
_MOST_OF_BODIES: Final = 32 * 1024 * 1024
# Of another store the bodies are copies, of small ones, to compare with what is read the next time.
_MOST_OF_COPIES: Final = 8 * 1024 * 1024
_LARGEST_COPY: Final = 16 * 1024
# About what the objects around a head take, and a head that has been parsed.
_AROUND: Final = 700
_PARSED: Final = 6

Seen: TypeAlias = """tuple[
    Entry | None, Record | None, float, Callable[[Record], CachedResponse], dict[str, Any] | None,
    float
]"""
"""A store's own object in memory, or one with a small body, and its record; of another store, where
the object would only keep its body, None and the record without its body. Until when it can be used
as it is; what makes the response of the record; its attributes, if these are always the same; and
until when it can be used while it is refreshed.
"""


class KnownCall:
    """A call whose key is known."""

    __slots__ = (
        "asker",
        "body",
        "headers",
        "is_left",
        "is_prepared",
        "jar",
        "key",
        "lock",
        "method",
        "options",
        "present",
        "read",
        "said",
        "says_nothing",
        "seen",
        "sizes",
        "url",
    )

    def __init__(
        self,
        key: str,
        url: str,
        headers: Mapping[str, str | bytes],
        options: Options = NO_OPTIONS,
        jar: HeldJar | None = None,
        said: bytes | None = None,
    ) -> None:
        self.key = key
        self.method = "GET"
        self.url = url
        self.headers = headers
        """Those of its request, for `Vary` to ask for."""
        self.body: Any = None
        self.options = options
        """What the caller asked of the cache."""
        self.jar = jar
        """The cookies that go with its request, if the jar has any."""
        self.said = said
        """The header fields of its request as a record has them; None if nobody has asked yet."""
        self.is_prepared = False
        """Whether it is one of `send`, and not of `request`."""
        self.says_nothing = False
        """Whether it is known that the request says nothing of who is asking."""
        self.lock: str | None = None
        """Whose the response has to be, where the key does not say so."""
        self.asker: Asker | None = None
        """Who asks, if it says more than the request shows."""
        self.read: Callable[[str], Entry | None] | None = None
        """Reads what is stored for a caller who reads the body himself; None: the store does."""
        self.present: Callable[[Record, float], Record] | None = None
        """Gives a record as it is at a time, where that depends on the time."""
        self.seen: Seen = (None, None, -inf, CachedResponse.from_record, None, -inf)
        """What was read and checked, until when it can be used as it is."""
        self.is_left = False
        """Whether an exchange has to deal with it at once: the last call had to ask the origin
        about what is stored, or the filter refused that; then the next most likely has to, too."""
        self.sizes = 0, 0
        """What it takes: bytes of the head with what is around it, and of the body."""

    def is_stored_in(self, source: bytes) -> bool:
        """Say whether the request that a record was stored with is this one to the letter."""
        if self.said is None:
            self.said = write_lines(lines(self.headers))
        url = self.url.encode("utf-8", "surrogatepass")
        return b'"url":"%b","headers":%b' % (url, self.said) in source


class Memo:
    """The known calls of a session, by what identifies each; bounded in number and in bytes.

    A cache that is bounded itself is not held more of than its bounds.
    """

    def __init__(self, cache: BaseCache) -> None:
        self.calls: dict[Any, KnownCall] = {}
        self._lock = Lock()
        self._most = min(cache.max_entries or _MOST_CALLS, _MOST_CALLS)
        self._most_of_heads = min(cache.max_size or _MOST_OF_HEADS, _MOST_OF_HEADS)
        # What a bounded one evicts has to go.
        is_bounded = cache.max_entries is not None or cache.max_size is not None
        self._most_of_copies = 0 if is_bounded else _MOST_OF_COPIES
        self._heads = self._bodies = 0

    def takes_copy(self, entry: Entry) -> bool:
        """Say whether there is room for all of an entry that a store on disk has given."""
        head, body = entry[:2]
        return (
            len(head) <= LARGEST_PARSED
            and len(body) <= _LARGEST_COPY
            and self._bodies + len(body) <= self._most_of_copies
        )

    def add(self, identity: Any, known: KnownCall) -> None:
        """Keep a call, and let the oldest go that there is no more room for."""
        known.sizes = heads, bodies = self._measure(identity, known)
        with self._lock:
            self._forget(identity)
            while self.calls and not self._has_room(heads, bodies):
                # Looking for the least used would cost each hit more than it saves.
                self._forget(next(iter(self.calls)))
            if self._has_room(heads, bodies):
                self.calls[identity] = known
                self._heads += heads
                self._bodies += bodies

    def forget(self, identity: Any) -> None:
        """Let a call go, if it is there."""
        with self._lock:
            self._forget(identity)

    def _has_room(self, heads: int, bodies: int) -> bool:
        return (
            len(self.calls) < self._most
            and self._heads + heads <= self._most_of_heads
            and self._bodies + bodies <= _MOST_OF_BODIES
        )

    def _forget(self, identity: Any) -> None:
        known = self.calls.pop(identity, None)
        if known is not None:
            self._heads -= known.sizes[0]
            self._bodies -= known.sizes[1]

    @staticmethod
    def _measure(identity: Any, known: KnownCall) -> tuple[int, int]:
        # What a call says is short but for its parameters and header fields.
        said = len(identity) if type(identity) is str else len(repr(identity))
        entry, record = known.seen[:2]
        if record is None:
            return said + _AROUND, 0
        if entry is None:
            return said + _AROUND + len(record.source), 0
        bodies = len(entry.body) + (0 if record.body is entry.body else len(record.body))
        parsed = 1 if type(record) is KeptRecord else _PARSED
        return said + _AROUND + parsed * len(record.source or entry.head), bodies
