"""Signing: a value that was not written by somebody with our key is not read."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256
from hmac import compare_digest
from typing import Final, TypeAlias

from ..errors import ConfigurationError, NotInstalledError, SignatureError
from .pipeline import Stage

Keys: TypeAlias = "str | bytes | Iterable[str | bytes]"

MAGIC: Final = b"RQS\x01"
_SALT: Final = b"requests-cache"
_DIGEST_SIZE: Final = 32
NO_BODY: Final = bytes(_DIGEST_SIZE)


class Signature(Stage):
    """Sign a head, and the digest of its body, with HMAC-SHA-256 (itsdangerous).

    Args:
        secret_key: one key, or several: the last one signs, all are accepted. To rotate, append
            a new key; take the oldest one out when what it signed has expired.
        salt: keeps signatures of several caches with one key apart.

    Raises:
        NotInstalledError: itsdangerous is missing.
        ConfigurationError: there is no key, or an empty one.
    """

    name = "signature"
    binds_body = True

    def __init__(self, secret_key: Keys, salt: str | bytes | None = None) -> None:
        try:
            from itsdangerous import Signer
        except ImportError as error:
            raise NotInstalledError(
                'secret_key needs itsdangerous: pip install "requests-cache-core[security]"'
            ) from error
        self._signer = Signer(
            list_keys("secret_key", secret_key),
            salt=salt or _SALT,
            key_derivation="hmac",
            digest_method=sha256,
        )
        self._size = len(self._signer.get_signature(b""))

    def encode(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Put a signature before the head."""
        signed = body_digest(body) + head
        return MAGIC + self._signer.get_signature(signed) + signed, body

    def decode(self, head: bytes, body: bytes | None) -> tuple[bytes, bytes | None]:
        """Take the signature off, if it is right."""
        if head[: len(MAGIC)] != MAGIC:
            raise SignatureError("the stored value is not signed")
        start = len(MAGIC) + self._size
        signature, signed = head[len(MAGIC) : start], head[start:]
        if len(signed) < _DIGEST_SIZE or not self._signer.verify_signature(signed, signature):
            raise SignatureError("the stored value is not signed with our secret_key and salt")
        return signed[_DIGEST_SIZE:], checked_body(signed[:_DIGEST_SIZE], body)


def body_digest(body: bytes) -> bytes:
    """Give what stands for a body in a head; there is a mark for none."""
    return sha256(body).digest() if body else NO_BODY


def checked_body(digest: bytes, body: bytes | None) -> bytes | None:
    """Give the body that belongs to a digest.

    Raises:
        SignatureError: this is another body.
    """
    if body is None:
        return None
    if digest == NO_BODY:
        return b""
    if not compare_digest(digest, sha256(body).digest()):
        raise SignatureError("the stored body does not belong to its head")
    return body


def list_keys(option: str, keys: Keys) -> list[bytes]:
    """Give one or several keys as a list, the newest last.

    Raises:
        ConfigurationError: there is none, or an empty one, or something that is no key.
    """
    several = (keys,) if isinstance(keys, str | bytes) else tuple(keys)
    if not several or not all(isinstance(key, str | bytes) and key for key in several):
        raise ConfigurationError(
            f"{option}: give one or several keys, each a str or bytes that is not empty"
        )
    return [key.encode() if isinstance(key, str) else key for key in several]
