"""The body of a response as it comes over the wire, kept on its way to the caller."""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from urllib3 import HTTPResponse

from ..models.record import Kept
from .spool import Spool

if TYPE_CHECKING:
    from requests import Response

__all__ = ["Capture"]


class Capture:
    """Reads a response's body, or watches it being read, and hands it on when it is complete.

    An interrupted body is never complete: urllib3 raises when fewer bytes come than
    `Content-Length` or the chunks announced; a caller that stops half-way never gets to the end.
    """

    def __init__(self, response: Response) -> None:
        self._response = response
        self._then: Callable[[Kept | None], None] | None = None
        self._refused: Callable[[str], object] | None = None
        self._spool: Spool | None = None

    def _is_read(self) -> bool:
        # A hook or a filter may have read the body: then only the decoded content is left.
        return self._response._content is not False

    def _watch(self, spool: Spool) -> None:
        raw = self._response.raw
        if isinstance(raw, HTTPResponse):
            self._spool = spool
            _Watched.watch(raw, spool, self._finished)

    def read_all(self) -> None:
        """Read the whole body now, into memory."""
        if not self._is_read() and "Content-Encoding" in self._response.headers:
            self._watch(Spool())
        self._response.content  # noqa: B018  # a property that reads

    def body(self) -> bytes | None:
        """Give the body that `read_all` read as it came; None if only the content is known."""
        kept = None if self._spool is None else self._spool.take()
        return kept if isinstance(kept, bytes) else None

    def when_complete(
        self, then: Callable[[Kept | None], None], refused: Callable[[str], object], spool: Spool
    ) -> None:
        """Have `then` called with the body as it came, None if only the content is known.

        Args:
            then: called when the last byte has been read, which may be now.
            refused: called instead, with the reason, if the body cannot be kept.
            spool: keeps the body while the caller reads it.
        """
        self._then, self._refused = then, refused
        if self._is_read():
            then(self.body())
        else:
            self._watch(spool)

    def _finished(self, spool: Spool) -> None:
        then, self._then = self._then, None
        if then is None:
            return
        kept = spool.take()
        if spool.refusal is None:
            then(kept)
        elif self._refused is not None:
            self._refused(spool.refusal)


class _Watched(HTTPResponse):
    """A response of urllib3 that keeps what it reads, undecoded.

    A response becomes one while it is open, and stays the very object that requests made, so it
    reads as it would without a cache: chunk by chunk, as they come. urllib3 reads from the
    connection in two places, `_raw_read` and `_handle_chunk`; a test notices if it no longer does.
    """

    _spool: Spool
    _finished: Callable[[Spool], None] | None
    _is_unchunked = False

    @classmethod
    def watch(cls, raw: HTTPResponse, spool: Spool, finished: Callable[[Spool], None]) -> None:
        """Watch a response from now on; `finished` is called when its last byte was read."""
        made_of = type(raw)
        watched = cls if made_of is HTTPResponse else type(cls.__name__, (cls, made_of), {})
        raw.__class__ = watched
        raw._spool, raw._finished = spool, finished  # type: ignore[attr-defined]  # it is one now

    def _raw_read(self, amt: int | None = None, **how: Any) -> bytes:
        try:
            data = super()._raw_read(amt, **how)
            self._keep(data)
        except BaseException:
            self._give_up()
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
        self._end()

    def close(self) -> None:
        """Close the connection, unless the body was read to its end."""
        self._give_up()
        super().close()

    def _keep(self, data: bytes) -> None:
        if data and self._finished is not None:
            self._spool.add(data)

    def _end(self) -> None:
        finished, self._finished = self._finished, None
        if finished is not None:
            finished(self._spool)

    def _give_up(self) -> None:
        if self._finished is not None:
            self._finished = None
            self._spool.drop("interrupted")
