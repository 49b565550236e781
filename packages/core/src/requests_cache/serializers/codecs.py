"""Compressors that stop at a given size: nobody's bytes decide how much memory is taken."""

from __future__ import annotations

import zlib
from abc import ABC, abstractmethod
from typing import Any, Final

from ..errors import ConfigurationError, NotInstalledError, RecordError


class Codec(ABC):
    """A way to compress."""

    mark: bytes
    """One byte, which names it in a stored value."""
    error: type[Exception]
    """What it raises for bytes that are not compressed by it."""

    @abstractmethod
    def compress(self, data: bytes, level: int | None) -> bytes:
        """Give the data compressed; a level of None is the codec's own choice."""

    @abstractmethod
    def expand(self, data: bytes, limit: int) -> bytes:
        """Give at most `limit` bytes of the data decompressed."""

    def decompress(self, data: bytes, size: int) -> bytes:
        """Give the data, which has `size` bytes.

        Raises:
            RecordError: it has not, or is no compressed data.
        """
        try:
            plain = self.expand(data, size + 1)
        except self.error as error:
            raise RecordError("the compressed data is damaged") from error
        if len(plain) != size:
            raise RecordError(f"the compressed data does not have the {size} bytes that it names")
        return plain


class Zlib(Codec):
    """Of the standard library; the default."""

    mark = b"z"
    error: type[Exception] = zlib.error

    def compress(self, data: bytes, level: int | None) -> bytes:
        return zlib.compress(data, -1 if level is None else level)

    def expand(self, data: bytes, limit: int) -> bytes:
        return zlib.decompressobj().decompress(data, limit)


class Zstandard(Codec):
    """Quicker and smaller than zlib; needs the zstandard distribution."""

    mark = b"s"
    # A frame may ask for a window of any size; 128 MiB is what zstd itself takes by default.
    _LARGEST_WINDOW: Final = 128 * 1024 * 1024

    def __init__(self) -> None:
        import zstandard

        self._zstandard: Any = zstandard
        self.error: type[Exception] = zstandard.ZstdError

    def compress(self, data: bytes, level: int | None) -> bytes:
        packed: bytes = self._zstandard.ZstdCompressor(
            level=3 if level is None else level
        ).compress(data)
        return packed

    def expand(self, data: bytes, limit: int) -> bytes:
        window = min(max(limit, 1024), self._LARGEST_WINDOW)
        reader = self._zstandard.ZstdDecompressor(max_window_size=window).stream_reader(data)
        plain: bytes = reader.read(limit)
        return plain


class Brotli(Codec):
    """The smallest for text; needs Brotli 1.2, the first with a limit."""

    mark = b"b"

    def __init__(self) -> None:
        import brotli  # type: ignore[import-untyped]  # it has no types

        if not hasattr(brotli.Decompressor, "can_accept_more_data"):
            raise ImportError("brotli is older than 1.2")
        self._brotli: Any = brotli
        self.error: type[Exception] = brotli.error

    def compress(self, data: bytes, level: int | None) -> bytes:
        packed: bytes = self._brotli.compress(data, quality=5 if level is None else level)
        return packed

    def expand(self, data: bytes, limit: int) -> bytes:
        stream = self._brotli.Decompressor()
        pieces = [stream.process(data, output_buffer_limit=limit)]
        while pieces[-1] and sum(map(len, pieces)) < limit and not stream.is_finished():
            pieces.append(stream.process(b"", output_buffer_limit=limit))
        return b"".join(pieces)


_CODECS: Final[dict[str, type[Codec]]] = {"brotli": Brotli, "zlib": Zlib, "zstd": Zstandard}
_INSTALL: Final = {"brotli": '"brotli>=1.2"', "zstd": "zstandard"}


def find_codec(name: str) -> Codec:
    """Give the codec of a name.

    Raises:
        ConfigurationError: there is none of this name.
        NotInstalledError: its library is missing.
    """
    try:
        return _CODECS[name]()
    except KeyError:
        known = ", ".join(sorted(_CODECS))
        raise ConfigurationError(f"Compression({name!r}): there are {known}") from None
    except ImportError as error:
        raise NotInstalledError(
            f"Compression({name!r}) needs a library: pip install {_INSTALL[name]}"
        ) from error


def mark_to_name(mark: bytes) -> str:
    """Give the name of the codec that a stored value names.

    Raises:
        RecordError: there is none.
    """
    for name, codec in _CODECS.items():
        if codec.mark == mark:
            return name
    raise RecordError(f"the stored value is compressed in an unknown way ({mark!r})")
