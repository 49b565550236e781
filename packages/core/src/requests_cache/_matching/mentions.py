"""Whether a text that is not understood names a secret and seems to say it.

Such a text is replaced as a whole, so what counts here is to miss none; a text that only talks of a
token stays.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from html import unescape
from typing import Final
from urllib.parse import unquote

__all__ = ["mentions"]

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

    Args:
        is_meant: knows the names.
        text: the text.
        kind: its media type in lower case, with parameters.
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
    return (
        len(cells) > 1
        and "csv" in kind + _as_csv(cells)
        and any(_is_meant(is_meant, cell) for cell in cells)
    )


def _as_csv(cells: list[str]) -> str:
    """Say that it may be a table, if its first line is made of names alone."""
    return "csv" if all(_ANY.fullmatch(cell) for cell in cells) else ""


def _is_meant(is_meant: Callable[[str], bool], name: str) -> bool:
    return len(name) <= _LONGEST_NAME and is_meant(name)


def _is_text(kind: str) -> bool:
    media_type = kind.partition(";")[0].strip()
    return (
        media_type.startswith("text/")
        or media_type in ("", "application/json", "application/x-www-form-urlencoded")
        or media_type.endswith("+json")
    )
