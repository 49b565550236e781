"""Structured field values: the part of RFC 9651 that caching fields need."""

from __future__ import annotations

import re
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


# Reading (RFC 9651, section 4.2)

_KEY = re.compile(r"[a-z*][a-z0-9_\-.*]*")
_NUMBER = re.compile(r"-?(?:[0-9]{1,12}\.[0-9]{1,3}(?![0-9])|[0-9]{1,15}(?![0-9.]))", re.ASCII)
_STRING = re.compile(r'"((?:[\x20\x21\x23-\x5b\x5d-\x7e]|\\["\\])*)"')
_TOKEN = re.compile(r"[A-Za-z*][!#$%&'*+\-.^_`|~0-9A-Za-z:/]*")
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_BOOLEAN = re.compile(r"\?([01])")
_SPACES = re.compile(" *")
_OWS = re.compile("[ \t]*")


def parse_list(text: str) -> list[Item] | None:
    """Read a List; None where any part of it is malformed (RFC 9651, section 4.2.1)."""
    try:
        return _Reader(text).whole_list()
    except ValueError:
        return None


def parse_dictionary(text: str) -> dict[str, Item] | None:
    """Read a Dictionary; None where any part of it is malformed (RFC 9651, section 4.2.2)."""
    try:
        return _Reader(text).whole_dictionary()
    except ValueError:
        return None


class _Reader:
    """Walk over the text of a field value; every method raises ValueError on malformed text."""

    def __init__(self, text: str) -> None:
        self._text = text.strip(" ")
        self._position = 0

    def whole_list(self) -> list[Item]:
        members: list[Item] = []
        while not self._at_end():
            members.append(self._member())
            self._comma()
        return members

    def whole_dictionary(self) -> dict[str, Item]:
        members: dict[str, Item] = {}
        while not self._at_end():
            key = self._key()
            # The last of several equal keys counts, in its own place.
            members.pop(key, None)
            members[key] = self._member() if self._take("=") else Item(True, self._parameters())
            self._comma()
        return members

    def _member(self) -> Item:
        value = self._inner_list() if self._take("(") else self._bare()
        return Item(value, self._parameters())

    def _inner_list(self) -> tuple[Item, ...]:
        members: list[Item] = []
        while True:
            spaces = self._match(_SPACES)
            if self._take(")"):
                return tuple(members)
            if members and not spaces[0]:
                raise ValueError("members of an inner list need a space between them")
            members.append(Item(self._bare(), self._parameters()))

    def _parameters(self) -> Parameters:
        parameters: Parameters = {}
        while self._take(";"):
            self._match(_SPACES)
            key = self._key()
            parameters[key] = self._bare() if self._take("=") else True
        return parameters

    def _key(self) -> str:
        return self._match(_KEY)[0]

    def _bare(self) -> BareItem:
        match self._text[self._position : self._position + 1]:
            case '"':
                return re.sub(r"\\(.)", r"\1", self._match(_STRING)[1])
            case "?":
                return self._match(_BOOLEAN)[1] == "1"
            case ":":
                return self._octets()
            case start if start.isascii() and (start.isdigit() or start == "-"):
                number = self._match(_NUMBER)[0]
                return float(number) if "." in number else int(number)
        return Token(self._match(_TOKEN)[0])

    def _octets(self) -> bytes:
        from base64 import b64decode

        return b64decode(self._match(_BYTES)[1], validate=True)

    def _comma(self) -> None:
        self._match(_OWS)
        if self._at_end():
            return
        if not self._take(","):
            raise ValueError("members need a comma between them")
        self._match(_OWS)
        if self._at_end():
            raise ValueError("a comma must not end the value")

    def _match(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._position)
        if match is None:
            raise ValueError(f"unexpected text at {self._position}")
        self._position = match.end()
        return match

    def _take(self, character: str) -> bool:
        found = self._text.startswith(character, self._position)
        self._position += found
        return found

    def _at_end(self) -> bool:
        return self._position >= len(self._text)
