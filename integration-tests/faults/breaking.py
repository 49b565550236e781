"""An origin that breaks off: a large body, each octet of which tells where it belongs."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from threading import Thread
from typing import Final

from faults.blocks import BLOCK, MEGABYTE

__all__ = ["BreakingOrigin", "breaking_origin"]

_TAG: Final = '"of the body"'


class BreakingOrigin:
    """Serves a body of so many megabytes, and counts what it sends of it.

    Args:
        size: megabytes.
        cuts: positions in the body; the connection is closed at each of them once.
    """

    def __init__(self, size: int, cuts: list[int]) -> None:
        self.octets = size * MEGABYTE
        self.sent = 0
        self.asked: list[int] = []
        """From which position on it was asked, each time."""
        self._cuts = sorted(cuts)

    def digest(self) -> str:
        """Give the digest of the body."""
        digest = blake2b()
        for piece in self._pieces(0, self.octets):
            digest.update(piece)
        return digest.hexdigest()

    def serve(self, server: socket.socket) -> None:
        """Answer one connection after the other, until the socket is closed."""
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection:
                self._answer(connection)

    def _answer(self, connection: socket.socket) -> None:
        with connection.makefile("rb") as lines:
            asked = b"".join(iter(lambda: lines.readline().strip(), b"")).decode("latin-1")
        match = re.search(r"range: bytes=(\d+)-", asked, re.IGNORECASE)
        first = int(match[1]) if match else 0
        self.asked.append(first)
        connection.sendall(self._head(first))
        # A cut once made is not made again: the rest begins where it was.
        end = next((cut for cut in self._cuts if cut > first), self.octets)
        for piece in self._pieces(first, end):
            connection.sendall(piece)
            self.sent += len(piece)

    def _head(self, first: int) -> bytes:
        status = f"206 Partial Content\r\nContent-Range: bytes {first}-{self.octets - 1}"
        lines = [
            f"HTTP/1.1 {status}/{self.octets}" if first else "HTTP/1.1 200 OK",
            f"Content-Length: {self.octets - first}",
            f"ETag: {_TAG}",
            "Cache-Control: max-age=600",
            "Connection: close",
        ]
        return "\r\n".join([*lines, "", ""]).encode()

    def _pieces(self, first: int, end: int) -> Iterator[bytes]:
        while first < end:
            number, start = divmod(first, MEGABYTE)
            block = number.to_bytes(8, "big") + BLOCK[8:]
            piece = block[start : start + end - first]
            yield piece
            first += len(piece)


@contextmanager
def breaking_origin(size: int, cuts: list[int]) -> Iterator[tuple[BreakingOrigin, str]]:
    """Serve such a body; give the origin and its URL."""
    origin = BreakingOrigin(size, cuts)
    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = Thread(target=origin.serve, args=(server,), daemon=True)
        thread.start()
        try:
            yield origin, f"http://127.0.0.1:{server.getsockname()[1]}/"
        finally:
            server.shutdown(socket.SHUT_RDWR)
            thread.join()
