"""Several responses of one URL, told apart by the request header fields that `Vary` names.

The first variant is stored under the key of the request, any further one under a key made from that
key and the values of the selecting fields. So a URL with one variant, the usual case, takes one
look-up. RFC 9111, section 4.1.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Mapping
from hashlib import sha256
from typing import Any

from .credentials import CREDENTIALS

__all__ = ["describe_variant", "is_variant", "variant_key"]


def describe_variant(
    vary: str, headers: Mapping[str, str | bytes]
) -> list[tuple[str, str | None]] | None:
    """Give the selecting fields with their values in a request; None if `Vary` has `*`.

    The value of a credential is given as a digest.
    """
    names = sorted({name.strip().lower() for name in vary.split(",")} - {""})
    if "*" in names:
        return None
    return [(name, _value(name, headers.get(name))) for name in names]


def is_variant(described: Iterable[Iterable[Any]], headers: Mapping[str, str | bytes]) -> bool:
    """Say whether a stored response was selected by the same values as a request has now."""
    return all(_value(name, headers.get(name)) == value for name, value in described)


def variant_key(
    key: str, described: Iterable[Iterable[Any]], headers: Mapping[str, str | bytes]
) -> str:
    """Give the key of the variant of `key` that a request selects."""
    values = [(name, _value(name, headers.get(name))) for name, _ in described]
    return sha256(json.dumps([key, values]).encode("ascii")).hexdigest()


def _value(name: str, value: str | bytes | None) -> str | None:
    if value is None:
        return None
    text = value.decode("latin-1") if isinstance(value, bytes) else value
    if name in CREDENTIALS:
        return hmac.new(b"requests-cache variant", text.encode(), sha256).hexdigest()
    return ",".join(" ".join(item.split()) for item in text.split(","))
