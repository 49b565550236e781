"""The origin server of the benchmark: `python origin.py` prints its port and serves.

`/<lane>/<kind>/<number>` answers with a body that can be told from the number; `?delay=` takes
milliseconds, `?vary=1` adds `Vary`, `?cookie=1` a balancer's cookie, `?cache=` takes the
`Cache-Control`, `?expired=1` adds an `Expires` that is past. A request with the entity tag is
answered with 304. `/requests/<lane>` tells how many were asked for.
"""

from __future__ import annotations

import asyncio
import functools
import sys
from collections import Counter
from email.utils import formatdate
from typing import ClassVar
from urllib.parse import parse_qs, urlsplit

__all__ = ["body_of"]

_TYPES = {"json": "application/json", "html": "text/html; charset=utf-8", "bin": "image/jpeg"}
_ROWS = b", ".join(b'{"id": %d, "name": "item %d", "ok": true}' % (i, i) for i in range(48))
_FILLERS = {
    "html": b"<p>A paragraph of some words</p>\n" * (100 * 1024 // 33),
    "bin": bytes(range(256)) * (5 * 1024 * 1024 // 256),
}


def body_of(kind: str, number: int) -> bytes:
    """Give the body of `/<lane>/<kind>/<number>`."""
    if kind == "json":
        return b'{"number": %d, "rows": [%b]}' % (number, _ROWS)
    return b"%b %d\n%b" % (kind.encode(), number, _FILLERS[kind])


class Connection(asyncio.Protocol):
    """One connection: requests in, canned responses out."""

    counts: ClassVar[Counter[str]] = Counter()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        self.received = b""

    def data_received(self, data: bytes) -> None:
        """Answer every request that has arrived, with its body."""
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, rest = self.received.split(b"\r\n\r\n", 1)
            fields = head.lower()
            length = fields.partition(b"\r\ncontent-length:")[2].partition(b"\r\n")[0]
            if len(rest) < int(length or 0):
                return
            self.received = rest[int(length or 0) :]
            target = head.split(b" ", 2)[1].decode("ascii")
            self._answer(target, b"\r\nif-none-match:" in fields)

    def _answer(self, target: str, is_known: bool) -> None:
        url = urlsplit(target)
        lane, *rest = url.path.strip("/").split("/")
        if lane == "requests":
            self._write(str(self.counts[rest[0]]).encode(), "text/plain", "no-store", "", False)
            return
        self.counts[lane] += 1
        query = parse_qs(url.query)
        kind, number = rest[0], int(rest[1])
        more = "Vary: Accept-Encoding, Accept-Language\r\n" if "vary" in query else ""
        more += "Set-Cookie: AWSALB=x; Path=/\r\n" if "cookie" in query else ""
        more += "Expires: Thu, 01 Jan 1970 00:00:00 GMT\r\n" if "expired" in query else ""
        (lifetime,) = query.get("cache", ["public, max-age=86400"])
        body = body_of(kind, number)
        reply = functools.partial(self._write, body, _TYPES[kind], lifetime, more, is_known)
        delay = float(query.get("delay", ["0"])[0]) / 1000
        if delay:
            asyncio.get_running_loop().call_later(delay, reply)
        else:
            reply()

    def _write(
        self, body: bytes, content_type: str, cache_control: str, more: str, is_known: bool
    ) -> None:
        status = "304 Not Modified" if is_known else "200 OK"
        head = (
            f"HTTP/1.1 {status}\r\nServer: benchmark\r\nDate: {formatdate(usegmt=True)}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
            f"Cache-Control: {cache_control}\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
            f'ETag: "{len(body):x}-{body[:8].hex()}"\r\nX-Request-Id: 3f1c9a70d2\r\n'
            f"X-Frame-Options: DENY\r\nConnection: keep-alive\r\n{more}\r\n"
        )
        self.transport.writelines((head.encode("ascii"), b"" if is_known else body))


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started this server keeps its standard input open as long as it is needed.
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
