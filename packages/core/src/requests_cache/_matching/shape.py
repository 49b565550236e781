"""URL, body and header fields of a request as they are compared: its key but the owner. Pure."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import Any, Final, Protocol
from urllib.parse import urlsplit

from ..errors import UncacheableBodyError
from .fields import as_text, lines, names_in
from .names import body_says, field_says, is_renewed, parameter_says
from .owner import NOBODY, Asker

__all__ = ["METHOD_OVERRIDES", "Shape", "overrides_of"]

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Servers take these as the method of the request, so two requests that differ in them differ.
METHOD_OVERRIDES: Final = ("x-http-method", "x-http-method-override", "x-method-override")
# A session id in a path (Jakarta Servlet, section 7.1.3).
_PATH_SESSION: Final = re.compile(r"(?i);jsessionid=([^/;]*)")
_CHUNK: Final = 1024 * 1024
_ONLY_ONCE: Final = "can be read only once: hand it over as bytes, or as a file that can be sought"
# Stands where a word was; no value of a query, a form or JSON comes out like this.
_SECRET: Final = {"secret": True}


class _Rules(Protocol):
    """What a `Matching` says of how requests are compared."""

    ignored: frozenset[str]
    match_headers: bool | tuple[str, ...]
    exact_query: bool


class Shape:
    """Gives the parts of one request as they are compared, and notes what says who is asking.

    Args:
        rules: how requests are compared.
        asker: what is known of who asks.
        match_credentials: whether credentials tell requests apart.
    """

    __slots__ = ("_is_shared", "_rules", "asker", "compared", "secrets")

    def __init__(self, rules: _Rules, asker: Asker, match_credentials: bool = True) -> None:
        self._rules = rules
        self.asker = asker
        self._is_shared = not match_credentials or asker.partition is not None
        self.secrets: list[tuple[str, str]] = []
        """Places and values that say who is asking."""
        self.compared: list[tuple[str, str]] = []
        """Those of them that may choose a page, too, and so are compared whoever asks."""

    def url(self, url: str) -> list[Any]:
        """Give scheme, host, path and query; a port that goes without saying is left out."""
        scheme, netloc, path, query, _ = urlsplit(url)
        user, _, host = netloc.rpartition("@")
        if user and "authorization" not in self._rules.ignored:
            self.secrets.append(("url user", user))
        name, _, port = host.rpartition(":")
        if port.isdigit() and int(port) == _DEFAULT_PORTS.get(scheme):
            host = name
        if ";" in path:
            path = self._path(path)
        return [scheme, host.lower(), path or "/", self.query(query)]

    def _path(self, path: str) -> str:
        for found in _PATH_SESSION.findall(path):
            self._say("url jsessionid", found)
        return _PATH_SESSION.sub(";jsessionid", path)

    def query(self, query: str) -> Any:
        """Give the parameters of a query that are compared; None for none."""
        if not query:
            return None
        from .bodies import parse_pairs

        pairs: list[tuple[str, str | None]] = []
        for item in query.split("&"):
            pairs.extend(parse_pairs(item) or ((item, None),))
        names = frozenset(name.lower() for name, _ in pairs)

        def says(name: str, value: object) -> bool:
            return parameter_says(name, str(value), names)

        # Only ignored parameters are as good as none.
        kept = self._pairs(pairs, "url", says) or None
        if self._rules.exact_query and kept == pairs:
            return query
        return kept

    def _pairs(
        self,
        pairs: Iterable[tuple[str, Any]],
        where: str,
        says: Callable[[str, object], bool],
    ) -> list[tuple[str, Any]]:
        """Sort by name only: the order of two values of one name may mean something.

        What says who is asking leaves a mark where it was, and its value is digested with the
        others in order.
        """
        kept: list[tuple[str, Any]] = []
        for name, value in pairs if self._rules.exact_query else sorted(pairs, key=_first):
            lowered = name.lower()
            if lowered in self._rules.ignored or self._leaves_out(lowered):
                continue
            if says(name, value):
                inner = Shape(self._rules, NOBODY)
                secret = json.dumps([inner._json(value), inner.secrets])
                self._say(f"{where} {lowered}", secret)
                kept.append((name, _SECRET))
            else:
                kept.append((name, value))
        return kept

    def headers(self, headers: Mapping[str, str | bytes], host: str) -> list[tuple[str, str]]:
        """Give the header fields that are compared; `host` is that of the URL."""
        matched = []
        wanted = self._rules.match_headers
        for lowered, value in sorted((name.lower(), value) for name, value in lines(headers)):
            if lowered in self._rules.ignored:
                continue
            if field_says(lowered):
                if not self._is_told_otherwise(lowered):
                    self.secrets.append((f"header {lowered}", as_text(value)))
            elif (
                wanted is True
                or lowered in METHOD_OVERRIDES
                or (wanted is not False and lowered in wanted)
            ):
                matched.append((lowered, as_text(value)))
            elif lowered == "host" and (named := as_text(value).strip().lower()) != host:
                # It names the target, wherever the connection leads to (RFC 9110, section 7.1).
                matched.append((lowered, named))
        return matched

    def body(self, body: object, content_type: str | bytes | None) -> Any:
        """Give a body without what does not count: the order of names, and boundaries.

        Raises:
            UncacheableBodyError: the body is a stream that cannot be read twice.
        """
        if body is None:
            return None
        # Imported when there is one, for an import is part of a cold start.
        from .bodies import FormBody, JsonBody, MultipartBody, RawBody, StreamBody, parse_body

        match parse_body(body, None if content_type is None else as_text(content_type)):
            case None:
                return None
            case FormBody(pairs):
                return ["form", self._pairs(pairs, "body", _member_says)]
            case JsonBody(value):
                return ["json", self._json(value)]
            case MultipartBody(pieces):
                return ["multipart", [sha256(piece).hexdigest() for piece in pieces]]
            case RawBody(data):
                return ["bytes", sha256(data).hexdigest()]
            case StreamBody(source):
                return ["bytes", _stream_digest(source)]

    def _json(self, value: Any) -> Any:
        from .bodies import Pairs

        if isinstance(value, Pairs):
            members = self._pairs(value, "body", _member_says)
            return {"object": [(name, self._json(item)) for name, item in members]}
        if isinstance(value, list):
            return [self._json(item) for item in value]
        if isinstance(value, str) and type(value) is not str:
            return {"number": str(value)}
        return value

    def _say(self, place: str, value: str) -> None:
        """Note what stands in the URL or in the body."""
        self.secrets.append((place, value))
        self.compared.append((place, value))

    def _leaves_out(self, lowered: str) -> bool:
        """Say whether a parameter has no part in the key."""
        return lowered in self.asker.signed or (self._is_shared and is_renewed(lowered))

    def _is_told_otherwise(self, lowered: str) -> bool:
        """Say whether the asker tells more of a header field than it shows."""
        asker = self.asker
        return lowered in asker.signed or (lowered == "cookie" and asker.knows_cookies)


def overrides_of(headers: Mapping[str, str | bytes]) -> list[str]:
    """Give what servers may take as the method instead, in upper case."""
    if names_in(headers).isdisjoint(METHOD_OVERRIDES):
        return []
    values = (headers.get(name) for name in METHOD_OVERRIDES)
    return [as_text(value).strip().upper() for value in values if value]


def _member_says(name: str, value: object) -> bool:
    return body_says(name)


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _stream_digest(source: Any) -> str:
    """Hash what a seekable file would send, and leave it where it was."""
    if not all(hasattr(source, name) for name in ("read", "seek", "tell")):
        raise UncacheableBodyError(f"the request's body {_ONLY_ONCE}")
    try:
        start = source.tell()
        digest = sha256()
        while chunk := source.read(_CHUNK):
            digest.update(chunk if isinstance(chunk, bytes) else chunk.encode())
        source.seek(start)
    except OSError as error:
        raise UncacheableBodyError(f"the request's body {_ONLY_ONCE}") from error
    return digest.hexdigest()
