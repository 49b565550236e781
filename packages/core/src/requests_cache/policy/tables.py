"""The rules of HTTP caching that are lists of names, each with its source."""

from __future__ import annotations

from enum import Enum


class Form(Enum):
    """How the argument of a cache directive is read."""

    FLAG = "no argument; one that is there is ignored"
    SECONDS = "a number of seconds"
    OPTIONAL_SECONDS = "a number of seconds, or no argument for any number"
    FIELDS = "nothing, or a list of field names that limits the directive to them"


# RFC 9111, section 5.2.2; RFC 5861, section 3 and 4; RFC 8246.
# Not here, because they speak to shared caches only: s-maxage, proxy-revalidate.
# Not here, because they do not concern a cache that transforms nothing: no-transform.
RESPONSE_DIRECTIVES = {
    "immutable": Form.FLAG,  # RFC 8246, section 2
    "max-age": Form.SECONDS,  # 5.2.2.1
    "must-revalidate": Form.FLAG,  # 5.2.2.2
    "must-understand": Form.FLAG,  # 5.2.2.3
    "no-cache": Form.FIELDS,  # 5.2.2.4
    "no-store": Form.FLAG,  # 5.2.2.5
    "private": Form.FIELDS,  # 5.2.2.7
    "public": Form.FLAG,  # 5.2.2.9
    "stale-if-error": Form.SECONDS,  # RFC 5861, section 4
    "stale-while-revalidate": Form.SECONDS,  # RFC 5861, section 3
}

# RFC 9111, section 5.2.1; RFC 5861, section 4.
REQUEST_DIRECTIVES = {
    "max-age": Form.SECONDS,  # 5.2.1.1
    "max-stale": Form.OPTIONAL_SECONDS,  # 5.2.1.2
    "min-fresh": Form.SECONDS,  # 5.2.1.3
    "no-cache": Form.FLAG,  # 5.2.1.4
    "no-store": Form.FLAG,  # 5.2.1.5
    "only-if-cached": Form.FLAG,  # 5.2.1.7
    "stale-if-error": Form.SECONDS,  # RFC 5861, section 4
}

# RFC 9110, section 15: the final status codes whose caching requirements this policy implements.
# must-understand asks for that (RFC 9111, section 5.2.2.3).
UNDERSTOOD_STATUSES = frozenset(
    (
        *range(200, 207),
        *(300, 301, 302, 303, 304, 305, 307, 308),
        *range(400, 418),
        *(421, 422, 426, 451),
        *(500, 501, 502, 503, 504, 505),
    ),
)

# RFC 6585, sections 3 to 6: they must not be stored, whatever they say.
NEVER_STORED_STATUSES = frozenset((428, 429, 431, 511))

# RFC 9110, section 15.1. A 206 is in its list too; `partial` says when one may be kept.
HEURISTIC_STATUSES = frozenset(
    (200, 203, 204, 206, 300, 301, 308, 404, 405, 410, 414, 501),
)

# RFC 9111, section 3.1: of one connection or one proxy, never stored.
# The fields that Connection names are not stored either.
NEVER_STORED = frozenset(
    (
        "connection",
        "keep-alive",
        "proxy-authenticate",
        "proxy-authentication-info",
        "proxy-authorization",
        "proxy-connection",
        "te",
        "transfer-encoding",
        "upgrade",
    ),
)

# RFC 9111, section 3.2: a 304 never changes what describes the stored bytes. The body is kept as
# it came, coded and perhaps partial, so the stored response depends on these.
NEVER_UPDATED = frozenset(("content-encoding", "content-length", "content-range"))

# RFC 9110, section 15.4.5: metadata of a body that a 304 does not have.
NOT_IN_304 = frozenset(
    ("content-encoding", "content-language", "content-length", "content-range", "content-type"),
)

# RFC 9110, section 9.2.1, and the methods registered as safe. All others, known or not,
# invalidate what they succeed on (RFC 9111, section 4.4).
SAFE_METHODS = frozenset(
    ("GET", "HEAD", "OPTIONS", "PROPFIND", "QUERY", "REPORT", "SEARCH", "TRACE"),
)

# RFC 9110, sections 13.1.1 and 13.1.4: for the origin server alone
# (RFC 9111, section 4.3.2: a cache must not evaluate them).
ORIGIN_CONDITIONS = frozenset(("if-match", "if-unmodified-since"))

# Requests that select by a credential are told apart by its digest, never by its text.
CREDENTIAL_FIELDS = frozenset(
    ("authorization", "cookie", "proxy-authorization", "x-api-key", "x-auth-token"),
)

# RFC 9110, section 12.5: lists whose order carries nothing and whose case does not matter.
UNORDERED_FIELDS = frozenset(("accept", "accept-charset", "accept-encoding", "accept-language"))
