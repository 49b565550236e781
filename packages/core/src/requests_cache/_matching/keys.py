"""Which requests are the same request: the key of a request. Pure.

The key is the SHA-256 of a JSON array, so no two fields can run into each other. It holds the
method, the URL without its fragment, the body, `verify`, the header fields that were asked for, and
a keyed digest of the owner (`owner`). It is the same in every process and on every Python version;
a change of this file that changes keys is a breaking change.
"""

from __future__ import annotations

import hmac
import json
import re
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .._memos import Memo
from ..errors import ConfigurationError
from .asked import asker_of
from .credentials import Redactor
from .fields import as_text, lines, names_in
from .names import body_says, field_says, is_renewed, parameter_says
from .owner import NOBODY, Asker, Word, describe_owner, words_said

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["METHOD_OVERRIDES", "Matching", "UncacheableBodyError", "newest_key", "overrides_of"]

_KEY_VERSION: Final = 1
_DIGEST_KEY: Final = b"requests-cache credentials"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Servers take these as the method of the request, so two requests that differ in them differ.
METHOD_OVERRIDES: Final = ("x-http-method", "x-http-method-override", "x-method-override")
# A session id in a path (Jakarta Servlet, section 7.1.3).
_PATH_SESSION: Final = re.compile(r"(?i);jsessionid=([^/;]*)")
_CHUNK: Final = 1024 * 1024
_MOST_REMEMBERED: Final = 256
# `json.dumps` with separators of its own makes an encoder for each call.
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
# Stands where a word was; no value of a query, a form or JSON comes out like this.
_SECRET: Final = {"secret": True}


class UncacheableBodyError(Exception):
    """The body can only be read once, so no key can be made from it."""


def newest_key(secret_key: Any) -> bytes:
    """Give the newest of one or several secret keys; it makes the digests of credentials ours."""
    if isinstance(secret_key, list | tuple):
        secret_key = secret_key[-1] if secret_key else None
    return secret_key.encode() if isinstance(secret_key, str) else secret_key or b""


