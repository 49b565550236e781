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
from operator import itemgetter
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from .._memos import Memo
from ..errors import ConfigurationError, UncacheableBodyError
from .credentials import Redactor
from .names import body_says, field_says, is_renewed, parameter_says
from .owner import (
    METHOD_OVERRIDES,
    NOBODY,
    Asker,
    Word,
    as_text,
    asker_of,
    describe_owner,
    lines,
    names_in,
    words_said,
)

if TYPE_CHECKING:
    from requests import PreparedRequest

_KEY_VERSION: Final = 1
_DIGEST_KEY: Final = b"requests-cache credentials"
_MOST_REMEMBERED: Final = 256
# `json.dumps` with separators of its own makes an encoder for each call.
_encode: Final = json.JSONEncoder(separators=(",", ":")).encode


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
        self.ignored: frozenset[str] = lowered_names(ignored_parameters)
        self.match_credentials: bool = match_credentials
        self.match_headers: bool | tuple[str, ...] = (
            match_headers
            if isinstance(match_headers, bool)
            else tuple(sorted(lowered_names(match_headers)))
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
            from .auth import certificate_word

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

    def end_of_keys(self, headers: Mapping[str, str | bytes]) -> str | None:
        """Give what the texts of all GET requests with these header fields end with.

        They are without a body, and with a `verify` that is not False; see `plain_key`. None if the
        fields name a host, for then it depends on the URL.
        """
        if "Host" in headers:
            return None
        shape = Shape(self, NOBODY, self.match_credentials)
        matched = shape.headers(headers, "")
        return f"],null,true,{_encode(matched)},{_encode(self._owner(shape))}]"

    def plain_key(self, scheme: str, host: str, path: str, query: str, end: str) -> str | None:
        """Give the key of a GET request from the parts of its URL, as `create_key` does.

        None if path or query have a secret, which has a part in the end of the text, that
        `end_of_keys` gave. No part may have a character that JSON writes otherwise; the host is in
        lower case, with its port if that is not the usual one.
        """
        if ";" in path and _PATH_SESSION.search(path):
            return None
        pairs = "null"
        if query:
            shape = Shape(self, NOBODY, self.match_credentials)
            pairs = _encode(shape.query(query))
            if shape.secrets:
                return None
        text = f'[{_KEY_VERSION},"GET",["{scheme}","{host}","{path}",{pairs}{end}'
        return sha256(text.encode("ascii")).hexdigest()

    def word_of(self, request: PreparedRequest, asker: Asker) -> frozenset[Word]:
        """Give all that a request says of who is asking."""
        shape = Shape(self, asker._replace(partition=None))
        self._compare(request, True, shape)
        return words_said(shape.secrets, asker, self.ignored)

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
        shape = Shape(self, asker, self.match_credentials)
        compared = self._compare(request, verify, shape)
        owner = self._owner(shape)
        key = sha256(_encode([*compared, owner]).encode("ascii")).hexdigest()
        return key, "" if owner is None else self.digest(["lock", owner])

    def _compare(self, request: PreparedRequest, verify: object, shape: Shape) -> list[Any]:
        """Give all of the key but the owner, and note in `shape` what says who that is."""
        headers = request.headers
        url = shape.url(request.url or "")
        return [
            _KEY_VERSION,
            (request.method or "GET").upper(),
            url,
            shape.body(request.body, headers.get("Content-Type")),
            verify is not False,
            shape.headers(headers, url[1]),
        ]

    def _owner(self, shape: Shape) -> str | None:
        """Give the digest of whose response it is; None for nobody's."""
        asker = shape.asker
        if asker.partition is not None:
            return self.digest(["partition", asker.partition, shape.compared])
        if not self.match_credentials:
            return self.digest(["shared", shape.compared]) if shape.compared else None
        described = describe_owner(shape.secrets, asker, self.ignored)
        return None if described is None else self.digest(described)


def lowered_names(names: Iterable[str] | None) -> frozenset[str]:
    """Give names in lower case; a text is one name, and not a list of its letters."""
    return frozenset(n.lower() for n in ((names,) if isinstance(names, str) else names or ()))


# What is compared

_DEFAULT_PORTS: Final = {"http": 80, "https": 443}
# A session id in a path (Jakarta Servlet, section 7.1.3).
_PATH_SESSION: Final = re.compile(r"(?i);jsessionid=([^/;]*)")
_CHUNK: Final = 1024 * 1024
_ONLY_ONCE: Final = "can be read only once: hand it over as bytes, or as a file that can be sought"
# Stands where a word was; no value of a query, a form or JSON comes out like this.
_SECRET: Final = {"secret": True}


class Shape:
    """Gives the parts of one request as they are compared, and notes what says who is asking."""

    __slots__ = ("_is_shared", "_rules", "asker", "compared", "secrets")

    def __init__(self, rules: Matching, asker: Asker, match_credentials: bool = True) -> None:
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
        self, pairs: Iterable[tuple[str, Any]], where: str, says: Callable[[str, object], bool]
    ) -> list[tuple[str, Any]]:
        """Sort by name only: the order of two values of one name may mean something.

        What says who is asking leaves a mark where it was, and its value is digested with the
        others in order.
        """
        kept: list[tuple[str, Any]] = []
        for name, value in pairs if self._rules.exact_query else sorted(pairs, key=itemgetter(0)):
            lowered = name.lower()
            if lowered in self._rules.ignored or lowered in self.asker.signed:
                continue
            if self._is_shared and is_renewed(lowered):
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

    def _is_told_otherwise(self, lowered: str) -> bool:
        """Say whether the asker tells more of a header field than it shows."""
        asker = self.asker
        return lowered in asker.signed or (lowered == "cookie" and asker.knows_cookies)


def _member_says(name: str, value: object) -> bool:
    return body_says(name)


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
