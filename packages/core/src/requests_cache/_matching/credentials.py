"""How a secret is kept out of everything that is stored and logged, and put back for its owner.

A value of the request that a response repeats is remembered by where the request has it, so a hit
gives the caller his own value back. Which names are secret says `names`.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import Final, NamedTuple, TypeAlias
from urllib.parse import unquote_plus

from .._memos import Memo
from .names import doubtful_parameter, field_row, is_hidden, word_set

REDACTED: Final = "REDACTED"
_DIGEST_KEY: Final = b"requests-cache variant"

Source: TypeAlias = str | None
"""Where the request has what was replaced; None if it is not the request's."""
Own: TypeAlias = Mapping[str, str]
"""The secrets of a request: value -> where it stands."""

# They may be the way back from a login, or name what it gave, so names are secret in them that the
# request does not have. Nobody finds the next page by them.
_NAME_A_TARGET: Final = ("location", "content-location")
_HAVE_URLS: Final = ("link", "referer", "refresh")
_HAVE_SECRETS: Final = frozenset((*_NAME_A_TARGET, *_HAVE_URLS))

_USER: Final = re.compile(r"(?<=//)[^\s/?#@\"'<>]*@")
_NAME: Final = r"(?<![\w.~%\[\]-])(?P<name>[\w.~%\[\]-]++)=(?P<value>"
_IN_URL: Final = re.compile(_NAME + r"[^&#]*+)")
_IN_TEXT: Final = re.compile(_NAME + r"[^\s&#;,\"'<>]++)")
# RFC 3986, 3.3: a parameter of a segment of the path, or a segment like one.
IN_PATH: Final = re.compile(r"[;/](?P<name>[\w.~%-]++)=(?P<value>[^/;?#\s\"'<>]++)")
_INNER_NAME: Final = re.compile(r"(?<![\w.~%\[\]-])([\w.~%\[\]-]++)=(?=[^\s&#;,\"'<>])")
_OPEN_JSON: Final = ("{", "[")
# Without one of these a field names no secret within.
_SAYS: Final = frozenset("=:@")
# How often a URL may be coded to be the parameter of another one.
_LEVELS: Final = 4
# What a cache reads itself has to stay as it is.
_READ_BY_POLICY: Final = word_set(
    "accept accept-encoding accept-language age cache-control content-encoding content-length"
    " content-range content-type date etag expires last-modified pragma transfer-encoding vary"
)
# A shorter one may be anything; it is replaced only where it is all that a field says.
_SHORTEST_REPEATED: Final = 8
_SHORTEST_SAID: Final = 4
_MOST_REMEMBERED: Final = 64
_LONGEST_REMEMBERED: Final = 2048


class _Hidden(NamedTuple):
    """A part of a text that is replaced."""

    start: int
    end: int
    text: str
    source: Source = None