class Matching:
    """How requests are compared; unchangeable, so that keys stay what they are."""

    __slots__ = (
        "_digest_key",
        "_made",
        "exact_query",
        "ignored",
        "key_fn",
        "match_credentials",
        "match_headers",
        "redactor",
    )

    def __init__(
        self,
        ignored_parameters: Iterable[str] | None = None,
        match_headers: bool | Iterable[str] = False,
        match_credentials: bool = True,
        key_fn: Callable[..., str] | None = None,
        secret_key: bytes = b"",
        exact_query: bool = False,
    ) -> None:
        self.ignored: frozenset[str] = _names(ignored_parameters or ())
        self.match_credentials: bool = match_credentials
        self.match_headers: bool | tuple[str, ...] = (
            match_headers
            if isinstance(match_headers, bool)
            else tuple(sorted(_names(match_headers or ())))
        )
        self.key_fn: Callable[..., str] | None = key_fn
        self.exact_query: bool = exact_query
        self.redactor: Redactor = Redactor(self.ignored, secret_key)
        self._digest_key = _DIGEST_KEY + secret_key
        self._made: Memo[tuple[Any, ...], tuple[str, str]] = Memo(_MOST_REMEMBERED)

    def with_exact_query(self) -> Matching:
        """Give the same, but comparing queries as they are: HTTP knows nothing of parameters."""
        copy = Matching.__new__(Matching)
        for name in self.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.exact_query = True
        copy._made = Memo(_MOST_REMEMBERED)
        return copy

    def create_key(
        self,
        request: PreparedRequest,
        *,
        verify: object = True,
        cert: object = None,
        asker: Asker | None = None,
    ) -> str:
        """Give the key of a prepared request.

        Args:
            request: the request.
            verify: as requests takes it; whether certificates are verified is part of the key.
            cert: the client certificate, as requests takes it.
            asker: what is known of who asks, beside what the request shows; by default what the
                request was told on its way.

        Raises:
            UncacheableBodyError: the body is a stream that cannot be read twice.
        """
        if asker is None:
            asker = asker_of(request)
        if cert:
            from .certificates import certificate_word

            asker = asker._replace(said=asker.said | {certificate_word(cert)})
        return self._identify(request, verify, asker)[0]

    def lock_of(self, request: PreparedRequest, asker: Asker) -> str:
        """Give a digest of the owner of a response, the second lock of its record.

        Empty for nobody's, and for a request whose body can be read only once.
        """
        if asker == NOBODY and not self._may_say(request):
            return ""
        try:
            return self._identify(request, True, asker)[1]
        except UncacheableBodyError:
            return ""

    @staticmethod
    def _may_say(request: PreparedRequest) -> bool:
        url = request.url or ""
        return (
            request.body is not None
            or "?" in url
            or "@" in url
            or ";" in url
            or any(map(field_says, names_in(request.headers)))
        )

    def _identify(self, request: PreparedRequest, verify: object, asker: Asker) -> tuple[str, str]:
        """Give key and lock."""
        if request.body is not None:
            return self._make_key(request, verify, asker)
        # The same few headers come with each request, and making a key takes as long as reading
        # a response; nothing but these values has a part in the key.
        identity = (
            request.method,
            request.url,
            verify is not False,
            asker,
            *lines(request.headers),
        )
        made = self._made.get(identity)
        if made is None:
            made = self._made[identity] = self._make_key(request, verify, asker)
        return made

    def end_of_keys(self, headers: Mapping[str, str | bytes], asker: Asker = NOBODY) -> str | None:
        """Give what the texts of all GET requests with these header fields end with.

        They are without a body, and with a `verify` that is not False; see `plain_key`. None if the
        fields name a host, for then it depends on the URL.
        """
        if "Host" in headers:
            return None
        parts = _Parts(self.match_credentials, asker)
        matched = self._headers(headers, "", parts)
        return f"],null,true,{_encode(matched)},{_encode(self._owner(parts))}]"

    def plain_key(self, scheme: str, host: str, path: str, query: str, end: str) -> str | None:
        """Give the key of a GET request from the parts of its URL, as `create_key` does.

        None if the query has a secret, which has a part in the end of the text.

        Args:
            scheme: scheme, as all parts without a character that JSON writes otherwise.
            host: host, in lower case, with its port if that is not the usual one.
            path: path.
            query: query; may be empty.
            end: what `end_of_keys` gave.
        """
        pairs = "null"
        if query:
            parts = _Parts(self.match_credentials, NOBODY)
            pairs = _encode(self._query(query, parts))
            if parts.secrets:
                return None
        text = f'[{_KEY_VERSION},"GET",["{scheme}","{host}","{path}",{pairs}{end}'
        return sha256(text.encode("ascii")).hexdigest()

    def word_of(self, request: PreparedRequest, asker: Asker) -> frozenset[Word]:
        """Give all that a request says of who is asking."""
        parts = _Parts(True, asker._replace(partition=None))
        self._shape(request, True, parts)
        return words_said(parts.secrets, asker, self.ignored)

    def digest_partition(self, name: str | None) -> str | None:
        """Give what stands for a partition in keys; its name is not stored.

        Raises:
            ConfigurationError: the name is empty, or no text.
        """
        if name is None:
            return None
        if not isinstance(name, str) or not name:
            raise ConfigurationError(f"partition={name!r}: give the name of who asks as a text")
        return self.digest(["partition", name])

    def digest(self, value: Any) -> str:
        """Give a keyed digest of a JSON value."""
        text = json.dumps(value).encode("ascii")
        return hmac.new(self._digest_key, text, sha256).hexdigest()

    def _make_key(self, request: PreparedRequest, verify: object, asker: Asker) -> tuple[str, str]:
        parts = _Parts(self.match_credentials, asker)
        shape = self._shape(request, verify, parts)
        owner = self._owner(parts)
        key = sha256(_encode([*shape, owner]).encode("ascii")).hexdigest()
        return key, "" if owner is None else self.digest(["lock", owner])

    def _shape(self, request: PreparedRequest, verify: object, parts: _Parts) -> list[Any]:
        """Give all of the key but the owner, and note in `parts` what says who that is."""
        headers = request.headers
        url = self._url(request.url or "", parts)
        return [
            _KEY_VERSION,
            (request.method or "GET").upper(),
            url,
            self._body(request.body, headers.get("Content-Type"), parts),
            verify is not False,
            self._headers(headers, url[1], parts),
        ]

    def _owner(self, parts: _Parts) -> str | None:
        """Give the digest of whose response it is; None for nobody's."""
        asker = parts.asker
        if asker.partition is not None:
            return self.digest(["partition", asker.partition, parts.compared])
        if not self.match_credentials:
            return self.digest(["shared", parts.compared]) if parts.compared else None
        described = describe_owner(parts.secrets, asker, self.ignored)
        return None if described is None else self.digest(described)

    def _url(self, url: str, parts: _Parts) -> list[Any]:
        scheme, netloc, path, query, _ = urlsplit(url)
        user, _, host = netloc.rpartition("@")
        if user and "authorization" not in self.ignored:
            parts.secrets.append(("url user", user))
        name, _, port = host.rpartition(":")
        if port.isdigit() and int(port) == _DEFAULT_PORTS.get(scheme):
            host = name
        if ";" in path:
            path = self._path(path, parts)
        return [scheme, host.lower(), path or "/", self._query(query, parts)]

    def _path(self, path: str, parts: _Parts) -> str:
        for found in _PATH_SESSION.findall(path):
            parts.say("url jsessionid", found)
        return _PATH_SESSION.sub(";jsessionid", path)

    def _query(self, query: str, parts: _Parts) -> Any:
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
        kept = self._pairs(pairs, "url", parts, says) or None
        if self.exact_query and kept == pairs:
            return query
        return kept

    def _pairs(
        self,
        pairs: Iterable[tuple[str, Any]],
        where: str,
        parts: _Parts,
        says: Callable[[str, object], bool],
    ) -> list[tuple[str, Any]]:
        """Sort by name only: the order of two values of one name may mean something.

        What says who is asking leaves a mark where it was, and its value is digested with the
        others in order.
        """
        kept: list[tuple[str, Any]] = []
        for name, value in pairs if self.exact_query else sorted(pairs, key=_first):
            lowered = name.lower()
            if lowered in self.ignored or parts.leaves_out(lowered):
                continue
            if says(name, value):
                inner = _Parts(True, NOBODY)
                secret = json.dumps([self._json(value, inner), inner.secrets])
                parts.say(f"{where} {lowered}", secret)
                kept.append((name, _SECRET))
            else:
                kept.append((name, value))
        return kept

    def _headers(
        self, headers: Mapping[str, str | bytes], host: str, parts: _Parts
    ) -> list[tuple[str, str]]:
        matched = []
        wanted = self.match_headers
        for lowered, value in sorted((name.lower(), value) for name, value in lines(headers)):
            if lowered in self.ignored:
                continue
            if field_says(lowered):
                if not parts.is_told_otherwise(lowered):
                    parts.secrets.append((f"header {lowered}", as_text(value)))
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

    def _body(self, body: object, content_type: str | bytes | None, parts: _Parts) -> Any:
        if body is None:
            return None
        # Imported when there is one, for an import is part of a cold start.
        from .bodies import FormBody, JsonBody, MultipartBody, RawBody, StreamBody, parse_body

        match parse_body(body, None if content_type is None else as_text(content_type)):
            case None:
                return None
            case FormBody(pairs):
                return ["form", self._pairs(pairs, "body", parts, _member_says)]
            case JsonBody(value):
                return ["json", self._json(value, parts)]
            case MultipartBody(pieces):
                return ["multipart", [sha256(piece).hexdigest() for piece in pieces]]
            case RawBody(data):
                return ["bytes", sha256(data).hexdigest()]
            case StreamBody(source):
                return ["bytes", _stream_digest(source)]

    def _json(self, value: Any, parts: _Parts) -> Any:
        from .bodies import Pairs

        if isinstance(value, Pairs):
            members = self._pairs(value, "body", parts, _member_says)
            return {"object": [(name, self._json(item, parts)) for name, item in members]}
        if isinstance(value, list):
            return [self._json(item, parts) for item in value]
        if isinstance(value, str) and type(value) is not str:
            return {"number": str(value)}
        return value


