"""The site that the demo asks: real HTTP on 127.0.0.1."""

from __future__ import annotations

import json
import struct
import zlib
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import NamedTuple, Self

__all__ = ["Site"]


class Page(NamedTuple):
    """What the site answers for one path."""

    status: int
    headers: dict[str, str]
    body: bytes = b""


class Site:
    """A server in a thread; `with Site() as site` starts and stops it."""

    def __init__(self) -> None:
        self.pages = _pages()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self.pages))
        self.address = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def fail(self, path: str) -> None:
        """Answer a path with an error from now on."""
        self.pages[path] = Page(503, {"Content-Type": "text/plain"}, b"down for maintenance\n")


def _pages() -> dict[str, Page]:
    json_type = {"Content-Type": "application/json"}
    people = [{"id": i, "name": f"Person {i}", "city": "Aarhus"} for i in range(200)]
    report = {"title": "Annual report", "pages": list(range(500))}
    return {
        "/people.json": Page(200, json_type, _dump(people)),
        "/logo.png": Page(200, {"Content-Type": "image/png"}, _picture(128)),
        "/start": Page(301, {"Location": "/welcome.html"}),
        "/welcome.html": Page(200, {"Content-Type": "text/html"}, b"<h1>Welcome</h1>\n" * 40),
        "/report.json": Page(200, {**json_type, "ETag": '"2026-1"'}, _dump(report)),
        "/news.json": Page(200, {**json_type, "Cache-Control": "max-age=10"}, _dump(["rain"])),
        "/weather.json": Page(200, json_type, _dump({"sky": "clear", "celsius": 21})),
        "/broken": Page(500, {"Content-Type": "text/plain"}, b"oh no\n"),
    }


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


def _handler(pages: dict[str, Page]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Head and body leave together; apart, the body would wait for an acknowledgement (40 ms).
        wbufsize = 1 << 20

        def do_GET(self) -> None:
            page = pages.get(self.path, Page(404, {"Content-Type": "text/plain"}, b"not here\n"))
            tag = page.headers.get("ETag")
            if tag is not None and tag == self.headers.get("If-None-Match"):
                page = Page(304, {"ETag": tag})
            self.send_response(page.status)
            for name, value in page.headers.items():
                self.send_header(name, value)
            if page.status != 304:
                self.send_header("Content-Length", str(len(page.body)))
            self.end_headers()
            self.wfile.write(page.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002  # the base's name
            """Keep the terminal for the table."""

    return Handler
