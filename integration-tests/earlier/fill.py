"""Fill a cache on a server; run by the Python of an environment with an older requests-cache.

`python fill.py BACKEND SERIALIZER URL NAME`
"""

from __future__ import annotations

import importlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

PORT = 28766


class Handler(BaseHTTPRequestHandler):
    """Answers the few requests that are cached."""

    def do_GET(self) -> None:
        """Answer with the path, or a redirect to another one."""
        body = self.path.encode() + bytes(range(256))
        self.send_response(302 if self.path.startswith("/redirect") else 200)
        if self.path.startswith("/redirect"):
            self.send_header("Location", "/target")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Say nothing."""


def connect(backend: str, url: str) -> Any:
    """Make a client of a server."""
    if backend == "redis":
        return importlib.import_module("redis").Redis.from_url(url)
    if backend == "mongodb":
        return importlib.import_module("pymongo").MongoClient(url)
    keys = {"aws_access_key_id": "tests", "aws_secret_access_key": "tests"}
    boto3 = importlib.import_module("boto3")
    return boto3.resource("dynamodb", endpoint_url=url, region_name="us-east-1", **keys)


def main() -> None:
    """Make the requests."""
    backend, serializer, url, name = sys.argv[1:]
    server = HTTPServer(("127.0.0.1", PORT), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    options = {"connection": connect(backend, url)}
    if backend == "gridfs":
        # That of version 0 hands a client on twice, and no host at all with Python 3.8.
        importlib.import_module("pymongo").MongoClient.HOST = url
        options = {}
    if serializer != "default":
        options["serializer"] = serializer
    requests_cache = importlib.import_module("requests_cache")
    session = requests_cache.CachedSession(name, backend=backend, **options)
    for _ in range(2):
        session.get(f"http://127.0.0.1:{PORT}/a?c=1&b=2", headers={"X-Test": "value"})
    session.get(f"http://127.0.0.1:{PORT}/redirect")
    session.get(f"http://127.0.0.1:{PORT}/cookie", headers={"Cookie": "sid=1"})
    server.shutdown()


if __name__ == "__main__":
    main()
