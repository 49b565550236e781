"""Who an auth object or a client certificate speaks for: what it does, and what it shows of itself.

What Digest, OAuth 1 and Signature Version 4 send is another text each time. Their objects show user
and secret, and so a right user with a wrong password is somebody else. A class is known by the
attributes that it has, so no library need be installed or imported.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from .names import field_says, is_listed, word_set, words_of
from .owner import Asker, Word, as_text, ask, lines, word_of

if TYPE_CHECKING:
    from requests import PreparedRequest

# Of the form of a message, and cookies, which are looked at by themselves.
_NOBODYS: Final = word_set(
    "accept accept-encoding accept-language connection content-encoding content-length content-type"
    " cookie host te transfer-encoding"
)


class Witness:
    """Takes the place of an auth object while a request is prepared, and sees what it changes."""

    def __init__(self, auth: Any) -> None:
        self._auth = auth
        self._before: set[tuple[str, str | bytes]] = set()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Let the auth object sign."""
        self._before = set(lines(request.headers))
        signed: PreparedRequest = self._auth(request)
        return signed

    def note(self, request: PreparedRequest, hooks: Iterable[object]) -> None:
        """Tell a prepared request who its auth object speaks for.

        `hooks` are those of the call and of the session; others are the object's own, by which it
        may answer a challenge.
        """
        shown = identify_auth(self._auth)
        if shown is None:
            return
        own = set(map(id, hooks))
        answers = any(id(hook) not in own for hook in request.hooks.get("response", ()))
        is_open = answers and not shown.words
        made = dict(self._made(request, shown.signed))
        said = shown.words.union(word_of(f"header {name}", made[name]) for name in made)
        signed = shown.signed.union(made)
        ask(request, Asker(said, signed=signed, has_auth=not shown.words, is_open=is_open))

    def _made(self, request: PreparedRequest, signed: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Give the header fields that no name tells to say who is asking, but the object does."""
        for name, value in set(lines(request.headers)) - self._before:
            lowered = name.lower()
            is_told = lowered in signed or lowered in _NOBODYS or field_says(lowered)
            if not (is_told or is_listed(lowered) or is_changing(lowered)):
                yield lowered, as_text(value)


class AuthObject(NamedTuple):
    """What an auth object shows."""

    words: frozenset[Word]
    """Who it speaks for; nothing, if it does not show that."""
    signed: frozenset[str]
    """What it makes anew for each request: header fields and parameters, in lower case."""


_OAUTH1: Final = word_set(
    "authorization oauth_body_hash oauth_callback oauth_consumer_key oauth_nonce oauth_signature"
    " oauth_signature_method oauth_timestamp oauth_token oauth_verifier oauth_version"
)
_SIGV4: Final = word_set(
    "authorization date x-amz-content-sha256 x-amz-date x-amz-security-token x-amz-algorithm"
    " x-amz-credential x-amz-expires x-amz-signature x-amz-signedheaders"
)
_CHALLENGED: Final = frozenset({"authorization"})

# What has to be there, what may be there, and what is signed; the first that fits.
_KINDS: Final = (
    # requests.auth.HTTPDigestAuth, requests_ntlm.HttpNtlmAuth, and what derives from them
    (("username", "password"), ("domain",), _CHALLENGED),
    # requests_oauthlib.OAuth1 has a client of oauthlib.oauth1
    (
        ("client.client_key", "client.client_secret"),
        (
            "client.resource_owner_key",
            "client.resource_owner_secret",
            "client.rsa_key",
            "client.realm",
            "client.verifier",
        ),
        _OAUTH1,
    ),
    # requests_aws4auth.AWS4Auth
    (("access_id", "signing_key.secret_key"), ("session_token", "region", "service"), _SIGV4),
    (
        ("refreshable_credentials.access_key", "refreshable_credentials.secret_key"),
        ("region", "service"),
        _SIGV4,
    ),
    # botocore.auth and what is built on it
    (
        ("credentials.access_key", "credentials.secret_key"),
        ("credentials.token", "region_name", "region", "service_name", "service"),
        _SIGV4,
    ),
    (
        ("_credentials.access_key", "_credentials.secret_key"),
        ("_credentials.token", "_region_name", "_region", "_service_name", "_service"),
        _SIGV4,
    ),
    # aws_requests_auth.AWSRequestsAuth
    (("aws_access_key", "aws_secret_access_key"), ("aws_token", "aws_region", "service"), _SIGV4),
)


def identify_auth(auth: object) -> AuthObject | None:
    """Give what an auth object shows; None for one that has a user and his password.

    What these two send is always the same header field, which says all of it.
    """
    kind = type(auth)
    name = f"{kind.__module__}.{kind.__qualname__}"
    if name in ("requests.auth.HTTPBasicAuth", "requests.auth.HTTPProxyAuth"):
        return None
    for required, optional, signed in _KINDS:
        shown = [look_up(auth, path) for path in required]
        if MISSING in shown or None in shown:
            continue
        further = [look_up(auth, path) for path in optional]
        told = repr([as_shown(value) for value in (*shown, *further)])
        if signed is _CHALLENGED:
            told += repr(sorted(texts_of(auth)))
        words = frozenset({word_of(f"auth {name}", told)})
        return AuthObject(words, signed)
    return AuthObject(frozenset(), frozenset())


# What an object of another library shows of itself

MISSING: Final = object()
"""Stands for an attribute that is not there."""

# What is made anew for each request, and so says nothing of who it is made for.
_CHANGING: Final = word_set(
    "nonce cnonce count counter calls last date time timestamp expires expiry challenge chal opaque"
    " signature uri pos"
)
# Objects of these hold what changes, or nothing of who is asking.
_OF_OTHERS: Final = word_set(
    "builtins threading _thread logging queue ssl datetime http.cookiejar requests.cookies"
    " requests.sessions requests.models urllib3.poolmanager"
)
_DEEPEST: Final = 3


def look_up(value: Any, path: str) -> object:
    """Give an attribute of an attribute; `MISSING` if it is not there."""
    for name in path.split("."):
        try:
            value = getattr(value, name)
        except Exception:  # noqa: BLE001  # a property of another library may raise anything
            return MISSING
    return value


def as_shown(value: object) -> str | None:
    """Give a value as text; None for none."""
    if value is MISSING or value is None:
        return None
    return value.decode("latin-1") if isinstance(value, bytes) else str(value)


def is_changing(name: str) -> bool:
    """Say whether what has this name is made anew for each request."""
    return not _CHANGING.isdisjoint(words_of(name))


def texts_of(value: object, depth: int = _DEEPEST) -> Iterator[tuple[str, str]]:
    """Give names and values of the texts that an object has been given, at any depth.

    A user may act for another one, whom another attribute names.
    """
    for name, item in _attributes(value):
        if is_changing(name):
            continue
        if isinstance(item, str | bytes) or (isinstance(item, int) and "id" in words_of(name)):
            yield name, str(as_shown(item))
        elif depth and (isinstance(item, dict) or type(item).__module__ not in _OF_OTHERS):
            yield from texts_of(item, depth - 1)


def _attributes(value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, dict):
        return [(str(name), item) for name, item in list(value.items())]
    slots = [name for kind in type(value).__mro__ for name in _slots_of(kind)]
    slotted = [(name, look_up(value, name)) for name in slots]
    return [*dict(getattr(value, "__dict__", {})).items(), *slotted]


def _slots_of(kind: type) -> Iterable[str]:
    slots: str | Iterable[str] = vars(kind).get("__slots__", ())
    return (slots,) if isinstance(slots, str) else slots


# Client certificates


def certificate_word(cert: object) -> Word:
    """Give the word of a client certificate, as requests takes it: a path, or two.

    A file that cannot be read is known by its path; requests itself says what is wrong with it.
    """
    paths = cert if isinstance(cert, tuple | list) else (cert,)
    return word_of("certificate", repr([_content(path) for path in paths]))


def _content(path: object) -> str:
    try:
        name = os.fspath(path)  # type: ignore[call-overload]  # anything else raises TypeError
        status = os.stat(name)  # noqa: PTH116  # the name may be bytes
        return _digest(name, status.st_mtime_ns, status.st_size, status.st_ino)
    except (OSError, TypeError, ValueError):
        return f"path {path}"


@lru_cache(64)
def _digest(name: str | bytes, modified: int, size: int, inode: int) -> str:
    """Give a digest of a file, which is read again when it has changed."""
    with open(name, "rb") as file:  # noqa: PTH123  # the name may be bytes
        return sha256(file.read()).hexdigest()