class Redactor:
    """Replaces the values of secret names in URLs, header fields, text and bodies.

    Args:
        names: further names that are secret wherever they occur; compared without case.
        secret_key: makes the digests of secrets ours.
    """

    def __init__(self, names: Iterable[str] = (), secret_key: bytes = b"") -> None:
        self.names: frozenset[str] = frozenset(name.lower() for name in names)
        self._digest_key = _DIGEST_KEY + secret_key
        self._shown: Memo[str, str] = Memo(_MOST_REMEMBERED)

    def digest(self, value: str) -> str:
        """Give what stands for a secret where it is only compared (`Vary`)."""
        text = value.encode("utf-8", "surrogatepass")
        return hmac.new(self._digest_key, text, sha256).hexdigest()

    def is_secret(self, name: str) -> bool:
        """Say whether a parameter or a member is secret; of `user[password]` the last part."""
        if is_hidden(name) or name.lower() in self.names:
            return True
        return name.endswith("]") and name[name.rfind("[") + 1 : -1].lower() in self.names

    def is_secret_field(self, name: str) -> bool:
        """Say whether a header field is secret."""
        return field_row(name).hidden or name.lower() in self.names

    def url(self, url: str, own: Own = {}, sources: list[Source] | None = None) -> str:  # noqa: B006  # nobody changes it
        """Give `url` without user information and with secret parameters replaced.

        If a response says this URL, `own` has the secrets of the request, and for each replaced one
        in order it is noted in `sources` where the request has it.
        """
        if "=" not in url and "@" not in url:
            return url
        if own or sources is not None or len(url) > _LONGEST_REMEMBERED:
            return self._replace(url, _IN_URL, own, sources)
        # On its way through the cache the URL of a request is shown several times.
        shown = self._shown.get(url)
        if shown is None:
            shown = self._shown[url] = self._replace(url, _IN_URL, own, sources)
        return shown

    def text(self, text: str) -> str:
        """Give text with the parameters and the users of the URLs in it replaced, as `url` does."""
        return self._replace(text, _IN_TEXT, {}, None)

    def headers(self, items: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
        """Give the header fields of a request with secrets replaced."""
        return [
            (name, REDACTED if self.is_secret_field(name) else self.field(name, value))
            for name, value in items
        ]

    def field(
        self,
        name: str,
        value: str,
        own: Own = {},  # noqa: B006  # as above
        sources: list[Source] | None = None,
    ) -> str:
        """Give the value of a header field with secrets replaced.

        If it is one of a response, `own` and `sources` are as for `url`. What that says of its own,
        such as the token of the next page, is its answer and stays, but for `Location` and
        `Content-Location`.
        """
        lowered = name.lower()
        if not self.reads(lowered, own):
            return self._within(lowered, value) if sources is None else value
        if value in own and len(value) >= _SHORTEST_SAID:
            if sources is not None:
                sources.append(own[value])
            return REDACTED
        if lowered in _NAME_A_TARGET:
            return self.url(value, own, sources)
        if lowered in _HAVE_URLS:
            return self._replace(value, _IN_TEXT, own, sources, only_own=sources is not None)
        return self._replace(value, None, own, sources)

    def _within(self, name: str, value: str) -> str:
        """Give the value of a field of a request that is no secret itself, but may have one."""
        if name in _READ_BY_POLICY or _SAYS.isdisjoint(value):
            return value
        told = self.text(value)
        return REDACTED if self._is_mentioned(told) else told

    def _is_mentioned(self, text: str) -> bool:
        # Few texts come so far; what it imports would come with each session.
        from .texts import mentions

        return mentions(self.is_secret, text)

    @staticmethod
    def reads(name: str, own: Own) -> bool:
        """Say whether `field` looks for secrets in a field of this name, in lower case."""
        return name not in _READ_BY_POLICY if own else name in _HAVE_SECRETS

    @staticmethod
    def keeps(items: Iterable[tuple[str, str]]) -> bool:
        """Say whether `field` leaves all of these fields as they are, whoever asks."""
        return all(name.lower() in _READ_BY_POLICY for name, _ in items)

    def _replace(
        self,
        text: str,
        pattern: re.Pattern[str] | None,
        own: Own,
        sources: list[Source] | None,
        *,
        only_own: bool = False,
    ) -> str:
        found = sorted((*self._named(text, pattern, own, only_own), *_repeated(text, own)))
        end, pieces = 0, []
        for hidden in found:
            if hidden.start < end:
                continue
            pieces += [text[end : hidden.start], hidden.text]
            end = hidden.end
            if hidden.text and sources is not None:
                sources.append(hidden.source)
        return "".join([*pieces, text[end:]]) if pieces else text

    def _named(
        self, text: str, pattern: re.Pattern[str] | None, own: Own, only_own: bool
    ) -> Iterator[_Hidden]:
        if pattern is None:
            return
        for user in _USER.finditer(text):
            yield _Hidden(*user.span(), "")
        for found in IN_PATH.finditer(text):
            source = _source_of(found["value"], own)
            if self.is_secret(unquote_plus(found["name"])) and (source is not None or not only_own):
                yield _Hidden(*found.span("value"), REDACTED, source)
        # What is in the path ends where a segment does, not with the next parameter of the query.
        begin = _query_begins(text) if pattern is _IN_URL else 0
        pairs = [(found, unquote_plus(found["name"])) for found in pattern.finditer(text, begin)]
        names = frozenset(name.lower() for _, name in pairs)
        for found, name in pairs:
            value = found["value"]
            source = _source_of(value, own)
            if only_own and source is None and name.lower() not in self.names:
                continue
            is_hidden = self._hides(name, value, names, source, of_response=bool(own))
            if not is_hidden and (own or not self.is_secret_within(value)):
                continue
            yield _Hidden(*found.span("value"), REDACTED, source)

    def is_secret_within(self, value: str) -> bool:
        """Say whether a parameter holds a URL, a query or JSON that has a secret."""
        for _ in range(_LEVELS):
            if "=" in value and any(self.is_secret(n[1]) for n in _INNER_NAME.finditer(value)):
                return True
            if _USER.search(value) or (value[:1] in _OPEN_JSON and self._is_mentioned(value)):
                return True
            if "%" not in value:
                return False
            value = unquote_plus(value)
        return False

    def _hides(
        self, name: str, value: str, names: frozenset[str], source: Source, *, of_response: bool
    ) -> bool:
        if not self.is_secret(name):
            return False
        if source is not None or name.lower() in self.names:
            return True
        return not doubtful_parameter(name, value, names, of_response)


def _source_of(value: str, own: Own) -> Source:
    """Give where the request has what a URL says, as it is or decoded."""
    return own.get(value) or own.get(unquote_plus(value))


def _query_begins(url: str) -> int:
    return min((found for mark in "?#" if (found := url.find(mark)) >= 0), default=len(url))


def _repeated(text: str, own: Own) -> Iterator[_Hidden]:
    """Find what the request has said, wherever it is repeated."""
    for value, source in own.items():
        if len(value) < _SHORTEST_REPEATED:
            continue
        start = text.find(value)
        while start >= 0:
            yield _Hidden(start, start + len(value), REDACTED, source)
            start = text.find(value, start + len(value))
