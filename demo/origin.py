"""The site that the demo asks: real HTTP on 127.0.0.1."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Callable

from requests_cache.testing.origin import Answer, Origin, Request

__all__ = ["fail", "make_site"]

_JSON = ("Content-Type", "application/json")
_TAG = '"2026-1"'


def make_site() -> Origin:
    """Make the site; `with` starts and stops it."""
    people = [{"id": i, "name": f"Person {i}", "city": "Aarhus"} for i in range(200)]
    pages = {
        "/people.json": Answer(_dump(people), (_JSON,)),
        "/logo.png": Answer(_picture(128), (("Content-Type", "image/png"),)),
        "/start": Answer(status=301, headers=(("Location", "/welcome.html"),)),
        "/welcome.html": Answer(b"<h1>Welcome</h1>\n" * 40, (("Content-Type", "text/html"),)),
        "/news.json": Answer(_dump(["rain"]), (_JSON, ("Cache-Control", "max-age=10"))),
        "/weather.json": Answer(_dump({"sky": "clear", "celsius": 21}), (_JSON,)),
        "/broken": Answer(b"oh no\n", status=500),
    }
    answers = {path: _always(page) for path, page in pages.items()}
    return Origin({**answers, "/report.json": _report})


def fail(site: Origin, path: str) -> None:
    """Have a path answered with an error from now on."""
    site.answers[path] = _always(Answer(b"down for maintenance\n", status=503))


def _always(answer: Answer) -> Callable[[Request], Answer]:
    return lambda _: answer


def _report(request: Request) -> Answer:
    tag = ("ETag", _TAG)
    if request.headers.get("if-none-match") == _TAG:
        return Answer(status=304, headers=(tag,))
    return Answer(_dump({"title": "Annual report", "pages": list(range(500))}), (_JSON, tag))


def _dump(value: object) -> bytes:
    return json.dumps(value).encode()


def _picture(size: int) -> bytes:
    """Draw a PNG: a square of two colours, `size` pixels wide."""
    rows = (bytes([0, *((x * y) & 255 for x in range(size))]) for y in range(size))
    header = struct.pack(">IIBBBBB", size, size, 8, 0, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows))), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )
