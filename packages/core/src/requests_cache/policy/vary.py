"""Which request fields select a stored response (RFC 9111, section 4.1)."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256

from .fields import Headers, split_list
from .tables import CREDENTIAL_FIELDS, UNORDERED_FIELDS
from .values import StoredHead, Variant


def selecting_fields(headers: Headers) -> tuple[str, ...]:
    """Return the names in the Vary of a response, in lower case and sorted."""
    text = headers.joined("vary")
    return () if text is None else _selecting(text)


# A decision reads the same Vary again and again, and the next response says the same.
@lru_cache(64)
def _selecting(text: str) -> tuple[str, ...]:
    return tuple(sorted({name.lower() for name in split_list(text)}))


def variant(response: Headers, request: Headers) -> Variant:
    """Write down the request fields that select this response, normalised; None is absent."""
    return tuple((name, normalise(name, request)) for name in selecting_fields(response))


def matches(stored: StoredHead, request: Headers) -> bool:
    """Say whether a request selects a stored response; with `Vary: *` none ever does."""
    names = selecting_fields(stored.headers)
    if "*" in names:
        return False
    return stored.variant == tuple((name, normalise(name, request)) for name in names)


def normalise(name: str, headers: Headers) -> str | None:
    """Return a request field in a form that is equal for values of equal meaning.

    Lines are combined and white space around list members goes; the Accept family is
    compared without order, case and ways to write a weight. Nothing else is taken for equal:
    which of several languages an origin would choose, no stored response tells.
    """
    lines = headers.lines(name)
    if not lines:
        return None
    if name in CREDENTIAL_FIELDS:
        return "sha256:" + sha256("\0".join(lines).encode("utf-8", "surrogatepass")).hexdigest()
    members = split_list(", ".join(lines))
    if name in UNORDERED_FIELDS:
        return ",".join(sorted({_preference(member) for member in members}))
    return ",".join(members)


def _preference(member: str) -> str:
    parts = (_parameter(part) for part in split_list(member, ";"))
    # Without a weight it is 1 (RFC 9110, section 12.4.2).
    return ";".join(part for part in parts if part != "q=1")


def _parameter(text: str) -> str:
    name, equals, value = text.partition("=")
    name = name.lower()
    # A media type's parameter values may depend on case (RFC 9110, section 8.3.1); a weight
    # of 0.50 is one of 0.5 (section 12.4.2).
    if name == "q":
        value = value.rstrip("0").rstrip(".") if "." in value else value
    return f"{name}{equals}{value}"
