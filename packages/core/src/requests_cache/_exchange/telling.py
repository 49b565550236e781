"""Whether the body of an answer was made for one visitor, looked through a window at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from .._matching.owner import value_in
from .._matching.texts import has_password_field, tells_visitor
from ..models.describe import cookies_in
from ..models.raw_response import BoundedDecoder, decoded_limit, make_decoder
from ..models.record import DetachedRecord, Flag

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from requests import Response

    from ..models.response import CachedResponse
    from .asking import Asking

__all__ = ["tells"]

_WINDOW: Final = 256 * 1024
# No tag that matters and no cookie is longer.
_OVERLAP: Final = 8 * 1024
_LARGEST: Final = 32 * 1024 * 1024


def tells(asking: Asking, cached: CachedResponse, response: Response) -> bool:
    """Say whether a body was made for one visitor.

    One that is handed to a store in pieces is not looked through, nor what is behind 32 MiB: where
    there are cookies it may tell whose it is.
    """
    if not _is_text(response):
        return False
    values = [cookie.value for cookie in asking.asker.cookies]
    values += [cookie.value or "" for cookie in cookies_in(response.cookies)]
    pieces = _pieces_of(cached, response)
    if pieces is None:
        return bool(values)
    size = 0
    try:
        for window, read in _windows(pieces, cached.record.fields["encoding"] or "utf-8"):
            size += read
            if has_password_field(window) if asking.is_shared else tells_visitor(window, values):
                return True
            if size > _LARGEST:
                return bool(values)
    # What is to be stored has been decoded before, by the same rules.
    except Exception:  # noqa: BLE001  # pragma: no cover  # each coding has errors of its own
        return bool(values)
    return False


def _is_text(response: Response) -> bool:
    said = value_in(response.headers, "Content-Type")
    kind = "text/" if said is None else said.partition(";")[0].strip().lower()
    return kind.startswith("text/") or "json" in kind or "xml" in kind or "javascript" in kind


def _pieces_of(cached: CachedResponse, response: Response) -> Iterable[bytes] | None:
    """Give the content of a body in pieces; None for one that is in a store already."""
    record, content = cached.record, response._content
    if isinstance(record, DetachedRecord):
        return None
    if not isinstance(content, bytes):
        content = record.body
        if record.flags & Flag.ENCODED:
            return _decoded(content, response.headers.get("Content-Encoding", ""))
    if len(content) <= _WINDOW:
        return (content,)
    return (content[start : start + _WINDOW] for start in range(0, len(content), _WINDOW))


def _decoded(content: bytes, coding: str) -> Iterator[bytes]:
    """Decode a body as a hit will do, a window at a time."""
    decoder = make_decoder(coding)
    if decoder is None:
        yield content
        return
    window = bytearray()
    for piece in BoundedDecoder(decoder, decoded_limit(len(content))).pieces(content, _WINDOW):
        window += piece
        if len(window) >= _WINDOW:
            yield bytes(window)
            window.clear()
    yield bytes(window)


def _windows(pieces: Iterable[bytes], encoding: str) -> Iterator[tuple[str, int]]:
    """Give the text of pieces, each with the end of the one before, and how much of it is new."""
    before = b""
    for piece in pieces:
        yield _decode(before + piece, encoding), len(piece)
        before = piece[-_OVERLAP:]


def _decode(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding, "replace")
    except (LookupError, ValueError, Warning):
        # requests takes it for UTF-8, too, if Python cannot use the encoding.
        return content.decode("utf-8", "replace")
