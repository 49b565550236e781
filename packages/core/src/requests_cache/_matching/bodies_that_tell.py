"""Bodies of responses that belong to one visitor: login forms, and what repeats a cookie.

Pure. What is looked for is what would harm the next visitor: a password field, a hidden field that
proves a form to be one's own, and a value of a cookie.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from .names import is_csrf, is_token

__all__ = ["has_password_field", "tells_visitor"]

_TAG: Final = re.compile(r"<(input|meta)\b([^>]*+)>", re.IGNORECASE)
_ATTRIBUTE: Final = re.compile(r"([\w-]++)\s*+=\s*+(?:\"([^\"]*+)\"|'([^']*+)'|([^\s\"'>]++))")
# In a script, in JSON or in an attribute; a name of a field, such as X-XSRF-TOKEN, is no token.
_SAID: Final = re.compile(
    r"[cx]srf[\w.-]{0,40}+[\"']?\s*+[:=]\s*+[\"'](?=[^\"']{0,200}\d)[\w+/=.:|~-]{16}", re.IGNORECASE
)
_LONG, _WITH_DIGIT = 16, 8


def has_password_field(text: str) -> bool:
    """Say whether a page asks for a password."""
    return any(tag.get("type", "").lower() == "password" for tag in _tags(text))


def tells_visitor(text: str, values: Iterable[str]) -> bool:
    """Say whether a body was made for one visitor.

    Args:
        text: the body.
        values: of the cookies that were sent or set.
    """
    repeated = [value for value in values if value in text]
    if any(len(value) >= _LONG or _is_id(value) for value in repeated):
        return True
    if any(map(_is_token, _tags(text))):
        return True
    # As with tags, most text has none of it.
    return ("srf" in text or "SRF" in text) and _SAID.search(text) is not None


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
    for found in _TAG.finditer(text):
        yield {
            name.lower(): quoted or single or bare
            for name, quoted, single, bare in _ATTRIBUTE.findall(found[2])
        }
