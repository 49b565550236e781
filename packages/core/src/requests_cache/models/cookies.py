"""Cookies as stored: every attribute, with the expiry that they had when they were received."""

from __future__ import annotations

from collections.abc import Iterable
from http.cookiejar import Cookie, CookieJar
from typing import Any

from requests.cookies import RequestsCookieJar

__all__ = ["describe_cookies", "fill_jar", "make_jar"]

# What the arguments of Cookie become, in its own order.
_ATTRIBUTES = (
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
    "_rest",
    "rfc2109",
)


def describe_cookies(jar: CookieJar) -> list[list[Any]]:
    """Give each cookie's attributes as a JSON array."""
    return [[getattr(cookie, name) for name in _ATTRIBUTES] for cookie in jar]


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
