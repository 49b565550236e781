"""Whether a body can be decoded, found out while it is kept."""

from __future__ import annotations

from typing import Final, Self

from urllib3.exceptions import DecodeError

from ..models.raw_response import BoundedDecoder, decoded_limit, make_decoder

__all__ = ["TOO_LARGE", "UNDECODABLE", "Decoding"]

UNDECODABLE: Final = "undecodable"
TOO_LARGE: Final = "decodes-too-large"
"""Why a coded body is not stored, as `cache_status.detail` says it."""

# So much of what comes out is in memory at a time.
_PIECE: Final = 64 * 1024


class Decoding:
    """Decodes a body as a hit will do, and forgets what comes out.

    Whoever reads a body may decode it, or a part of it, or hand it on as it is. A body that nobody
    could read must not be stored in any of these cases, nor one that becomes so large that a store
    that says so would not be believed.

    Args:
        decoder: decodes the body; None if nothing can.
    """

    def __init__(self, decoder: BoundedDecoder | None) -> None:
        self._decoder = decoder
        self._came = 0
        self._refusal = None if decoder else UNDECODABLE

    @classmethod
    def of(cls, coding: str) -> Self | None:
        """Make one for a `Content-Encoding`; None for codings that are left as they are."""
        try:
            decoder = make_decoder(coding)
        except DecodeError:
            return cls(None)
        return None if decoder is None else cls(BoundedDecoder(decoder, decoded_limit(0)))

    def add(self, data: bytes) -> None:
        """Decode the next bytes."""
        self._came += len(data)
        if self._decoder is not None:
            self._decoder.limit = decoded_limit(self._came)
            self._decode(self._decoder, data)

    def finish(self) -> str | None:
        """Decode what is left; give the reason if the body should not be stored."""
        if self._decoder is not None and self._came:
            self._decode(self._decoder, b"", is_end=True)
        return self._refusal if self._came else None

    def _decode(self, decoder: BoundedDecoder, data: bytes, *, is_end: bool = False) -> None:
        try:
            for _ in decoder.pieces(data, _PIECE):
                pass
            if is_end:
                decoder.flush()
        except Exception:  # noqa: BLE001  # each coding has errors of its own
            self._decoder = None
            self._refusal = TOO_LARGE if decoder.is_exhausted else UNDECODABLE
