"""Origins that are generated: what a resource says, and what leads to it."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from typing import NamedTuple

from hypothesis import strategies as st
from requests_cache.testing.origin import Answer, HangUpError, Request

__all__ = ["DATE", "Site", "sites"]

DATE = "Tue, 14 Nov 2023 22:13:20 GMT"


Lines = tuple[tuple[str, str], ...]


class Site(NamedTuple):
    """A resource at `/end`, and the redirects on the way from `/0` to it."""

    status: int
    fields: tuple[tuple[str, str], ...]
    body: bytes
    coding: str
    framing: str
    hops: tuple[tuple[int, tuple[tuple[str, str], ...]], ...]
    challenge: bool

    @property
    def start(self) -> str:
        return "/0" if self.hops else "/end"

    def answers(self) -> dict[str, Callable[[Request], Answer]]:
        """Give the answers of the origin by path."""
        found: dict[str, Callable[[Request], Answer]] = {"/end": self._end}
        for number, (status, fields) in enumerate(self.hops):
            target = f"/{number + 1}" if number + 1 < len(self.hops) else "/end"
            lines = (("Date", DATE), ("Location", target), *fields)
            found[f"/{number}"] = lambda _, lines=lines, status=status: Answer(b"on", lines, status)  # type: ignore[misc]
        return found

    def _end(self, request: Request) -> Answer:
        if self.challenge and "authorization" not in request.headers:
            asked = (("Date", DATE), ("WWW-Authenticate", 'Basic realm="x"'))
            return Answer(b"who?", asked, 401)
        fields: Lines = (("Date", DATE), *self.fields)
        body = _coded(self.body, self.coding)
        if self.coding not in ("", "damaged"):
            fields = (*fields, ("Content-Encoding", self.coding))
        elif self.coding:
            fields = (*fields, ("Content-Encoding", "gzip"))
        if self.status in (204, 304):
            # After a 304 that says it comes in chunks, urllib3 waits for the chunks.
            return Answer(b"", fields, self.status)
        if self.framing == "hang up":
            raise HangUpError
        if self.framing == "broken off":
            return Answer(body[: len(body) // 2], fields, self.status, len(body) + 1)
        return Answer(body if self.framing == "length" else _pieces(body), fields, self.status)


def _pieces(body: bytes) -> Iterator[bytes]:
    return (body[start : start + 7] for start in range(0, len(body), 7))


def _coded(body: bytes, coding: str) -> bytes:
    if coding == "gzip":
        return gzip.compress(body, mtime=0)
    if coding == "deflate":
        return zlib.compress(body)
    return b"not gzip at all" + body if coding == "damaged" else body


COOKIES = st.sampled_from([("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=two; Max-Age=99")])
LINES = st.sampled_from(
    [
        ("Content-Type", "text/plain"),
        ("Content-Type", "text/html; charset=utf-8"),
        ("Content-Type", "application/json"),
        ("content-type", 'text/plain; charset="latin-1"'),
        ("Content-Type", "text/plain; charset=unknown"),
        ("Link", '</end?page=2>; rel="next", <http://x.example/>; rel=last'),
        ("X-Twice", "one"),
        ("X-Twice", "two, three"),
        ("x-lower", ""),
        ("X-Latin", "gr\u00fc\u00dfe"),
        ("ETag", '"a"'),
        ("ETag", 'W/"b"'),
        ("Last-Modified", "Mon, 13 Nov 2023 22:13:20 GMT"),
        ("Vary", "Accept"),
        ("Vary", "Cookie, X-Other"),
        ("Cache-Control", "max-age=60"),
        ("Cache-Control", "no-store"),
        ("Cache-Control", "private, no-cache"),
        ("Expires", "0"),
        ("Content-Location", "/other"),
        ("Content-Disposition", "attachment; filename=x"),
        ("Connection", "keep-alive"),
    ]
)
BODIES = st.one_of(
    st.sampled_from(
        [b"", b"x", b'{"a": [1, "\xc3\xbc"]}', b"one\r\ntwo\nthree", b"\xff\xfe\x00" * 9]
    ),
    st.binary(max_size=60),
)
HOPS = st.lists(
    st.tuples(st.sampled_from([301, 302, 303, 307, 308]), st.lists(COOKIES, max_size=1).map(tuple)),
    max_size=2,
).map(tuple)

sites = st.builds(
    Site,
    status=st.sampled_from([200] * 20 + [201, 203, 204, 300, 304, 400, 404, 410, 500, 503]),
    fields=st.lists(st.one_of(LINES, LINES, COOKIES), max_size=5).map(tuple),
    body=BODIES,
    coding=st.sampled_from(["", "", "", "gzip", "deflate", "damaged"]),
    framing=st.sampled_from(["length"] * 4 + ["chunked"] * 3 + ["broken off", "hang up"]),
    hops=HOPS,
    challenge=st.sampled_from([False] * 7 + [True]),
)
