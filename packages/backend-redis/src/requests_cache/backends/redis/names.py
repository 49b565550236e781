"""Keys on the server. No namespace reaches into another one, whatever its name is."""

from __future__ import annotations

from urllib.parse import quote

__all__ = ["from_bytes", "key_of_hash", "to_bytes"]


def key_of_hash(namespace: str, collection: str) -> bytes:
    """Give `namespace:collection`.

    Both are percent-encoded, so that a colon in a name is no separator, and `*?[]{}` and the
    backslash are neither patterns nor hash tags of a cluster.
    """
    names = (quote(str(name), safe="", errors="surrogatepass") for name in (namespace, collection))
    return ":".join(names).encode()


def to_bytes(key: object) -> bytes:
    """Give a key as bytes; lone surrogates survive."""
    return str(key).encode("utf-8", "surrogatepass")


def from_bytes(data: bytes) -> str:
    """Give back what `to_bytes` took."""
    return data.decode("utf-8", "surrogatepass")
