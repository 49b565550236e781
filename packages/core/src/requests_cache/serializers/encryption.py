"""Encryption at rest, with Fernet (AES-128-CBC and HMAC-SHA-256) of the cryptography library."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final

from ..errors import ConfigurationError, NotInstalledError, SignatureError
from .base import mismatch
from .pipeline import Stage
from .signature import Keys, body_digest, checked_body, list_keys

MAGIC: Final = b"RQE\x01"
_DIGEST_SIZE: Final = 32


class Encryption(Stage):
    """Encrypt heads and bodies.

    Args:
        keys: one key, as `Encryption.new_key()` makes them, or several: the last one encrypts, all
            decrypt. Rotate them as those of a signature.

    Raises:
        NotInstalledError: cryptography is missing.
        ConfigurationError: a key is not one of Fernet's.
    """

    name = "encryption"
    binds_body = True
    varies_body = True

    def __init__(self, keys: Keys) -> None:
        try:
            from cryptography.fernet import Fernet, InvalidToken, MultiFernet
        except ImportError as error:
            raise _not_installed() from error
        try:
            ciphers = [Fernet(key) for key in list_keys("Encryption", keys)]
        except ConfigurationError:
            raise
        except ValueError as error:
            raise ConfigurationError(
                "Encryption: a key is no Fernet key; make one with Encryption.new_key()"
            ) from error
        self._cipher = MultiFernet(ciphers[::-1])
        self._invalid = InvalidToken

    @staticmethod
    def new_key() -> bytes:
        """Make a key; keep it where the cache is not."""
        try:
            from cryptography.fernet import Fernet
        except ImportError as error:
            raise _not_installed() from error
        return Fernet.generate_key()

    def encode(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Encrypt the head, with the digest of its body, and the body."""
        hidden = self._encrypt(body) if body else b""
        return MAGIC + self._encrypt(body_digest(body) + head), hidden

    def decode(self, head: bytes, body: bytes | None) -> tuple[bytes, bytes | None]:
        if head[: len(MAGIC)] != MAGIC:
            raise mismatch(head, self.name)
        plain = self._decrypt(head[len(MAGIC) :])
        digest, head = plain[:_DIGEST_SIZE], plain[_DIGEST_SIZE:]
        if body and any(digest):
            body = self._decrypt(body)
        return head, checked_body(digest, body)

    def _encrypt(self, data: bytes) -> bytes:
        # Fernet gives Base64; the bytes below it take a quarter less.
        return urlsafe_b64decode(self._cipher.encrypt(data))

    def _decrypt(self, data: bytes) -> bytes:
        try:
            return self._cipher.decrypt(urlsafe_b64encode(data))
        except self._invalid as error:
            raise SignatureError(
                "the stored value cannot be decrypted: it is damaged, or has another key"
            ) from error


def _not_installed() -> NotInstalledError:
    return NotInstalledError(
        'Encryption needs cryptography: pip install "requests-cache-core[encryption]"'
    )
