# ruff: noqa: F401
"""What the programs beside this file have at hand; also with requests-cache itself."""

import bz2
import gzip
import logging
import lzma
import pickle
import re
import sys
import threading
import time
import unittest.mock
import warnings
import zlib
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import requests
import requests_cache
from requests import Request

servers: list[ThreadingHTTPServer] = []


def serve(answer: Callable[[str, Any], tuple[int, dict[str, str], bytes]]) -> str:
    """Give the URL of a server that answers a path and header fields so."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = answer(self.path, self.headers)
            self.send_response(status)
            for name, value in {"Content-Length": str(len(body)), **headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *args: object) -> None:
            """Say nothing."""

    servers.append(ThreadingHTTPServer(("127.0.0.1", 0), Handler))
    threading.Thread(target=servers[-1].serve_forever, args=(0.01,), daemon=True).start()
    return f"http://127.0.0.1:{servers[-1].server_port}"


def wait(seconds: float) -> None:
    """Let a lifetime of a few milliseconds end: the clock of requests-cache cannot be set."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        pass


def stop() -> None:
    """Stop what `serve` has started."""
    while servers:
        server = servers.pop()
        server.shutdown()
        server.server_close()