class _Parts:
    """What making a key finds of who is asking."""

    __slots__ = ("_is_shared", "asker", "compared", "secrets")

    def __init__(self, match_credentials: bool, asker: Asker) -> None:
        self.asker = asker
        self._is_shared = not match_credentials or asker.partition is not None
        self.secrets: list[tuple[str, str]] = []
        """Places and values that say who is asking."""
        self.compared: list[tuple[str, str]] = []
        """Those of them that may choose a page, too, and so are compared whoever asks."""

    def say(self, place: str, value: str) -> None:
        """Note what stands in the URL or in the body."""
        self.secrets.append((place, value))
        self.compared.append((place, value))

    def leaves_out(self, lowered: str) -> bool:
        """Say whether a parameter has no part in the key."""
        return lowered in self.asker.signed or (self._is_shared and is_renewed(lowered))

    def is_told_otherwise(self, lowered: str) -> bool:
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


def _names(names: Iterable[str]) -> frozenset[str]:
    """Give names in lower case; a text is one name, and not a list of its letters."""
    return frozenset(n.lower() for n in ((names,) if isinstance(names, str) else names))


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _stream_digest(source: Any) -> str:
    """Hash what a seekable file would send, and leave it where it was."""
    if not all(hasattr(source, name) for name in ("read", "seek", "tell")):
        raise UncacheableBodyError("the request's body is a stream that can be read only once")
    try:
        start = source.tell()
        digest = sha256()
        while chunk := source.read(_CHUNK):
            digest.update(chunk if isinstance(chunk, bytes) else chunk.encode())
        source.seek(start)
    except OSError as error:
        raise UncacheableBodyError("the request's body cannot be read twice") from error
    return digest.hexdigest()
