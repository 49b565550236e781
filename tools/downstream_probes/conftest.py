"""An origin on this machine that counts requests; what is here runs without our packages."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest


class Handler(BaseHTTPRequestHandler):
    """Answers every GET with the path and the number of the request."""

    def do_GET(self) -> None:
        server: Any = self.server
        server.paths.append(self.path)
        body = json.dumps({"results": [], "total_results": 0, "n": len(server.paths)}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


class Server(ThreadingHTTPServer):
    """An origin; `paths` are those of the requests so far."""

    paths: list[str]

    def url(self, path: str) -> str:
        """Give the URL of a path."""
        return f"http://127.0.0.1:{self.server_port}{path}"


@pytest.fixture
def server() -> Iterator[Server]:
    with Server(("127.0.0.1", 0), Handler) as made:
        made.paths = []
        threading.Thread(target=made.serve_forever, daemon=True).start()
        yield made
        made.shutdown()
