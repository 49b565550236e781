"""The body of a response as it comes over the wire, kept on its way to the caller."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias
from weakref import ref

from requests import RequestException, Response
from urllib3 import HTTPResponse

from .._matching.owner import names_in
from ..models.base import attributes_of
from ..models.raw_response import decoded_limit
from ..models.record import Kept
from .spool import Spool
from .watching import TOO_LARGE, UNDECODABLE, Decoding, Watch, WatchedFile, WatchedResponse

Then: TypeAlias = Callable[[Response, Response, "Kept | None"], bool]
"""Stores a response with its body as it came, None if only the content is known; says whether it
did. The first one is the caller's, the second says what it said before the caller had it."""
Refused: TypeAlias = Callable[[Response, str], object]
"""Takes note of why a response is not stored."""


class Capture:
    """Reads a response's body, or watches it being read, and hands it on when it is complete.

    An interrupted body is never complete: urllib3 raises when fewer bytes come than
    `Content-Length` or the chunks announced; a caller that stops half-way never gets to the end.
    """

    def __init__(self, response: Response) -> None:
        self._response = response
        self._was_begun = _was_begun(response.raw)
        self._spool: Spool | None = None

    def _is_read(self) -> bool:
        # A hook or a filter may have read the body: then only the decoded content is left.
        return self._response._content is not False

    def read_all(self, keeps_beginning: bool = False) -> None:
        """Read the whole body now, into memory.

        If it breaks off, `keeps_beginning` lets the response have what has come, though.
        """
        response = self._response
        is_coded = "content-encoding" in names_in(response.headers)
        is_watched = not self._is_read() and (is_coded or keeps_beginning)
        if is_watched and isinstance(response.raw, HTTPResponse):
            spool = self._spool = Spool()
            spool.keeps_beginning = keeps_beginning
            WatchedResponse.watch(response.raw, Watch(spool, bool))
        try:
            response.content  # noqa: B018  # a property that reads
        except RequestException:
            if keeps_beginning:
                response._content, response._content_consumed = self.body() or b"", True
            raise
        finally:
            if not is_coded:
                # The content is what came over the wire.
                self._spool = None

    def body(self) -> bytes | None:
        """Give the body that `read_all` read as it came; None if only the content is known."""
        kept = None if self._spool is None else self._spool.take()
        return kept if isinstance(kept, bytes) else None

    def leave_unread(self) -> None:
        """Let the caller of a streaming call read what `read_all` has read."""
        response, body = self._response, self.body()
        if isinstance(response.raw, HTTPResponse):
            from ..models.raw_response import unread

            response.raw = unread(response.raw, response.content if body is None else body)
            response._content, response._content_consumed = False, False

    def when_complete(self, then: Then, refused: Refused, begin: Callable[[], Spool]) -> None:
        """Have a body stored when it is complete, which may be now.

        The first two may not refer to the response: it would not be freed when it is dropped.

        Args:
            then: stores the response.
            refused: called instead, with the reason, if the body cannot be kept.
            begin: called now if the caller is still to read it; gives what keeps it until then.
        """
        response = self._response
        if self._is_read():
            body = self.body()
            reason = None if body is None else self._reason_not_to_keep(body)
            if reason is None:
                then(response, response, body)
            else:
                refused(response, reason)
        elif self._was_begun:
            refused(response, "read-by-hook")
        elif _has_no_body(response):
            then(response, response, b"")
        else:
            _watch(response, begin(), then, refused)

    def _reason_not_to_keep(self, body: bytes) -> str | None:
        """Say why a coded body that requests has decoded should not be stored, though."""
        raw: Any = self._response.raw
        if len(self._response.content) > decoded_limit(len(body)):
            return TOO_LARGE
        try:
            # Not each way of reading asks whether the coding is at its end; that of a hit does.
            raw._flush_decoder()
        except Exception:  # noqa: BLE001  # each coding has errors of its own
            return UNDECODABLE
        return None


def _has_no_body(response: Response) -> bool:
    raw = response.raw
    if isinstance(raw, HTTPResponse):
        return raw.length_remaining == 0
    return (
        raw is None
        or response.request.method == "HEAD"
        or response.status_code in (204, 304)
        or response.headers.get("Content-Length") == "0"
    )


def _watch(response: Response, spool: Spool, then: Then, refused: Refused) -> None:
    is_coded = "Content-Encoding" in response.headers
    raw = response.raw
    outcome = _Outcome(response, then, refused)
    if isinstance(raw, HTTPResponse):
        decoding = Decoding.of(response.headers["Content-Encoding"]) if is_coded else None
        WatchedResponse.watch(raw, Watch(spool, outcome.settle, decoding))
        return
    if not isinstance(raw, WatchedFile):
        length = response.headers.get("Content-Length", "")
        raw = WatchedFile(raw, int(length) if length.isdecimal() else None, is_coded)
        response.raw = raw
    raw.watch(Watch(spool, outcome.settle))


class _Outcome:
    """What is done at the end of a body, for a response that may be gone by then."""

    def __init__(self, response: Response, then: Then, refused: Refused) -> None:
        self._response = ref(response)
        self._arrived = _double(response)
        self._then = then
        self._refused = refused

    def settle(self, spool: Spool) -> bool:
        """Store the response, or say why not."""
        response = self._response() or self._arrived
        kept = None if spool.refusal else spool.take()
        if spool.refusal is None:
            return self._then(response, self._arrived, kept)
        self._refused(response, spool.refusal)
        return False


def _double(response: Response) -> Response:
    """Give a response that says what the other one does, and does not hold its `raw`.

    What is done to the other one while it is read is not stored: requests gives it the redirects
    that led to it, and a caller sets the encoding. Who keeps nothing but `raw`, and reads it to the
    end, has the response stored nevertheless.
    """
    double = Response()
    vars(double).update(vars(response))
    double.headers = response.headers.copy()
    double._content, double._content_consumed = False, True
    double.raw = _head_of(response.raw)
    return double


def _head_of(raw: Any) -> Any:
    if not isinstance(raw, HTTPResponse):
        return None
    head: Any = HTTPResponse(
        headers=raw.headers,
        status=raw.status,
        version=raw.version,
        reason=raw.reason,
        preload_content=False,
    )
    if "version_string" in vars(raw):
        # Since urllib3 2.3 there is an argument for it.
        head.version_string = vars(raw)["version_string"]
    return head


def pending_watch(response: Response) -> Watch | None:
    """Give what watches the body of a response that is still being read."""
    # `vars()` of a hit would build all that it has. A hook may have answered with anything.
    raw = attributes_of(response).get("raw") if isinstance(response, Response) else None
    if type(raw) is HTTPResponse:
        return None
    if not isinstance(raw, WatchedResponse | WatchedFile):
        return None
    return next((watch for watch in reversed(raw.watches) if not watch.is_over), None)


def _was_begun(raw: object) -> bool:
    """Say whether something of the body of a response of urllib3 was read, by a hook perhaps."""
    if not isinstance(raw, HTTPResponse):
        return False
    in_chunks = raw.chunk_left is not None or getattr(raw, "_uncached_read_occurred", False)
    return bool(raw.tell() or in_chunks)
