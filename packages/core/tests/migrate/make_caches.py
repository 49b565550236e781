"""Make caches with an older requests-cache, for `test_migrate.py`; run once for each version:

    python -m venv old && old/bin/pip install "requests-cache==1.2.1" pyyaml
    old/bin/python make_caches.py caches

0.7 to 1.2 need Python 3.8, itsdangerous, ujson, and attrs and cattrs of their time (0.7 and 0.8:
`"cattrs==1.8.0" "attrs==21.2.0"`, but 0.7.0: `"cattrs==1.7.1"`; 0.9.0: `"cattrs==1.10.0"
"attrs==21.4.0"`; 0.9.8 and 1.0: `"cattrs==22.2.0" "attrs==22.2.0"`; 1.1 and 1.2:
`"cattrs==23.1.2" "attrs==23.1.0"`). Each was run with `"urllib3<2"` and, but for
0.8, which refuses it, with urllib3 2, whose responses have other parts. What is made is committed,
so that the tests need none of these.
"""

from __future__ import annotations

import gzip
import importlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from pathlib import Path

PORT = 28765
# The name of a cache of files differs between versions, and so does what they can write.
KINDS = (
    ("sqlite", "pickle"),
    ("sqlite", "json"),
    ("filesystem", "pickle"),
    ("filesystem", "json"),
    ("filesystem", "yaml"),
)


class Handler(BaseHTTPRequestHandler):
    """Answers the few requests that are cached."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        if self.path.startswith("/redirect"):
            self.answer(302, b"", [("Location", "/json?from=redirect")])
        elif self.path.startswith("/cookies"):
            self.answer(200, b"ok", [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2; Path=/x")])
        elif self.path.startswith("/binary"):
            self.answer(200, bytes(range(256)), [("Content-Type", "application/octet-stream")])
        elif self.path.startswith("/gzip"):
            body = gzip.compress(b"plain text\n" * 20, mtime=0)
            self.answer(200, body, [("Content-Encoding", "gzip"), ("Content-Type", "text/plain")])
        else:
            self.answer(200, b'{"path": "' + self.path.encode() + b'"}', [])

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.answer(200, b'{"got": ' + body + b"}", [])

    def answer(self, status: int, body: bytes, headers: list[tuple[str, str]]) -> None:
        self.send_response(status)
        for name, value in headers or [("Content-Type", "application/json")]:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def fill(folder: Path, backend: str, serializer: str) -> None:
    """Make one cache."""
    requests_cache = importlib.import_module("requests_cache")
    number = version("requests-cache") + ("+urllib3.2" if version("urllib3")[0] == "2" else "")
    path = folder / f"{number}-{serializer}{'.sqlite' if backend == 'sqlite' else ''}"
    session = requests_cache.CachedSession(
        str(path),
        backend=backend,
        serializer=serializer,
        allowable_methods=("GET", "POST"),
        expire_after=3600 * 24 * 365 * 100,
    )
    base = f"http://127.0.0.1:{PORT}"
    session.post(base + "/post", json={"question": [1, 2]})
    # Cookies last: later requests would send them, and so be others.
    for where in ("/json?b=2&a=1", "/binary", "/gzip", "/redirect", "/cookies"):
        try:
            session.get(base + where, headers={"X-Test": "value"})
        except Exception as error:  # noqa: BLE001  # 0.7 to 0.9 fail to write redirects as JSON
            sys.stderr.write(f"not stored: {path} {where} {error!r:.80}\n")
    session.close()


def main() -> None:
    """Make a cache of every kind that this version knows."""
    server = HTTPServer(("127.0.0.1", PORT), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for backend, serializer in KINDS:
        try:
            fill(Path(sys.argv[1]), backend, serializer)
        except Exception as error:  # noqa: BLE001  # an older version does not know every kind
            sys.stderr.write(f"not made: {backend} {serializer} {error!r:.300}\n")
    server.shutdown()


if __name__ == "__main__":
    main()
