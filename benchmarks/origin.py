"""The origin server of the benchmark: `python origin.py` prints its port and serves.

`/<lane>/<kind>/<number>` answers with a body that can be told from the number; `?delay=` takes
milliseconds, `?vary=1` adds `Vary`. `/requests/<lane>` tells how many were asked for.
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
        """Answer every request that has arrived; none has a body."""
        self.received += data
        while b"\r\n\r\n" in self.received:
            head, self.received = self.received.split(b"\r\n\r\n", 1)
            self._answer(head.split(b" ", 2)[1].decode("ascii"))

    def _answer(self, target: str) -> None:
        url = urlsplit(target)
        lane, *rest = url.path.strip("/").split("/")
        if lane == "requests":
            self._write(str(self.counts[rest[0]]).encode(), "text/plain", "no-store", "")
            return
        self.counts[lane] += 1
        query = parse_qs(url.query)
        kind, number = rest[0], int(rest[1])
        vary = "Vary: Accept-Encoding, Accept-Language\r\n" if "vary" in query else ""
        reply = functools.partial(
            self._write, body_of(kind, number), _TYPES[kind], "public, max-age=86400", vary
        )
        delay = float(query.get("delay", ["0"])[0]) / 1000
        if delay:
            asyncio.get_running_loop().call_later(delay, reply)
        else:
            reply()

    def _write(self, body: bytes, content_type: str, cache_control: str, vary: str) -> None:
        head = (
            f"HTTP/1.1 200 OK\r\nServer: benchmark\r\nDate: {formatdate(usegmt=True)}\r\n"
            f"Content-Type: {content_type}\r\nContent-Length: {len(body)}\r\n"
            f"Cache-Control: {cache_control}\r\nLast-Modified: Mon, 01 Jan 2024 00:00:00 GMT\r\n"
            f'ETag: "{len(body):x}-{body[:8].hex()}"\r\nX-Request-Id: 3f1c9a70d2\r\n'
            f"X-Frame-Options: DENY\r\nConnection: keep-alive\r\n{vary}\r\n"
        )
        self.transport.writelines((head.encode("ascii"), body))


async def _serve() -> None:
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Connection, "127.0.0.1", 0, backlog=256)
    print(server.sockets[0].getsockname()[1], flush=True)
    # Whoever started this server keeps its standard input open as long as it is needed.
    await loop.run_in_executor(None, sys.stdin.read)
    server.close()


if __name__ == "__main__":
    asyncio.run(_serve())
