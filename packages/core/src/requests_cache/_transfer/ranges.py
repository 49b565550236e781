"""Parts of a body: some of a stored one, and one of which the rest is still on its way."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from http.client import IncompleteRead
from io import BytesIO, RawIOBase
from itertools import accumulate
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple, cast

from urllib3 import HTTPHeaderDict, HTTPResponse

from .._store.pieces import BodyFile, BodyReader, CheckedBody
from ..policy import Piece

if TYPE_CHECKING:
    from ..models.record import Record


def cut_body(body: BinaryIO, pieces: Sequence[Piece]) -> tuple[BinaryIO, int]:
    """Give the pieces as one file, and its size; closing it closes the body.

    Its bytes are not checked: there is a checksum of the whole body alone.
    """
    cut = _Cut(body, pieces)
    reader: Any = BodyReader(cut.size, cut.fetch, body.close)
    # urllib3 wants a file that closes itself at its end.
    checked: Any = CheckedBody(reader, cut.size, None, bool)
    return checked, cut.size


class _Cut:
    """Finds bytes of the pieces, in the body or in between."""

    def __init__(self, body: BinaryIO, pieces: Sequence[Piece]) -> None:
        self._body = body
        self._pieces = pieces
        self._starts = list(accumulate(map(_size, pieces), initial=0))
        self.size = self._starts[-1]

    def fetch(self, position: int, count: int) -> bytes:
        """Give up to `count` bytes of one piece."""
        number = bisect_right(self._starts, position) - 1
        piece, offset = self._pieces[number], position - self._starts[number]
        if isinstance(piece, bytes):
            return piece[offset : offset + count]
        self._body.seek(piece.start + offset)
        return self._body.read(min(count, _size(piece) - offset))


def _size(piece: Piece) -> int:
    return len(piece) if isinstance(piece, bytes) else int(piece.stop - piece.start)


class _Stretch(NamedTuple):
    """So many bytes of a file, from a position on, or from where the file stands."""

    file: Any
    start: int | None
    size: int


def file_of(record: Record) -> BinaryIO:
    """Give the body of a stored response as a file, which takes little memory."""
    reader = getattr(record, "reader", None)
    if reader is None:
        return BytesIO(record.read_body())
    if isinstance(reader, BodyFile):
        reader.read_as_asked()
    return cast("BinaryIO", reader)


def join_raw(
    stored: BinaryIO,
    rest: HTTPResponse,
    before: slice,
    after: slice,
    fields: Iterable[tuple[str, str]],
    length: int,
) -> HTTPResponse:
    """Give what urllib3 would give if the origin sent the whole now.

    `before` and `after` are those of the stored octets that come before and after what it sends.
    """
    last = length - (before.stop - before.start)
    behind = max(0, _end(stored) - after.start)
    stretches = [
        _Stretch(stored, before.start, before.stop - before.start),
        _Stretch(rest, None, last - behind),
        _Stretch(stored, after.start, behind),
    ]
    return HTTPResponse(
        body=cast("Any", _Joined([one for one in stretches if one.size], (stored, rest))),
        headers=HTTPHeaderDict(fields),
        status=200,
        reason="OK",
        version=rest.version,
        preload_content=False,
        request_method="GET",
        enforce_content_length=True,
    )


def _end(file: BinaryIO) -> int:
    end = file.seek(0, 2)
    file.seek(0)
    return end


class _Joined(RawIOBase):
    """Reads one stretch after the other, and closes all files at the end, as urllib3 wants it."""

    def __init__(self, stretches: list[_Stretch], files: tuple[Any, ...]) -> None:
        self._stretches = stretches
        self._files = files
        self._left = -1

    def read(self, size: int | None = -1) -> bytes:
        """Read up to `size` bytes of one stretch; by default all."""
        if size is None or size < 0:
            return b"".join(iter(lambda: self.read(1024 * 1024), b""))
        if not self._stretches or not size:
            return b""
        data = self._read(self._stretches[0], size)
        if not self._left:
            self._left = -1
            del self._stretches[0]
            if not self._stretches:
                self.close()
        return data

    def _read(self, stretch: _Stretch, size: int) -> bytes:
        if self._left < 0:
            self._left = stretch.size
            if stretch.start is not None:
                stretch.file.seek(stretch.start)
        how = {} if stretch.start is not None else {"decode_content": False}
        data: bytes = stretch.file.read(min(size, self._left), **how)
        if not data:
            raise IncompleteRead(b"", self._left)
        self._left -= len(data)
        return data

    def close(self) -> None:
        """Close the stored body, and the connection unless all was read."""
        files, self._files = self._files, ()
        for file in files:
            file.close()
        super().close()
