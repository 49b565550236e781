"""A small HTTP origin on 127.0.0.1, for tests, examples and measurements."""

from __future__ import annotations

import gzip
import json
import sys
from base64 import b64decode
from collections import Counter
from collections.abc import Callable, Iterator
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, Final, NamedTuple, Self
from urllib.parse import parse_qsl, urlsplit

__all__ = ["PNG", "Answer", "HangUpError", "Origin", "Request"]

PNG: Final = b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGP4DwABAQEAsTj2FAAAAABJRU5ErkJggg=="
)
"""An image of one pixel."""

_MODIFIED: Final = formatdate(1_700_000_000, usegmt=True)


class Answer(NamedTuple):
    """What the origin says to a request."""

    body: bytes | Iterator[bytes] = b""
    """An iterator is sent in chunks."""
    headers: tuple[tuple[str, str], ...] = ()
    """Field lines as they are sent; one named Date goes instead of the server's own."""
    status: int = 200
    length: int | None = None
    """The length that is announced; if it is more than the body has, the connection breaks."""


class HangUpError(Exception):
    """Raised by an answer of one's own: the connection is closed without a word."""


class Request(NamedTuple):
    """What the origin was asked."""

    method: str
    path: str
    query: dict[str, str]
    headers: dict[str, str]
    """By lower-case name."""
    body: bytes


class Origin:
    """An HTTP/1.1 server in a thread, with resources of every kind; it counts what it is asked.

    Example:
        >>> import requests
        >>> with Origin() as origin:
        ...     status = requests.get(origin.url("/json")).status_code
        >>> status, origin.count("/json")
        (200, 1)

    Resources: `/json`, `/image`, `/gzip`, `/chunked`, `/bytes/<size>`, `/echo`, `/redirect/<hops>`,
    `/etag`, `/last-modified`, `/max-age/<seconds>`, `/vary` (by Accept-Language), `/cookies`,
    `/status/<code>`; anything else is 404. A dictionary of answers of one's own goes before these.
    """

    def __init__(self, answers: dict[str, Callable[[Request], Answer]] | None = None) -> None:
        self.answers: dict[str, Callable[[Request], Answer]] = answers or {}
        self.failing = False
        """While True, every answer is a 500."""
        self.requests: list[Request] = []
        self._lock = Lock()
        self._server: ThreadingHTTPServer | None = None

    def __enter__(self) -> Self:
        """Listen on a free port."""
        answers = {f"do_{method}": _Handler.respond for method in _METHODS}
        handler = type("Handler", (_Handler,), {"origin": self, **answers})
        self._server = _Server(("127.0.0.1", 0), handler)
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        return self

    def __exit__(self, *raised: object) -> None:
        """Stop listening."""
        assert self._server is not None
        self._server.shutdown()
        self._server.server_close()

    def url(self, path: str) -> str:
        """Give the URL of a path."""
        assert self._server is not None, "use it as a context manager"
        return f"http://127.0.0.1:{self._server.server_port}{path}"

    def count(self, path: str | None = None) -> int:
        """Count the requests for a path, or all of them."""
        with self._lock:
            paths = Counter(request.path for request in self.requests)
        return paths.total() if path is None else paths[path]

    def answer(self, request: Request) -> Answer:
        """Take note of a request, and give what is said to it."""
        with self._lock:
            self.requests.append(request)
        if self.failing:
            return Answer(b"failing", status=500)
        own = self.answers.get(request.path)
        if own is not None:
            return own(request)
        name, _, argument = request.path[1:].partition("/")
        resource = _RESOURCES.get(name)
        return Answer(status=404) if resource is None else resource(request, argument)


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    # Enough for a benchmark that opens many connections at once.
    request_queue_size = 128

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of clients that went away, and show other errors."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


