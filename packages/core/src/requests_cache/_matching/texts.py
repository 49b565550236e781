"""Texts that nobody takes apart: whether one names a secret, or was made for one visitor. Pure.

A text that names a secret and seems to say it is replaced as a whole, so what counts is to miss
none; one that only talks of a token stays. In the body of a response what would harm the next
visitor is looked for: a password field, a hidden field that proves a form to be one's own, and a
value of a cookie.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from html import unescape
from typing import Final
from urllib.parse import unquote

from .names import is_csrf, is_token

_NAME: Final = r"(?<![\w.\[\]-])[^\W\d][\w.\[\]-]*+"
# A name, then what separates it from a value: as in JSON, forms, headers, YAML, code.
_SAID: Final = re.compile(
    rf"({_NAME})(?:\\*+[\"']|\s)*+(?::=|=>|[=:>])(?:\\*+[\"']|\s)*+(?!REDACTED)[^\s&<\"'\\]"
)
_TAG: Final = re.compile(r"<[/?]?(?:[\w.-]++:)?([^\W\d][\w.-]*+)")
_ATTRIBUTE: Final = re.compile(r"(?<=[\s:])([^\W\d][\w.-]*+)\s*+=\s*+[\"']")
# What is all that an element or an attribute says.
_ALONE: Final = re.compile(rf"(?:>|=\s*+[\"']|\[CDATA\[)\s*+({_NAME})\s*+(?:<|[\"']|\]\])")
_ANY: Final = re.compile(_NAME)
_CELLS: Final = re.compile(r"[,;\t|]")
_ESCAPE: Final = re.compile(r"\\u([0-9a-fA-F]{4})")
# A name of more letters is none.
_LONGEST_NAME: Final = 100


def mentions(is_meant: Callable[[str], bool], text: str, kind: str = "") -> bool:
    """Say whether a name that is meant occurs with something that it says.

    `kind` is the media type of the text in lower case, with parameters.
    """
    return any(_mentions(is_meant, form, kind) for form in _forms(text))


def _forms(text: str) -> list[str]:
    """Give the text as it is and without escapes."""
    forms = [text]
    if "%" in text:
        forms.append(unquote(text.replace("+", " ")))
    if "\\u" in text:
        forms.append(_ESCAPE.sub(lambda found: chr(int(found[1], 16)), text))
    if "&#" in text or "&quot;" in text:
        forms.append(unescape(text))
    return forms


def _mentions(is_meant: Callable[[str], bool], text: str, kind: str) -> bool:
    patterns = [_SAID]
    if text.lstrip("\ufeff \t\r\n")[:1] == "<" or "xml" in kind:
        patterns += [_TAG, _ATTRIBUTE, _ALONE]
    elif not _is_text(kind):
        patterns = [_ANY]
    if any(_is_meant(is_meant, name) for pattern in patterns for name in pattern.findall(text)):
        return True
    first = text.lstrip().partition("\n")[0]
    cells = [cell.strip(" \"'\r") for cell in _CELLS.split(first)]
    # It may be a table without saying so, if its first line is made of names alone.
    is_table = len(cells) > 1 and ("csv" in kind or all(map(_ANY.fullmatch, cells)))
    return is_table and any(_is_meant(is_meant, cell) for cell in cells)


def _is_meant(is_meant: Callable[[str], bool], name: str) -> bool:
    return len(name) <= _LONGEST_NAME and is_meant(name)


def _is_text(kind: str) -> bool:
    media_type = kind.partition(";")[0].strip()
    return (
        media_type.startswith("text/")
        or media_type in ("", "application/json", "application/x-www-form-urlencoded")
        or media_type.endswith("+json")
    )


# One visitor's own

_FIELD: Final = re.compile(r"<(input|meta)\b([^>]*+)>", re.IGNORECASE)
_SETTING: Final = re.compile(r"([\w-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
# In a script, in JSON or in an attribute; a name of a field, such as X-XSRF-TOKEN, is no token.
_CSRF_SAID: Final = re.compile(
    r"[cx]srf[\w.-]{0,40}+[\"']?\s*+[:=]\s*+[\"'](?=[^\"']{0,200}\d)[\w+/=.:|~-]{16}", re.IGNORECASE
)
_LONG, _WITH_DIGIT = 16, 8


def has_password_field(text: str) -> bool:
    """Say whether a page asks for a password."""
    return any(tag.get("type", "").lower() == "password" for tag in _tags(text))


def tells_visitor(text: str, values: Iterable[str]) -> bool:
    """Say whether a body was made for one visitor; `values` are those of cookies sent or set."""
    repeated = [value for value in values if value in text]
    if any(len(value) >= _LONG or _is_id(value) for value in repeated):
        return True
    if any(map(_is_token, _tags(text))):
        return True
    # As with tags, most text has none of it.
    return ("srf" in text or "SRF" in text) and _CSRF_SAID.search(text) is not None


def _is_id(value: str) -> bool:
    return len(value) >= _WITH_DIGIT and any(letter.isdigit() for letter in value)


def _is_token(tag: dict[str, str]) -> bool:
    kind = tag.get("type", "").lower()
    if kind == "password":
        return True
    name = tag.get("name", "")
    if kind == "hidden" and is_token(name) and _is_id(tag.get("value", "")):
        return True
    # Frameworks put the token of the scripts of a page into a meta element.
    return (kind == "hidden" or "content" in tag) and is_csrf(name)


def _tags(text: str) -> Iterable[dict[str, str]]:
    # The pattern, which is without case, takes its time on text that has no such tag at all.
    lowered = text.lower() if "<" in text else ""
    if "<input" not in lowered and "<meta" not in lowered:
        return
    for found in _FIELD.finditer(text):
        yield {
            name.lower(): quoted or single or bare
            for name, quoted, single, bare in _SETTING.findall(found[2])
        }
