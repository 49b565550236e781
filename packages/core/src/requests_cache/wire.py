"""The body of a response as it comes over the wire, kept on its way to the caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from urllib3 import HTTPResponse

from .record import Kept
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
        self._wire: _Tee | None = None

    def _is_read(self) -> bool:
        # A hook or a filter may have read the body: then only the decoded content is left.
        return self._response._content is not False

    def _wrap(self, spool: Spool) -> None:
        raw = self._response.raw
        if not isinstance(raw, HTTPResponse):
            return
        self._wire = _Tee(raw, spool, self._finished)
        self._response.raw = HTTPResponse(
            body=self._wire,  # type: ignore[arg-type]  # a file object, as far as urllib3 uses it
            headers=raw.headers,
            status=raw.status,
            version=raw.version,
            reason=raw.reason,
            preload_content=False,
            decode_content=False,
            original_response=getattr(raw, "_original_response", None),
            request_method=self._response.request.method,
        )

    def read_all(self) -> None:
        """Read the whole body now, into memory."""
        if not self._is_read() and "Content-Encoding" in self._response.headers:
            self._wrap(Spool())
        self._response.content  # noqa: B018  # a property that reads

    def body(self) -> bytes | None:
        """Give the body that `read_all` read as it came; None if only the content is known."""
        kept = None if self._wire is None else self._wire.spool.take()
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
            self._wrap(spool)

    def _finished(self, spool: Spool) -> None:
        then, self._then = self._then, None
        if then is None:
            return
        if spool.refusal is None:
            then(spool.take())
        elif self._refused is not None:
            self._refused(spool.refusal)


class _Tee:
    """A file that reads from a urllib3 response, undecoded, and keeps what it read."""

    def __init__(self, raw: HTTPResponse, spool: Spool, finished: Callable[[Spool], None]) -> None:
        self.spool = spool
        self._is_closed = False
        self._raw = raw
        self._finished = finished
        self._is_complete = False

    @property
    def closed(self) -> bool:
        """Say that there is nothing more to read, as http.client does; urllib3 loops until then."""
        return self._is_complete or self._is_closed

    def read(self, amount: int | None = None) -> bytes:
        try:
            data = self._raw.read(amount, decode_content=False)
            self.spool.add(data)
        except BaseException:
            self.spool.drop("interrupted")
            raise
        if not self._is_complete and (
            amount is None or (amount and not data) or self._raw.length_remaining == 0
        ):
            self._is_complete = True
            self._finished(self.spool)
        if amount is None:
            # urllib3 reads on until the file is closed; http.client closes its own like this.
            self.close()
        return data

    def close(self) -> None:
        self._is_closed = True
        if not self._is_complete:
            self.spool.drop("interrupted")
        self._raw.close()
        # The response that stands for this one knows no pool; without this the pool would run dry.
        self._raw.release_conn()
