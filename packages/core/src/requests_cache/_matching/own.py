"""The secrets of a request, by where it has them, so that each caller gets his own back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus, urlsplit

from .credentials import IN_PATH, REDACTED, Own, Redactor, Source
from .fields import lines
from .owner import asker_of

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["cookie_source", "numbered", "own_of", "put_back", "values_of"]


def own_of(redactor: Redactor, request: PreparedRequest) -> dict[str, str]:
    """Give the secrets of a request: value -> where it stands."""
    found: dict[str, str] = {}
    signed = asker_of(request).signed
    secret = _secret_among(tuple([name for name, _ in lines(request.headers)]), redactor)
    for name, value in lines(request.headers) if secret or signed else ():
        if name in secret or name.lower() in signed:
            for source, said in _in_field(name, value):
                found.setdefault(said, source)
    for source, name, said in _in_url(request.url or ""):
        if name in signed or redactor.is_secret(name) or redactor.is_secret_within(said):
            found.setdefault(said, source)
    found.pop("", None)
    return found


@lru_cache(64)
def _secret_among(names: tuple[str, ...], redactor: Redactor) -> frozenset[str]:
    """Give those of header fields that are secret; those of a session are the same each time."""
    return frozenset(n for n in names if n.lower() == "cookie" or redactor.is_secret_field(n))


def values_of(request: PreparedRequest) -> dict[str, str]:
    """Give all that a request says, by where it stands."""
    said = {source: value for line in lines(request.headers) for source, value in _in_field(*line)}
    return said | {source: value for source, _, value in _in_url(request.url or "")}


def cookie_source(name: str) -> str:
    """Give where a request has the value of a cookie."""
    return f"cookie {name}"


def put_back(text: str, sources: list[Source], values: Own) -> str:
    """Give a stored text with the caller's own values in the place of those that were replaced."""
    pieces = text.split(REDACTED)
    if len(pieces) != len(sources) + 1:
        # The origin itself wrote it.
        return text
    filled = [pieces[0]]
    for source, piece in zip(sources, pieces[1:], strict=True):
        value = None if source is None else values.get(source)
        in_url = filled[-1].endswith("=") and source is not None and not source.startswith("url")
        filled += [REDACTED if value is None else quote(value) if in_url else value, piece]
    return "".join(filled)


def numbered(items: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give header fields, each with its name and which line of this name it is."""
    seen: Counter[str] = Counter()
    for name, value in items:
        lowered = name.lower()
        yield f"{lowered} {seen[lowered]}", (name, value)
        seen[lowered] += 1


def _in_field(name: str, value: str | bytes) -> Iterator[tuple[str, str]]:
    """Give source and value of what a field says; of `Cookie` for each cookie."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    lowered = name.lower()
    if lowered == "cookie":
        for item in text.split(";"):
            cookie, _, crumb = item.strip().partition("=")
            yield cookie_source(cookie), crumb
        return
    yield f"field {lowered}", text
    scheme, blank, token = text.partition(" ")
    if blank and scheme.isalpha() and lowered.endswith("authorization"):
        yield f"field {lowered} 1", token


def _in_url(url: str) -> Iterator[tuple[str, str, str]]:
    """Give source, name and value of each parameter of a URL, in its path or in its query."""
    if "=" not in url and "?" not in url:
        return
    parts = urlsplit(url)
    for number, found in enumerate(IN_PATH.finditer(parts.path)):
        yield f"url path {number}", unquote_plus(found["name"]), found["value"]
    for number, item in enumerate(parts.query.split("&")):
        name, _, value = item.partition("=")
        yield f"url {number}", unquote_plus(name), value
