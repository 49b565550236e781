"""Decoding of a body within bounds: how large it may become depends on how large it is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from urllib3 import HTTPResponse
from urllib3.response import ContentDecoder

__all__ = ["BoundedDecoder", "decoded_limit", "make_decoder"]

# Deflate, and so gzip, makes at most 1032 bytes of one.
_MOST_TIMES: Final = 1100
# So much a body may always become.
_ALWAYS: Final = 1024 * 1024
# Since urllib3 2.6. Before it a decoder gives all that it makes of what it gets, so it gets little.
_HAS_LIMIT: Final = "max_length" in ContentDecoder.decompress.__code__.co_varnames
_LITTLE: Final = 256


def decoded_limit(size: int) -> int:
    """Give how large a coded body of `size` bytes may become when it is decoded."""
    return size * _MOST_TIMES + _ALWAYS


def make_decoder(coding: str) -> ContentDecoder | None:
    """Give what urllib3 decodes a `Content-Encoding` with; None if it leaves such a body coded.

    Raises:
        urllib3.exceptions.DecodeError: there are too many codings.
    """
    raw: Any = HTTPResponse(headers={"Content-Encoding": coding}, preload_content=False)
    raw._init_decoder()
    decoder: ContentDecoder | None = raw._decoder
    return decoder


class BoundedDecoder(ContentDecoder):
    """Decodes as another one does, and raises OSError where the result becomes too large.

    urllib3 takes the error for one of the coding. Not much more than the limit is ever in memory.

    Args:
        decoder: decodes.
        limit: most bytes that may come out; it may be changed while they do.
    """

    def __init__(self, decoder: ContentDecoder, limit: int) -> None:
        self._decoder = decoder
        self._size = 0
        self.limit = limit

    def decompress(self, data: bytes, max_length: int = -1) -> bytes:
        """Decode the next bytes, to at most `max_length` if that is not negative."""
        if _HAS_LIMIT and max_length >= 0:
            return self._count(self._decoder.decompress(data, max_length=max_length))
        return b"".join(self.pieces(data))

    def pieces(self, data: bytes, size: int | None = None) -> Iterator[bytes]:
        """Decode the next bytes, and give all that comes out in pieces of about `size` bytes."""
        if not _HAS_LIMIT:
            for start in range(0, len(data) or 1, _LITTLE):
                yield self._count(self._decoder.decompress(data[start : start + _LITTLE]))
            return
        while True:
            # One more than may come, so that it is seen.
            most = self.limit - self._size + 1
            piece = self._decoder.decompress(data, max_length=min(most, size or most))
            yield self._count(piece)
            # Brotli says that it takes more while it still has something to give.
            if not piece:
                return
            data = b""

    def _count(self, data: bytes) -> bytes:
        self._size += len(data)
        if self._size > self.limit:
            raise OSError(f"the body becomes larger than {self.limit} bytes when it is decoded")
        return data

    @property
    def has_unconsumed_tail(self) -> bool:
        """Say whether more comes out without more going in."""
        return _HAS_LIMIT and self._decoder.has_unconsumed_tail

    @property
    def is_exhausted(self) -> bool:
        """Say whether more came out than may."""
        return self._size > self.limit

    def flush(self) -> bytes:
        """Decode what is left."""
        return self._count(self._decoder.flush())
