"""Compression of heads and bodies, bounded when it is undone."""

from __future__ import annotations

import struct
from typing import Final

from ..errors import NotInstalledError, RecordError
from .codecs import Codec, find_codec, mark_to_name
from .pipeline import Stage

MAGIC: Final = b"RQZ\x01"
# mark, codec, sizes of the head and of the body before compression; a size of -1: not compressed.
_HEAD: Final = struct.Struct("<4scqq")
_AS_IS: Final = -1


class Compression(Stage):
    """Compress what becomes smaller by it; values stored without compression are still read.

    Args:
        codec: "zlib", "zstd" (needs zstandard) or "brotli" (needs brotli 1.2). Whatever was used
            for writing, any of them is read.
        level: of the codec; None for its own choice.
        smallest: what has fewer bytes is stored as it is.
        max_ratio: how many times larger than stored a value may be. What would be compressed
            further is stored as it is, and what claims more is not read.

    Raises:
        ConfigurationError: there is no such codec.
        NotInstalledError: its library is missing.
    """

    varies_body = True

    def __init__(
        self,
        codec: str = "zlib",
        level: int | None = None,
        *,
        smallest: int = 256,
        max_ratio: int = 200,
    ) -> None:
        self.name = codec
        self.level = level
        self.smallest = smallest
        self.max_ratio = max_ratio
        self._codec = find_codec(codec)
        self._codecs: dict[bytes, Codec] = {self._codec.mark: self._codec}

    def encode(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        packed_head, head_size = self._compress(head)
        packed_body, body_size = self._compress(body)
        return _HEAD.pack(MAGIC, self._codec.mark, head_size, body_size) + packed_head, packed_body

    def decode(self, head: bytes, body: bytes | None) -> tuple[bytes, bytes | None]:
        if head[: len(MAGIC)] != MAGIC:
            return head, body
        try:
            _, mark, head_size, body_size = _HEAD.unpack_from(head)
        except struct.error as error:
            raise RecordError("the stored value is cut off") from error
        codec = self._find(mark)
        plain = self._decompress(codec, head[_HEAD.size :], head_size)
        return plain, None if body is None else self._decompress(codec, body, body_size)

    def _compress(self, data: bytes) -> tuple[bytes, int]:
        size = len(data)
        if size < self.smallest:
            return data, _AS_IS
        packed = self._codec.compress(data, self.level)
        if not len(packed) < size <= len(packed) * self.max_ratio:
            return data, _AS_IS
        return packed, size

    def _decompress(self, codec: Codec, data: bytes, size: int) -> bytes:
        if size == _AS_IS:
            return data
        if not 0 <= size <= len(data) * self.max_ratio:
            raise RecordError(f"{len(data)} compressed bytes claim to be {size}")
        return codec.decompress(data, size)

    def _find(self, mark: bytes) -> Codec:
        if mark not in self._codecs:
            try:
                self._codecs[mark] = find_codec(mark_to_name(mark))
            except NotInstalledError as error:
                raise RecordError(str(error)) from error
        return self._codecs[mark]
