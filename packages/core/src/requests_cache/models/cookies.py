"""Cookies as stored: every attribute, with the expiry that they had when they were received."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookiejar import Cookie, CookieJar
from typing import Any, Final

from requests.cookies import RequestsCookieJar

__all__ = ["ATTRIBUTES", "are_attributes", "describe_cookies", "fill_jar", "make_jar"]

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


def are_attributes(cookie: Iterable[Any]) -> bool:
    """Say whether a cookie can be made of these attributes, and used by a cookie jar."""
    named = dict(zip(ATTRIBUTES, cookie, strict=True))
    return all(isinstance(named[name], types) for name, types in _TYPES.items())


def describe_cookies(jar: CookieJar) -> list[list[Any]]:
    """Give each cookie's attributes as a JSON array."""
    return [[getattr(cookie, name) for name in _KEPT_AS] for cookie in jar]


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
