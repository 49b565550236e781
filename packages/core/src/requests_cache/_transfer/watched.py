"""A response of urllib3 that tells what is read from it."""

from __future__ import annotations

from collections.abc import Generator
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPResponse

if TYPE_CHECKING:
    from .watch import Watch

__all__ = ["WatchedResponse"]


class WatchedResponse(HTTPResponse):
    """A response of urllib3 whose body is kept as it is read, undecoded.

    A response becomes one while it is open, and stays the very object that requests made, so it
    reads as it would without a cache: chunk by chunk, as they come. urllib3 reads from the
    connection in two places, `_raw_read` and `_handle_chunk`; a test notices if it no longer does.
    """

    watches: list[Watch]
    _is_unchunked = False

    @classmethod
    def watch(cls, raw: HTTPResponse, watch: Watch) -> None:
        """Watch a response from now on; one may be watched for several sessions."""
        if not isinstance(raw, cls):
            raw.__class__ = cls._class_for(type(raw))
            raw.watches = []  # type: ignore[attr-defined]  # it is one now
        raw.watches.append(watch)  # type: ignore[attr-defined]

    @classmethod
    def _class_for(cls, made_of: type[HTTPResponse]) -> type[HTTPResponse]:
        if made_of is HTTPResponse:
            return cls
        # Found among the subclasses, which are not kept alive by that.
        for known in made_of.__subclasses__():
            if known.__bases__ == (cls, made_of):
                return known
        return type(cls.__name__, (cls, made_of), {})

    def _raw_read(self, amt: int | None = None, **how: Any) -> bytes:
        if self.chunked and self.chunk_left:
            # urllib3 stands within a chunk, so what http.client makes of the rest may be anything.
            self._give_up()
        try:
            data = super()._raw_read(amt, **how)
            self._keep(data)
        except BaseException:
            for watch in self.watches:
                watch.break_off()
            raise
        self._is_unchunked = bool(self.chunked)
        is_over = amt != 0 and (not data or (amt is None and not how.get("read1")))
        if self.length_remaining == 0 or (self.length_remaining is None and is_over):
            self._end()
        return data

    def _handle_chunk(self, amt: int | None) -> bytes:
        data = super()._handle_chunk(amt)
        self._keep(data)
        return data

    def read_chunked(
        self, amt: int | None = None, decode_content: bool | None = None
    ) -> Generator[bytes]:
        """Read a chunk at a time."""
        if self._is_unchunked:
            # http.client stands within a chunk, so what follows may be anything.
            self._give_up()
        try:
            yield from super().read_chunked(amt, decode_content)
        except BaseException:
            self._give_up()
            raise
        if self.chunk_left == 0:
            self._end()

    def release_conn(self) -> None:
        """Give the connection back; who does so before the end reads no further."""
        if self.connection is not None and not self.isclosed():
            self._give_up()
        super().release_conn()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        self._give_up()
        super().close()

    def _keep(self, data: bytes) -> None:
        for watch in self.watches:
            watch.keep(data)

    def _end(self) -> None:
        for watch in self.watches:
            watch.end()

    def _give_up(self) -> None:
        for watch in self.watches:
            watch.give_up()
