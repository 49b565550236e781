"""What becomes of a body while somebody else reads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .._store.single_flight import Flight
    from .decoding import Decoding
    from .spool import Spool

__all__ = ["Watch"]


class Watch:
    """Keeps what is read of a body; it ends once, when all was read or nobody can read on.

    The `raw` that is read owns it, and it refers to no response: so a response that is dropped
    unread is freed at once, and that is an end, too.

    Args:
        spool: keeps the body.
        settle: called at the end; says whether the body was stored. Look at `spool.refusal` there.
        decoding: finds out whether the body can be decoded; None if it carries no coding.
    """

    def __init__(
        self, spool: Spool, settle: Callable[[Spool], bool], decoding: Decoding | None = None
    ) -> None:
        self._spool = spool
        self._settle: Callable[[Spool], bool] | None = settle
        self._decoding = decoding
        self._flights: list[Flight] = []
        self._is_stored = False

    @property
    def is_over(self) -> bool:
        """Say whether it has ended."""
        return self._settle is None

    def keep(self, data: bytes) -> None:
        """Keep the next piece."""
        if not data or self._settle is None:
            return
        try:
            self._spool.add(data)
            if self._decoding is not None and self._spool.refusal is None:
                self._decoding.add(data)
        except BaseException:
            self.give_up()
            raise

    def end(self) -> None:
        """Take note that the last byte was read."""
        if self._settle is not None and self._decoding is not None:
            reason = self._decoding.finish()
            if reason is not None:
                self._spool.drop(reason)
        self._finish()

    def break_off(self) -> None:
        """Take note that no more of the body comes."""
        if self._spool.keeps_beginning and self._spool.size:
            self._finish()
        self.give_up()

    def give_up(self, reason: str = "interrupted") -> None:
        """Take note that the body will not be read to its end, or cannot be followed."""
        if self._settle is not None:
            self._spool.drop(reason)
            self._finish()

    def _finish(self) -> None:
        settle, self._settle = self._settle, None
        if settle is None:
            return
        try:
            self._is_stored = settle(self._spool)
        finally:
            for flight in self._flights:
                flight.land(self._is_stored)

    def land(self, flight: Flight) -> None:
        """Land a flight at the end, which may have come."""
        if self.is_over:
            flight.land(self._is_stored)
        else:
            flight.hand_over()
            self._flights.append(flight)

    def __del__(self) -> None:
        """Give up: nobody can read a body that is forgotten."""
        self.give_up()
