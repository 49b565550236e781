"""Whether a POST that is answered from the cache only asks, or may change who the caller is.

It may, if it says who is asking in any notation, if it asks for a change, and if nobody can read
what it says: a login must not pass for a query, and a query that is taken for a login only finds
less. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from .bodies import (
    FormBody,
    JsonBody,
    MultipartBody,
    Pairs,
    RawBody,
    content_of_part,
    names_of_part,
    parse_body,
)
from .names import PEOPLE, SECRETS, body_says, is_csrf, squash, word_set, words_of
from .owner import as_text
from .texts import mentions

if TYPE_CHECKING:
    from requests import PreparedRequest

Said: TypeAlias = tuple[str, str]
"""A name, and what is said under it, if that is a text."""

# GraphQL, 2.3: a document may hold several operations.
_MUTATION: Final = re.compile(r"(?m)(?:^|[{};,])\s*+mutation\b\s*+[\w({@]")
# Members that name what is to be done: JSON-RPC, GraphQL, and many a form.
_NAMING: Final = word_set("method methodname action operation operationname command cmd do task")
_LOGINS: Final = SECRETS | PEOPLE
_ENTERS: Final = re.compile(
    r"\b(?:(?:log|sign) ?(?:in|on|out|off|up)|o?auth(?:enticate|entication|orize|orization)?|sso)\b"
)
_WRITTEN: Final = frozenset("{<")
_CONTROL: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffd]")


def is_query(request: PreparedRequest) -> bool:
    """Say whether the body of a request shows that it asks, and changes nothing."""
    content_type = as_text(request.headers.get("Content-Type") or "")
    said = _said(request.body, content_type)
    if said is None or any(_acts(*pair) for pair in said):
        return False
    parts = urlsplit(request.url or "")
    return not _enters(words_of(unquote(parts.path))) and not any(
        _names_login(*pair) for pair in parse_qsl(parts.query)
    )


def _said(body: object, content_type: str) -> Iterable[Said] | None:
    """Give what a body says; None if nobody can read it."""
    match parse_body(body, content_type):
        case FormBody(pairs):
            return pairs
        case JsonBody(value):
            return _members(value)
        case MultipartBody(parts):
            return _said_in_parts(parts)
        case RawBody(data):
            text = data.decode("utf-8", "replace")
            return None if _CONTROL.search(text) else [("", text)]
    return None


def _said_in_parts(parts: list[bytes]) -> list[Said] | None:
    found: list[Said] = []
    for part in parts:
        names = names_of_part(part)
        if not names:
            # What is before the first part, and after the last one.
            continue
        inner = _said(*content_of_part(part))
        if inner is None:
            return None
        found += [*((name, "") for name in names), *inner]
    return found


def _members(value: object) -> Iterator[Said]:
    if isinstance(value, Pairs):
        for name, item in value:
            yield name, item if isinstance(item, str) else ""
            yield from _members(item)
    elif isinstance(value, list):
        for item in value:
            yield from [("", item)] if isinstance(item, str) else _members(item)


def _names_login(name: str, value: str) -> bool:
    """Say whether a member names a login or a logout as what is to be done."""
    if squash(name) not in _NAMING:
        return False
    words = words_of(value)
    return not _LOGINS.isdisjoint(words) or _enters(words)


def _enters(words: list[str]) -> bool:
    return _ENTERS.search(" ".join(words)) is not None


def _acts(name: str, value: str) -> bool:
    """Say whether what is said may change who is asking."""
    if name and (is_csrf(name) or body_says(name)):
        return True
    if _names_login(name, value) or _MUTATION.search(value):
        return True
    is_plain = name and _WRITTEN.isdisjoint(value)
    return not is_plain and mentions(body_says, value)
