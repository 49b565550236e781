"""Who an auth object speaks for, found out before it signs, secrets included.

What Digest, OAuth 1 and Signature Version 4 send is another text each time. Their objects show user
and secret, and so a right user with a wrong password is somebody else. Data: a class is known by
the attributes that it has, so no library need be installed or imported.
"""

from __future__ import annotations

from typing import Final, NamedTuple

from .owner import Word, word_of
from .shown import MISSING, as_shown, look_up, texts_of
from .words import word_set

__all__ = ["AuthObject", "identify_auth"]


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
    (
        ("access_id", "signing_key.secret_key"),
        ("session_token", "region", "service"),
        _SIGV4,
    ),
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
    (
        ("aws_access_key", "aws_secret_access_key"),
        ("aws_token", "aws_region", "service"),
        _SIGV4,
    ),
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
