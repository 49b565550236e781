"""Which requests are the same request: the key of a request. Pure.

The key is the SHA-256 of a JSON array, so no two fields can run into each other. It holds the
method, the URL without its fragment, the body, `verify`, the header fields that were asked for, and
a keyed digest of the owner (`owner`). It is the same in every process and on every Python version;
a change of this file that changes keys is a breaking change.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Iterable, Mapping
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from .._memos import Memo
from ..errors import ConfigurationError, UncacheableBodyError
from .credentials import Redactor
from .fields import lines, names_in
from .names import field_says
from .owner import NOBODY, Asker, Word, asker_of, describe_owner, words_said
from .shape import Shape

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["Matching", "newest_key"]

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


def _names(names: Iterable[str]) -> frozenset[str]:
    """Give names in lower case; a text is one name, and not a list of its letters."""
    return frozenset(n.lower() for n in ((names,) if isinstance(names, str) else names))
