"""Values of structured fields, and how they are written (RFC 9651, sections 3 and 4.1)."""

from __future__ import annotations

from typing import Final, NamedTuple, Union

from .fields import is_token

BareItem = Union[bool, int, float, str, "Token", bytes]
Parameters = dict[str, BareItem]

_LARGEST: Final = 10**15 - 1


class Token(str):
    """Mark text that is written without quotes."""

    __slots__ = ()


class Item(NamedTuple):
    """Hold a value, or the inner list of values, with its parameters."""

    value: BareItem | tuple[Item, ...]
    parameters: Parameters


def write_bare(value: bool | int | str) -> str:
    """Write a boolean, an integer, a token or a string (RFC 9651, section 4.1).

    What a string cannot hold is percent-encoded.
    """
    if isinstance(value, bool):
        return "?1" if value else "?0"
    if isinstance(value, int):
        return str(max(-_LARGEST, min(value, _LARGEST)))
    if isinstance(value, Token):
        return str(value)
    return '"' + "".join(map(_escaped, value)) + '"'


def _escaped(character: str) -> str:
    if " " <= character <= "~":
        return "\\" + character if character in '"\\' else character
    return "".join(f"%{octet:02X}" for octet in character.encode("utf-8", "surrogatepass"))


def as_token(text: str) -> str:
    """Return text as a token if it can be one."""
    return Token(text) if is_token(text) and (text[0].isalpha() or text[0] == "*") else text
