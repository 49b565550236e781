"""What the policy decides on: heads of messages and settings, all immutable."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from typing import NamedTuple, final

Field = tuple[str, str]
Variant = tuple[tuple[str, str | None], ...]


@final
class Headers:
    """Hold header fields as they came: order, case and duplicates are kept.

    Looking up a field ignores case. Equal when the field lines are equal.
    """

    __slots__ = ("_index", "fields")

    fields: tuple[Field, ...]

    def __init__(self, fields: Iterable[Field] = ()) -> None:
        self.fields = tuple(fields)
        self._index: dict[str, list[str]] | None = None

    def lines(self, name: str) -> list[str]:
        """Return the values of all lines of a field, in order, without surrounding white space."""
        return (self._index or self._by_name()).get(name.lower(), [])

    def _by_name(self) -> dict[str, list[str]]:
        index = self._index
        if index is None:
            index = self._index = {}
            for field, value in self.fields:
                name, line = field.lower(), value.strip(" \t\r\n")
                if name in index:
                    index[name].append(line)
                else:
                    index[name] = [line]
        return index

    def has_any(self, names: frozenset[str]) -> bool:
        """Say whether there is any of the fields named in lower case."""
        return not names.isdisjoint(self._index or self._by_name())

    def joined(self, name: str) -> str | None:
        """Return the lines of a field as one list, or None (RFC 9110, section 5.3)."""
        lines = (self._index or self._by_name()).get(name.lower())
        return None if lines is None else lines[0] if len(lines) == 1 else ", ".join(lines)

    def first(self, name: str) -> str | None:
        """Return the first line of a field, or None."""
        lines = (self._index or self._by_name()).get(name.lower())
        return None if lines is None else lines[0]

    def without(self, names: Collection[str]) -> Headers:
        """Return these fields without those named in lower case; themselves if there are none."""
        index = self._index or self._by_name()
        gone = index.keys() & names
        if not gone:
            return self
        kept = Headers([field for field in self.fields if field[0].lower() not in gone])
        kept._index = index.copy()
        for name in gone:
            del kept._index[name]
        return kept

    def replaced(self, fields: Iterable[Field]) -> Headers:
        """Return a copy in which these fields stand instead of those of the same names."""
        new = fields if isinstance(fields, Headers) else Headers(fields)
        index = new._index or new._by_name()
        both = Headers([*[f for f in self.fields if f[0].lower() not in index], *new.fields])
        both._index = {**(self._index or self._by_name()), **index}
        return both

    def copy(self) -> Headers:
        """Return an equal object, which is another one."""
        copy = Headers(self.fields)
        copy._index = self._index
        return copy

    def __contains__(self, name: str) -> bool:
        return name.lower() in (self._index or self._by_name())

    def __iter__(self) -> Iterator[Field]:
        return iter(self.fields)

    def __len__(self) -> int:
        return len(self.fields)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Headers) and self.fields == other.fields

    def __hash__(self) -> int:
        return hash(self.fields)

    def __repr__(self) -> str:
        return f"Headers({list(self.fields)!r})"


class RequestHead(NamedTuple):
    """Describe the request to decide about."""

    method: str
    url: str
    headers: Headers = Headers()
    override: str = ""
    """The method that a field asks the server to take in place of this one."""


class ResponseHead(NamedTuple):
    """Describe a response that came from the network."""

    status: int
    headers: Headers = Headers()


class StoredHead(NamedTuple):
    """Describe a stored response, without its body.

    Times are UNIX seconds. The policy copies `key` and never reads it: it is the interpreter's
    handle, and empty in a head that has not been stored yet.
    """

    status: int
    headers: Headers
    method: str
    url: str
    request_time: float
    response_time: float
    variant: Variant = ()
    """The request fields that `Vary` names, as `vary.variant` wrote them down."""
    lifetime: float | None = None
    """The lifetime in seconds that a setting gave when the response was stored."""
    body_length: int | None = None
    """Octets of the body as transferred; None where slices of the body cannot be served."""
    alternate: bool = False
    """Found under another URL: by No-Vary-Search, or at the end of a redirect."""
    key: str = ""
    expires: float | None = None
    """When it expires by the time that it was stored for; None is never. RFC 9111 reads headers."""


class Rules(NamedTuple):
    """Hold the settings of one request. Lifetimes are seconds; `math.inf` is for ever."""

    lifetime: float | None = None
    """Overrides what the response says; 0 means validate at each use."""
    fallback: float | None = None
    """Used where the response gives neither a lifetime nor a hint for a heuristic one."""
    ends: float | None = None
    """When these two end, if a time was given: seconds since the epoch, whenever it was stored."""
    heuristics: bool = True
    heuristic_fraction: float = 0.1
    heuristic_limit: float = 7 * 86400.0
    stale_if_error: float | None = None
    stale_while_revalidate: float | None = None
    always_revalidate: bool = False
    """Validate before each use, except a fresh response that is `immutable`."""
    refresh: bool = False
    """Validate before this use, whatever is stored."""
    force_refresh: bool = False
    """Fetch unconditionally, whatever is stored."""
    only_if_cached: bool = False
    no_store: bool = False
    """Neither use nor fill the cache."""
    methods: frozenset[str] = frozenset(("GET", "HEAD"))
    """Naming an unsafe method declares that here it is safe to repeat."""
    statuses: frozenset[int] | None = None
    """Store these only; None for all that HTTP allows."""

    @property
    def asks_anew(self) -> bool:
        """Say whether the origin is asked before each use, whatever is stored."""
        return self.always_revalidate or self.refresh or self.force_refresh


DEFAULT_RULES = Rules()
