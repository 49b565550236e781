"""Cookies as stored: every attribute, with the expiry that they had when they were received."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from http.cookiejar import Cookie, CookieJar
from typing import Any, Final, NamedTuple

from requests.cookies import RequestsCookieJar

from .._matching.credentials import IN_PATH, REDACTED

__all__ = [
    "ATTRIBUTES",
    "Place",
    "are_attributes",
    "cookies_in",
    "describe_cookies",
    "fill_jar",
    "has_values",
    "kept_place",
    "make_jar",
    "with_values",
    "without_value",
]

ATTRIBUTES: Final = (
    "version",
    "name",
    "value",
    "port",
    "port_specified",
    "domain",
    "domain_specified",
    "domain_initial_dot",
    "path",
    "path_specified",
    "secure",
    "expires",
    "discard",
    "comment",
    "comment_url",
    "rest",
    "rfc2109",
)
"""The arguments of `Cookie`, in its own order."""
_NAME, _VALUE, _DOMAIN, _PATH = map(ATTRIBUTES.index, ("name", "value", "domain", "path"))
_KEPT_AS: Final = tuple("_rest" if name == "rest" else name for name in ATTRIBUTES)

_TEXT: Final = (str, type(None))
_NUMBER: Final = (int, float, type(None))
# Of the others any value is as good as true or false.
_TYPES: Final[dict[str, tuple[type, ...]]] = {
    "version": _NUMBER,
    "name": (str,),
    "value": _TEXT,
    "port": _TEXT,
    "domain": (str,),
    "path": (str,),
    "expires": _NUMBER,
    "comment": _TEXT,
    "comment_url": _TEXT,
    "rest": (dict,),
}


class Place(NamedTuple):
    """Where a jar keeps a cookie."""

    domain: str
    path: str
    name: str


def are_attributes(cookie: Iterable[Any]) -> bool:
    """Say whether a cookie can be made of these attributes, and used by a cookie jar."""
    named = dict(zip(ATTRIBUTES, cookie, strict=True))
    return all(isinstance(named[name], types) for name, types in _TYPES.items())


def cookies_in(jar: CookieJar) -> Iterable[Cookie]:
    """Give the cookies of a jar, at once if it is empty, as most jars of responses are."""
    return jar if getattr(jar, "_cookies", True) else ()


def describe_cookies(jar: CookieJar, *, keep_values: bool = True) -> list[list[Any]]:
    """Give each cookie's attributes as a JSON array, on demand without the value."""
    described = []
    for cookie in cookies_in(jar):
        attributes = [getattr(cookie, name) for name in _KEPT_AS]
        attributes[_DOMAIN], path, _ = kept_place(cookie)
        if not keep_values:
            attributes[_VALUE], attributes[_PATH] = REDACTED, path
        described.append(attributes)
    return described


def kept_place(cookie: Cookie | Place) -> Place:
    """Give where a jar keeps a cookie, as it is stored.

    Where the origin says neither, a jar takes both from the URL of the request, with the user and
    the password in it.
    """
    path = cookie.path
    if "=" in path:
        path = IN_PATH.sub(lambda found: found[0].replace(found["value"], REDACTED), path)
    return Place(cookie.domain.rpartition("@")[2], path, cookie.name)


def has_values(described: Iterable[list[Any]]) -> bool:
    """Say whether cookies were stored with their values."""
    return all(attributes[_VALUE] != REDACTED for attributes in described)


def without_value(line: str) -> str:
    """Give the value of a `Set-Cookie` field without that of the cookie."""
    pair, semicolon, attributes = line.partition(";")
    name, equals, value = pair.partition("=")
    return f"{name}={REDACTED}{semicolon}{attributes}" if equals and value.strip() else line


def with_values(
    described: Iterable[list[Any]],
    headers: Iterable[tuple[str, str]],
    held: Mapping[Place, Cookie],
) -> tuple[list[list[Any]], list[tuple[str, str]]]:
    """Give the cookies and the header fields of a record with the values that a jar holds.

    A cookie that the jar does not hold is left out.

    Args:
        described: the cookies of a record.
        headers: its header fields.
        held: the cookies of a jar by `kept_place`.
    """
    cookies: list[list[Any]] = []
    values: dict[str, str] = {}
    for attributes in described:
        told = [*attributes]
        if attributes[_VALUE] == REDACTED:
            own = held.get(Place(attributes[_DOMAIN], attributes[_PATH], attributes[_NAME]))
            if own is None:
                continue
            told[_VALUE], told[_DOMAIN], told[_PATH] = own.value or "", own.domain, own.path
        if told[_VALUE] is not None:
            cookies.append(told)
            values[told[_NAME]] = told[_VALUE]
    filled = [(name, _filled(name, line, values)) for name, line in headers]
    return cookies, [(name, line) for name, line in filled if line is not None]


def _filled(name: str, line: str, values: Mapping[str, str]) -> str | None:
    """Give a field with the value of its cookie; None if there is none."""
    pair, semicolon, attributes = line.partition(";")
    if name.lower() != "set-cookie" or not pair.endswith(f"={REDACTED}"):
        return line
    cookie = pair.partition("=")[0].strip()
    value = values.get(cookie)
    return None if value is None else f"{cookie}={value}{semicolon}{attributes}"


def make_jar(described: Iterable[list[Any]]) -> RequestsCookieJar:
    """Build a jar of the cookies described."""
    jar = RequestsCookieJar()
    for attributes in described:
        jar.set_cookie(Cookie(*attributes))
    return jar


def fill_jar(jar: CookieJar, cookies: CookieJar, now: float) -> None:
    """Add the cookies that have not expired to a session's jar, as a fresh response would."""
    for cookie in cookies:
        if not cookie.is_expired(now):  # type: ignore[arg-type]  # typeshed wants int, any number works
            jar.set_cookie(cookie)
