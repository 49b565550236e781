"""Pieces of field values: lists, quoted strings, tokens, numbers (RFC 9110, section 5.6)."""

from __future__ import annotations

import re

OWS = " \t"
MAX_SECONDS = 2**31
"""What a larger number of seconds is read as (RFC 9111, section 1.2.2)."""

_TOKEN = re.compile(r"[!#$%&'*+\-.^_`|~0-9A-Za-z]+")
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
        if value[position] == '"':
            closing = _closing_quote(value, position)
            if closing < 0:
                # A quote that never closes hides nothing: a later no-store must still be seen.
                break
            position = closing
        elif value[position] == separator:
            pieces.append(value[start:position])
            start = position + 1
        position += 1
    return (
        pieces + value[start:].split(separator)
        if position < len(value)
        else [
            *pieces,
            value[start:],
        ]
    )


def _closing_quote(value: str, opening: int) -> int:
    position = opening + 1
    while position < len(value):
        if value[position] == "\\":
            position += 1
        elif value[position] == '"':
            return position
        position += 1
    return -1


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
