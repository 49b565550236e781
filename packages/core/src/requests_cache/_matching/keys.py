"""Which requests are the same request: the key of a request. Pure.

The key is the SHA-256 of a JSON array, so no two fields can run into each other. It holds the
method, the URL without its fragment, the body, `verify`, the header fields that were asked for, and
a keyed digest of the credentials. It is the same in every process and on every Python version; a
change of this file that changes keys is a breaking change.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .credentials import CREDENTIALS, Redactor
from .fields import lines

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["Matching", "UncacheableBodyError", "newest_key"]

_KEY_VERSION: Final = 1
_DIGEST_KEY: Final = b"requests-cache credentials"
_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# Servers take these as the method of the request, so two requests that differ in them differ.
_METHOD_OVERRIDES: Final = ("x-http-method", "x-http-method-override", "x-method-override")
_CHUNK: Final = 1024 * 1024
_MOST_REMEMBERED: Final = 1024
# `json.dumps` with separators of its own makes an encoder for each call.
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode
# Stands where a secret was; no value of a query, a form or JSON comes out like this.
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
        if isinstance(ignored_parameters, str):
            ignored_parameters = (ignored_parameters,)
        explicit = frozenset(name.lower() for name in ignored_parameters or ())
        self.ignored = explicit if match_credentials else explicit | CREDENTIALS
        self.match_credentials = match_credentials
        self.match_headers: bool | tuple[str, ...] = (
            match_headers
            if isinstance(match_headers, bool)
            else tuple(sorted(name.lower() for name in match_headers))
        )
        self.key_fn = key_fn
        self.exact_query = exact_query
        self.redactor = Redactor(explicit)
        self._digest_key = _DIGEST_KEY + secret_key
        self._made: dict[tuple[Any, ...], str] = {}

    def with_exact_query(self) -> Matching:
        """Give the same, but comparing queries as they are: HTTP knows nothing of parameters."""
        copy = Matching.__new__(Matching)
        for name in self.__slots__:
            setattr(copy, name, getattr(self, name))
        copy.exact_query = True
        copy._made = {}
        return copy

    def create_key(self, request: PreparedRequest, *, verify: object = True) -> str:
        """Give the key of a prepared request.

        Raises:
            UncacheableBodyError: the body is a stream that cannot be read twice.
        """
        if request.body is not None:
            return self._make_key(request, verify)
        # The same few headers come with each request, and making a key takes as long as reading
        # a response; nothing but these values has a part in the key.
        identity = (
            request.method,
            request.url,
            verify is not False,
            *lines(request.headers),
        )
        key = self._made.get(identity)
        if key is None:
            if len(self._made) >= _MOST_REMEMBERED:
                self._made.clear()
            key = self._made[identity] = self._make_key(request, verify)
        return key

    def end_of_keys(self, headers: Mapping[str, str | bytes]) -> str:
        """Give what the texts of all GET requests with these header fields end with.

        They are without a body, and with a `verify` that is not False; see `plain_key`.
        """
        secrets: list[tuple[str, str]] = []
        matched = self._headers(headers, secrets)
        return f"],null,true,{_encode(matched)},{_encode(self._digest(secrets))}]"

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
            secrets: list[tuple[str, str]] = []
            pairs = _encode(self._query(query, secrets))
            if secrets:
                return None
        text = f'[{_KEY_VERSION},"GET",["{scheme}","{host}","{path}",{pairs}{end}'
        return sha256(text.encode("ascii")).hexdigest()

    def _make_key(self, request: PreparedRequest, verify: object) -> str:
        url = request.url or ""
        headers = request.headers
        secrets: list[tuple[str, str]] = []
        content_type = headers.get("Content-Type")
        parts = [
            _KEY_VERSION,
            (request.method or "GET").upper(),
            self._url(url, secrets),
            self._body(request.body, content_type, secrets),
            verify is not False,
            self._headers(headers, secrets),
            self._digest(secrets),
        ]
        return sha256(_encode(parts).encode("ascii")).hexdigest()

    def _url(self, url: str, secrets: list[tuple[str, str]]) -> list[Any]:
        scheme, netloc, path, query, _ = urlsplit(url)
        user, _, host = netloc.rpartition("@")
        if user and "authorization" not in self.ignored:
            secrets.append(("url user", user))
        name, _, port = host.rpartition(":")
        if port.isdigit() and int(port) == _DEFAULT_PORTS.get(scheme):
            host = name
        return [scheme, host.lower(), path or "/", self._query(query, secrets)]

    def _query(self, query: str, secrets: list[tuple[str, str]]) -> Any:
        if not query:
            return None
        if self.exact_query and not any(name in query.lower() for name in self.redactor.names):
            return query
        from .bodies import parse_pairs

        pairs: list[tuple[str, str | None]] = []
        for item in query.split("&"):
            pairs.extend(parse_pairs(item) or ((item, None),))
        # Only ignored parameters are as good as none.
        return self._pairs(pairs, "url", secrets) or None

    def _pairs(
        self, pairs: Iterable[tuple[str, Any]], where: str, secrets: list[tuple[str, str]]
    ) -> list[tuple[str, Any]]:
        """Sort by name only: the order of two values of one name may mean something.

        A secret leaves a mark where it was, and its value is digested with the others in order.
        """
        kept: list[tuple[str, Any]] = []
        for name, value in pairs if self.exact_query else sorted(pairs, key=_first):
            lowered = name.lower()
            if lowered in self.ignored:
                continue
            if lowered in CREDENTIALS:
                inner: list[tuple[str, str]] = []
                secret = json.dumps([self._json(value, inner), inner])
                secrets.append((f"{where} {lowered}", secret))
                kept.append((name, _SECRET))
            else:
                kept.append((name, value))
        return kept

    def _headers(
        self, headers: Mapping[str, str | bytes], secrets: list[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        matched = []
        wanted = self.match_headers
        for lowered, value in sorted((name.lower(), value) for name, value in lines(headers)):
            if lowered in self.ignored:
                continue
            if lowered in CREDENTIALS:
                secrets.append((f"header {lowered}", _as_text(value)))
            elif (
                wanted is True
                or lowered in _METHOD_OVERRIDES
                or (wanted is not False and lowered in wanted)
            ):
                matched.append((lowered, _as_text(value)))
        return matched

    def _body(
        self, body: object, content_type: str | bytes | None, secrets: list[tuple[str, str]]
    ) -> Any:
        if body is None:
            return None
        # Imported when there is one, for an import is part of a cold start.
        from .bodies import FormBody, JsonBody, MultipartBody, RawBody, StreamBody, parse_body

        match parse_body(body, None if content_type is None else _as_text(content_type)):
            case None:
                return None
            case FormBody(pairs):
                return ["form", self._pairs(pairs, "body", secrets)]
            case JsonBody(value):
                return ["json", self._json(value, secrets)]
            case MultipartBody(parts):
                return ["multipart", [sha256(part).hexdigest() for part in parts]]
            case RawBody(data):
                return ["bytes", sha256(data).hexdigest()]
            case StreamBody(source):
                return ["bytes", _stream_digest(source)]

    def _json(self, value: Any, secrets: list[tuple[str, str]]) -> Any:
        from .bodies import Pairs

        if isinstance(value, Pairs):
            members = self._pairs(value, "body", secrets)
            return {"object": [(name, self._json(item, secrets)) for name, item in members]}
        if isinstance(value, list):
            return [self._json(item, secrets) for item in value]
        if isinstance(value, str) and type(value) is not str:
            return {"number": str(value)}
        return value

    def _digest(self, secrets: list[tuple[str, str]]) -> str | None:
        if not secrets:
            return None
        text = json.dumps(secrets).encode("ascii")
        return hmac.new(self._digest_key, text, sha256).hexdigest()


def _first(pair: tuple[str, Any]) -> str:
    return pair[0]


def _as_text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value


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
