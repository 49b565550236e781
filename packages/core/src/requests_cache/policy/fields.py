"""Header fields: their lines, and the syntax of values (RFC 9110, section 5)."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator
from datetime import date
from functools import lru_cache
from typing import final

Field = tuple[str, str]


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


# Syntax of values (RFC 9110, section 5.6)

OWS = " \t"
MAX_SECONDS = 2**31
"""What a larger number of seconds is read as (RFC 9111, section 1.2.2)."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"', re.DOTALL)
_ESCAPE = re.compile(r"\\(.)", re.DOTALL)


def is_token(text: str) -> bool:
    """Say whether text is a token (RFC 9110, section 5.6.2)."""
    return _TOKEN.fullmatch(text) is not None


def split_list(value: str, separator: str = ",") -> list[str]:
    """Return the members of a list, leaving separators in quoted strings alone.

    Empty members are dropped (RFC 9110, section 5.6.1.2).
    """
    pieces = value.split(separator) if '"' not in value else _split_quoted(value, separator)
    return [member for piece in pieces if (member := piece.strip(OWS))]


def _split_quoted(value: str, separator: str) -> list[str]:
    pieces: list[str] = []
    start = position = 0
    while position < len(value):
        if value[position] == separator:
            pieces.append(value[start:position])
            start = position + 1
        elif value[position] == '"':
            quoted = _QUOTED.match(value, position)
            if quoted is None:
                # A quote that never closes hides nothing: a later no-store must still be seen.
                return pieces + value[start:].split(separator)
            position = quoted.end() - 1
        position += 1
    return [*pieces, value[start:]]


def unquote(text: str) -> str:
    """Return what a quoted string says, or the text itself (RFC 9110, section 5.6.4)."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return _ESCAPE.sub(r"\1", text[1:-1])
    return text


def parse_seconds(text: str | None) -> int | None:
    """Return a delta-seconds, at most `MAX_SECONDS`, or None where it is none."""
    if text is None or not (text.isascii() and text.isdigit()):
        return None
    digits = text.lstrip("0") or "0"
    # Python refuses to convert thousands of digits, and a header may have them.
    return MAX_SECONDS if len(digits) > 10 else min(int(digits), MAX_SECONDS)


# Dates (RFC 9110, section 5.6.7)

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_EPOCH = date(1970, 1, 1).toordinal()
_LAST = 253402300799  # 9999-12-31 23:59:59, the last moment an HTTP date can name

_DAY = f"(?:{'|'.join(_DAYS)})"
_LONG_DAY = "(?:Monday|Tuesday|Wednesday|Thursday|Friday|Saturday|Sunday)"
_MONTH = f"(?P<month>{'|'.join(_MONTHS)})"
_CLOCK = "(?P<hour>[0-9]{2}):(?P<minute>[0-9]{2}):(?P<second>[0-9]{2})"

# RFC 9111, section 4.2: a cache should compare dates without regard to case, although
# RFC 9110 writes them in one case only. Any zone but GMT stays invalid.
_FORMS = tuple(
    re.compile(form, re.IGNORECASE | re.ASCII)
    for form in (
        f"{_DAY}, (?P<day>[0-9]{{2}}) {_MONTH} (?P<year>[0-9]{{4}}) {_CLOCK} GMT",
        f"{_LONG_DAY}, (?P<day>[0-9]{{2}})-{_MONTH}-(?P<year>[0-9]{{2}}) {_CLOCK} GMT",
        f"{_DAY} {_MONTH} (?P<day>[0-9]{{2}}| [0-9]) {_CLOCK} (?P<year>[0-9]{{4}})",
    )
)


def parse_date(text: str, now: float) -> float | None:
    """Read an HTTP date in one of its three forms; anything else is None.

    `now` settles the century of a two-digit year.
    """
    # Only a form with "-" has a year of two digits.
    return _parse(text, _day_of(now) if "-" in text else 0) if text else None


# A decision reads the same few dates again and again.
@lru_cache(64)
def _parse(text: str, today: int) -> float | None:
    for form in _FORMS:
        if match := form.fullmatch(text):
            return _seconds(match, today)
    return None


def _day_of(moment: float) -> int:
    """Count days since 1970; a moment outside the years 1970 to 9999 is moved to the edge."""
    return int(min(max(moment, 0), _LAST)) // 86400


def format_date(moment: float) -> str:
    """Write a moment as an IMF-fixdate; one outside the years 1970 to 9999 is moved to the edge."""
    days, rest = divmod(int(min(max(moment, 0), _LAST)), 86400)
    when = date.fromordinal(_EPOCH + days)
    clock = f"{rest // 3600:02}:{rest // 60 % 60:02}:{rest % 60:02}"
    return (
        f"{_DAYS[when.weekday()]}, {when.day:02} {_MONTHS[when.month - 1]} {when.year:04} "
        f"{clock} GMT"
    )


def _seconds(match: re.Match[str], today: int) -> float | None:
    hour, minute, second = (int(match[part]) for part in ("hour", "minute", "second"))
    # The grammar allows a leap second.
    if hour > 23 or minute > 59 or second > 60:
        return None
    year = int(match["year"]) if len(match["year"]) == 4 else _full_year(int(match["year"]), today)
    month = _MONTHS.index(match["month"].title()) + 1
    try:
        days = date(year, month, int(match["day"])).toordinal() - _EPOCH
    except ValueError:
        return None
    return float(days * 86400 + hour * 3600 + minute * 60 + second)


def _full_year(two_digits: int, today: int) -> int:
    """Take a year that seems more than 50 years ahead as past (RFC 9110, section 5.6.7)."""
    current = date.fromordinal(_EPOCH + today).year
    year = current - current % 100 + two_digits
    return year - 100 if year > current + 50 else year
