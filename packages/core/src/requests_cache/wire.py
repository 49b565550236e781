"""The body of a response as it comes over the wire, kept on its way to the caller."""

from __future__ import annotations

from collections.abc import Callable
from io import BytesIO
from typing import TYPE_CHECKING

from urllib3 import HTTPResponse

if TYPE_CHECKING:
    from requests import Response

__all__ = ["Capture"]


class Capture:
    """Reads a response's body, or watches it being read, and hands it on when it is complete.

    An interrupted body is never complete: urllib3 raises when fewer bytes come than
    `Content-Length` or the chunks announced, and a caller that stops half-way never gets to the end.
    """

    def __init__(self, response: Response) -> None:
        self._response = response
        self._then: Callable[[bytes | None], None] | None = None
        self._complete = False
        self._wire: _Tee | None = None
        unread = response._content is False  # type: ignore[attr-defined]  # requests' own, untyped
        if not unread:
            # A hook has read the body, so only the decoded content is left.
            self._complete = True
        elif "Content-Encoding" in response.headers or not hasattr(response.raw, "headers"):
            self._wrap()

    def _wrap(self) -> None:
        raw = self._response.raw
        if not isinstance(raw, HTTPResponse):
            return
        self._wire = _Tee(raw, self._finished)
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
        """Read the whole body now."""
        self._response.content  # noqa: B018  # a property that reads
        if not self._complete:
            self._finished()

    def body(self) -> bytes | None:
        """Give the body as it came, if it is complete; None if only the content is known."""
        return None if self._wire is None else self._wire.received()

    def when_complete(self, then: Callable[[bytes | None], None]) -> None:
        """Have `then` called with the body as it came, None if only the content is known."""
        self._then = then
        if self._complete:
            self._hand_on()
        elif self._wire is None:
            self._wrap()

    def _finished(self) -> None:
        if not self._complete:
            self._complete = True
            if self._then is not None:
                self._hand_on()

    def _hand_on(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            then(self.body())


class _Tee:
    """A file that reads from a urllib3 response, undecoded, and keeps what it read."""

    def __init__(self, raw: HTTPResponse, finished: Callable[[], None]) -> None:
        self._raw = raw
        self._finished = finished
        self._kept = BytesIO()
        self.closed = False

    def read(self, amount: int | None = None) -> bytes:
        data = self._raw.read(amount, decode_content=False)
        self._kept.write(data)
        if amount is None or (amount and not data) or self._raw.length_remaining == 0:
            self._finished()
        return data

    def received(self) -> bytes:
        return self._kept.getvalue()

    def close(self) -> None:
        self.closed = True
        self._raw.close()
        # The response that stands for this one knows no pool; without this the pool would run dry.
        self._raw.release_conn()
