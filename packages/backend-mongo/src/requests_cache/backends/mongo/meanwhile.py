"""A request to the server that runs while the caller does something else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread
from typing import Generic, TypeVar

__all__ = ["Meanwhile"]

_T = TypeVar("_T")


class Meanwhile(Generic[_T]):
    """Runs a function in a thread of its own, from now on.

    Moving a large message is work for this process and for the server, so both have something to do
    at the same time. To start a thread takes a hundredth of the time of such a message.

    Args:
        run: function without arguments.
    """

    def __init__(self, run: Callable[[], _T]) -> None:
        self._work = run
        self._results: list[_T] = []
        self._error: BaseException | None = None
        self._thread = Thread(target=self._run, name="requests-cache-mongo")
        self._thread.start()

    def _run(self) -> None:
        try:
            self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001  # `result` raises it where it is asked for
            self._error = error

    def wait(self) -> None:
        """Wait for the end, whatever it is."""
        self._thread.join()

    def result(self) -> _T:
        """Wait for the end; give what the function gave, or raise what it raised."""
        self.wait()
        if self._error is not None:
            raise self._error
        # After a fork the thread has ended here, and gives its result to the parent.
        return self._results[0] if self._results else self._work()
