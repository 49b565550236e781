"""What is below a response of the cache: a response of urllib3 whose body need not be a file.

It is rebuilt when somebody asks for it, and decodes its body within bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable, Iterator
from io import BytesIO, UnsupportedOperation
from re import compile as compile_pattern
from typing import IO, TYPE_CHECKING, Any, Final

from urllib3 import HTTPHeaderDict, HTTPResponse, Retry
from urllib3.exceptions import DecodeError
from urllib3.response import ContentDecoder
from urllib3.util.response import is_fp_closed

from .record import Flag, Record


class CachedHTTPResponse(HTTPResponse):
    """A response of urllib3 that is made of bytes, or of a file, and read as one of a connection.

    Args:
        body: the body; None is the same as an empty one.
        kwargs: further arguments of `urllib3.HTTPResponse`; those that are None are left out.
    """

    def __init__(self, body: bytes | IO[bytes] | None = None, **kwargs: Any) -> None:
        given = {name: value for name, value in kwargs.items() if value is not None}
        file = BytesIO(body or b"") if body is None or isinstance(body, bytes) else body
        super().__init__(file, **{"preload_content": False, **given})


_PIECE = 64 * 1024
_PARTS = compile_pattern(r"(?:[a-zA-Z][a-zA-Z0-9+.-]*:)?(?://[^/?#]*)?([^?#]*)(\?[^#]+)?")
# What an adapter of requests asks for: no attempt but the first. It does not change.
_NO_RETRIES = Retry(0, read=False)


class _Octets(BytesIO):
    """Bytes that close when the last is read, as a connection does: so urllib3 sees the end."""

    def read(self, size: int | None = -1) -> bytes:
        data = super().read(size)
        if size is None or size < 0 or (size and not data):
            self.close()
        return data


class StoredResponse(CachedHTTPResponse):
    """A stored response of urllib3, which decodes within bounds and tells if it cannot."""

    limit: int
    """How large its body may become when it is decoded, in bytes."""
    spoil: Callable[[], object]
    """Called if the body cannot be decoded from its start."""
    _offered: int = 0
    """Of how many bytes decoding was tried: what the caller takes as it is, is not among them."""

    if not TYPE_CHECKING:  # else every name could be read
        # `build_raw` gives what urllib3 takes: to look through it takes half as long as the rest.
        __init__ = HTTPResponse.__init__

        def __getattr__(self, name: str) -> Any:
            """Say what to use for an attribute of earlier versions."""
            from .._earlier.members import missing

            raise missing(type(self), name)

    def _init_decoder(self) -> None:
        try:
            super()._init_decoder()
        except DecodeError:
            # There are too many codings.
            self.spoil()
            raise
        decoder = self._decoder
        if decoder is not None and not isinstance(decoder, BoundedDecoder):
            self._decoder = BoundedDecoder(decoder, self.limit)

    def _decode(self, data: bytes, decode_content: bool | None, *args: Any, **kwargs: Any) -> bytes:
        self._offered += len(data) if decode_content else 0
        try:
            return super()._decode(data, decode_content, *args, **kwargs)
        except DecodeError:
            if self._offered == self.tell():
                self.spoil()
            raise

    def _raw_read(self, *args: Any, **kwargs: Any) -> bytes:
        data: bytes = super()._raw_read(*args, **kwargs)
        if self.length_remaining == 0 and self._fp is not None:
            # So does http.client with the last byte of a known length.
            self._fp.close()
        return data

    def read_chunked(
        self, amt: int | None = None, decode_content: bool | None = None
    ) -> Generator[bytes]:
        """Read in pieces; where the chunks of the origin ended is not known any more."""
        if self.chunked:
            return self._pieces(_PIECE if amt is None else amt, decode_content)
        return super().read_chunked(amt, decode_content)

    def _pieces(self, amt: int, decode_content: bool | None) -> Generator[bytes]:
        # urllib3 streams what comes in chunks by `read_chunked`.
        while amt:
            data = self.read(amt, decode_content)
            if data:
                yield data
            elif is_fp_closed(self._fp):
                return

    def supports_chunked_reads(self) -> bool:
        """Say what the response of a miss says: what came in chunks is read in pieces."""
        return True

    def fileno(self) -> int:
        """Refuse, as a file in memory does; requests and others then read it.

        Raises:
            UnsupportedOperation: always; it is an OSError.
        """
        raise UnsupportedOperation("a response from the cache has no socket: read it instead")


def build_raw(body: bytes | IO[bytes], record: Record, url: str) -> HTTPResponse:
    """Give a response that reads `body` as it came over the wire, content coding and all.

    It says of itself what that of a miss says, as far as a record knows.
    """
    fields = record.fields
    method = fields["request"]["method"]
    raw: StoredResponse = StoredResponse(
        body=_Octets(body) if isinstance(body, bytes) else body,
        headers=HTTPHeaderDict(_shown(fields["headers"], record, method)),
        status=record.status,
        version=fields.get("version") or 0,
        reason=fields["reason"],
        preload_content=False,
        decode_content=False,
        retries=_NO_RETRIES,
        request_method=method,
        request_url=_target(url),
    )
    if protocol := fields.get("protocol"):
        # Since urllib3 2.3 there is an argument for it.
        raw.version_string = protocol
    raw.limit = decoded_limit(record.size)
    raw.spoil = record.spoil
    return raw


def unread(raw: HTTPResponse, body: bytes) -> HTTPResponse:
    """Give a response like `raw`, whose body has been read, with all of it still to be read."""
    again = HTTPResponse(
        body=_Octets(body),
        headers=raw.headers,
        status=raw.status,
        version=raw.version,
        reason=raw.reason,
        preload_content=False,
        decode_content=False,
        retries=raw.retries,
        request_url=raw.geturl(),
    )
    if protocol := getattr(raw, "version_string", None):
        again.version_string = protocol
    return again


def _shown(
    fields: Iterable[tuple[str, str]], record: Record, method: str | None
) -> Iterator[tuple[str, str]]:
    """Leave out what is not true of a body that is kept decoded, or that never had this length."""
    is_coded = bool(record.flags & Flag.ENCODED)
    for name, value in fields:
        lowered = name.lower()
        if lowered == "content-encoding" and not is_coded:
            continue
        if lowered == "content-length" and value != str(record.size) and method != "HEAD":
            continue
        yield name, value


def _target(url: str) -> str:
    """Give the part of a URL that is sent, as urllib3 remembers it.

    `urllib.parse` says the same of whatever it can take apart, and takes five times as long.
    """
    found = _PARTS.match(url)
    assert found is not None, "it matches any text"
    path, query = found.groups("")
    return (path or "/") + query


# Decoding: how large a body may become depends on how large it is

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

    urllib3 takes the error for one of the coding. Not much more than the limit, in bytes, is ever
    in memory; it may be changed meanwhile.
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
