"""A call of a store that runs while the caller does something else."""

from __future__ import annotations

from collections.abc import Callable
from threading import Thread, current_thread
from typing import Generic, TypeVar

from .forking import make_turn

__all__ = ["Background"]

_T = TypeVar("_T")


class Background(Generic[_T]):
    """Runs a function in a thread of its own, from now on.

    Moving a megabyte is work that is done without Python's lock, here or in a server, so both have
    something to do at the same time. To start a thread takes a small part of the time of that.
    Where none can be started, the function runs when its result is asked for.

    Args:
        run: function without arguments.
    """

    def __init__(self, run: Callable[[], _T]) -> None:
        self._work = run
        self._results: list[_T] = []
        self._error: BaseException | None = None
        self._turn = make_turn()
        self._thread: Thread | None = Thread(target=self._run, name="requests-cache meanwhile")
        try:
            self._thread.start()
        except RuntimeError:
            self._thread = None

    def _run(self) -> None:
        try:
            with self._turn:
                self._results.append(self._work())
        except BaseException as error:  # noqa: BLE001  # `result` raises it where it is asked for
            self._error = error

    def wait(self) -> None:
        """Wait for the end, whatever it is; not in the thread itself.

        There the garbage collector may close a forgotten body.
        """
        if self._thread is not None and self._thread is not current_thread():
            self._thread.join()

    def result(self) -> _T:
        """Wait for the end; give what the function gave, or raise what it raised."""
        self.wait()
        if self._error is not None:
            raise self._error
        # After a fork the thread has ended here, and gives its result to the parent.
        return self._results[0] if self._results else self._work()
