"""What stands between a client and a server, and does it harm: resets, refusals."""

from __future__ import annotations

import json
import select
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socketserver import BaseRequestHandler, ThreadingTCPServer
from threading import Thread
from typing import Any, Self

__all__ = ["ResettingProxy", "ThrottlingProxy"]

# Closing a socket that lingers for no time sends a reset.
_RESET = struct.pack("ii", 1, 0)


class ResettingProxy(ThreadingTCPServer):
    """Hands bytes on to a server and counts round trips, or resets every connection."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.is_resetting = False
        self.trips = 0
        """How often a client has spoken first, or again after an answer."""
        super().__init__(("127.0.0.1", 0), _Pipe)

    @property
    def port(self) -> int:
        """Give the port on 127.0.0.1."""
        return int(self.server_address[1])

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.shutdown()
        self.server_close()

    @contextmanager
    def resetting(self) -> Iterator[None]:
        """Reset all connections, old and new ones, for the length of a block."""
        self.is_resetting = True
        try:
            yield
        finally:
            self.is_resetting = False

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: broken connections are what this is for."""


class _Pipe(BaseRequestHandler):
    server: ResettingProxy

    def handle(self) -> None:
        client: socket.socket = self.request
        with socket.create_connection(self.server.target) as server:
            others = {client: server, server: client}
            latest = server
            while not self.server.is_resetting:
                for readable in select.select([client, server], [], [], 0.02)[0]:
                    data = readable.recv(65_536)
                    if not data:
                        return
                    self.server.trips += readable is client and latest is server
                    latest = readable
                    others[readable].sendall(data)
        client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)


class ThrottlingProxy(ThreadingHTTPServer):
    """Hands requests on to DynamoDB Local, which does not throttle, or answers as AWS does."""

    daemon_threads = True

    def __init__(self, host: str, port: int) -> None:
        self.target = host, port
        self.is_throttling = False
        self.throttled = 0
        super().__init__(("127.0.0.1", 0), _Gate)

    @property
    def url(self) -> str:
        """Give the URL of the endpoint."""
        return f"http://127.0.0.1:{self.server_port}"

    def __enter__(self) -> Self:
        Thread(target=self.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        self.shutdown()
        self.server_close()

    @contextmanager
    def throttling(self) -> Iterator[None]:
        """Refuse all requests for the length of a block."""
        self.is_throttling = True
        try:
            yield
        finally:
            self.is_throttling = False


class _Gate(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    server: ThrottlingProxy

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        if self.server.is_throttling:
            self.server.throttled += 1
            self._answer(400, _THROTTLED)
            return
        target = HTTPConnection(*self.server.target)
        with closing(target):
            target.request("POST", "/", body, dict(self.headers))
            answered = target.getresponse()
            self._answer(answered.status, answered.read())

    def _answer(self, status: int, body: bytes) -> None:
        self.send_response_only(status)
        self.send_header("Content-Type", "application/x-amz-json-1.0")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


# https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Programming.Errors.html
_TYPE = "com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException"
_THROTTLED = json.dumps({"__type": _TYPE, "message": "slow down"}).encode()