# The server looks for a method by the name of that of the request.
_METHODS: Final = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    # Head and body leave in two packets; with Nagle's algorithm the second one would wait.
    disable_nagle_algorithm = True
    origin: Origin

    def respond(self) -> None:
        """Read a request, and send what the origin says to it."""
        parts = urlsplit(self.path)
        headers = {name.lower(): value for name, value in self.headers.items()}
        body = b"".join(self._read_body(headers))
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        request = Request(self.command, parts.path, query, headers, body)
        try:
            self._send(self.origin.answer(request))
        except HangUpError:
            self.close_connection = True

    def _read_body(self, headers: dict[str, str]) -> Iterator[bytes]:
        if headers.get("transfer-encoding") != "chunked":
            yield self.rfile.read(int(headers.get("content-length", 0)))
            return
        while size := int(self.rfile.readline().partition(b";")[0], 16):
            yield self.rfile.read(size)
            self.rfile.readline()
        # Nobody sends trailers.
        self.rfile.readline()

    def _send(self, answer: Answer) -> None:
        body = answer.body
        self.send_response_only(answer.status)
        if not any(name.lower() == "date" for name, _ in answer.headers):
            self.send_header("Date", self.date_time_string())
        for name, value in answer.headers:
            self.send_header(name, value)
        if not isinstance(body, bytes):
            self.send_header("Transfer-Encoding", "chunked")
        elif answer.status != 304:
            length = len(body) if answer.length is None else answer.length
            self.send_header("Content-Length", str(length))
            self.close_connection = self.close_connection or length > len(body)
        self.end_headers()
        if self.command == "HEAD" or answer.status == 304:
            return
        if isinstance(body, bytes):
            self.wfile.write(body)
        else:
            self._send_chunks(body)

    def _send_chunks(self, pieces: Iterator[bytes]) -> None:
        for piece in pieces:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(piece), piece))
        self.wfile.write(b"0\r\n\r\n")

    def log_message(self, *args: Any) -> None:
        """Say nothing: `Origin.requests` has it all."""


# Resources


def _json(request: Request, argument: str) -> Answer:
    return _as_json({"path": request.path, "query": request.query})


def _as_json(value: object, *headers: tuple[str, str]) -> Answer:
    body = json.dumps(value, sort_keys=True).encode()
    return Answer(body, (("Content-Type", "application/json"), *headers))


def _echo(request: Request, argument: str) -> Answer:
    return _as_json(
        {
            "method": request.method,
            "query": request.query,
            "headers": request.headers,
            "body": request.body.decode("latin-1"),
        }
    )


def _image(request: Request, argument: str) -> Answer:
    return Answer(PNG, (("Content-Type", "image/png"),))


def _gzip(request: Request, argument: str) -> Answer:
    headers = (("Content-Type", "text/plain; charset=utf-8"), ("Content-Encoding", "gzip"))
    return Answer(gzip.compress("grüße ".encode() * 500, mtime=0), headers)


def _chunked(request: Request, argument: str) -> Answer:
    return Answer((b"piece %d\n" % i for i in range(10)), (("Content-Type", "text/plain"),))


def _bytes(request: Request, argument: str) -> Answer:
    size = int(argument)
    body = (bytes(range(256)) * (size // 256 + 1))[:size]
    return Answer(body, (("Content-Type", "application/octet-stream"),))


def _redirect(request: Request, argument: str) -> Answer:
    left = int(argument) - 1
    return Answer(b"on to the next", (("Location", f"/redirect/{left}" if left else "/json"),), 302)


def _etag(request: Request, argument: str) -> Answer:
    return _validated(request, "if-none-match", ("ETag", '"version 1"'))


def _last_modified(request: Request, argument: str) -> Answer:
    return _validated(request, "if-modified-since", ("Last-Modified", _MODIFIED))


def _validated(request: Request, condition: str, validator: tuple[str, str]) -> Answer:
    if request.headers.get(condition) == validator[1]:
        return Answer(b"", (validator,), 304)
    return Answer(b"the body behind a validator", (validator,))


def _max_age(request: Request, argument: str) -> Answer:
    return _as_json({"for": argument}, ("Cache-Control", f"max-age={argument}"))


def _vary(request: Request, argument: str) -> Answer:
    language = request.headers.get("accept-language", "")
    return _as_json({"language": language}, ("Vary", "Accept-Language"))


def _cookies(request: Request, argument: str) -> Answer:
    return _as_json(
        {"cookie": request.headers.get("cookie", "")},
        ("Set-Cookie", "flavour=chocolate; Path=/"),
        ("Set-Cookie", "size=large; Path=/; HttpOnly"),
    )


def _status(request: Request, argument: str) -> Answer:
    return Answer(b"as you asked", (("Content-Type", "text/plain"),), int(argument))


_RESOURCES: Final[dict[str, Callable[[Request, str], Answer]]] = {
    "bytes": _bytes,
    "chunked": _chunked,
    "cookies": _cookies,
    "echo": _echo,
    "etag": _etag,
    "gzip": _gzip,
    "image": _image,
    "json": _json,
    "last-modified": _last_modified,
    "max-age": _max_age,
    "redirect": _redirect,
    "status": _status,
    "vary": _vary,
}
