"""What the tests of a contract have in common: what a failure says, and an end if a verb hangs."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import Any, ClassVar, TypeVar

import pytest

from .patience import within

__all__ = ["ContractTests", "advises", "slow"]

_Test = TypeVar("_Test", bound=Callable[..., object])
_HERE = __name__.rpartition(".")[0]


class ContractTests:
    """Base of all tests of a contract.

    What a test asserts is in its docstring; a failure shows it, and what to do.
    """

    advice: ClassVar[str] = "docs/writing-a-backend.md describes each verb"
    """What an author does about a failure, unless a test has advice of its own."""

    patience: ClassVar[float] = 60.0
    """How many seconds a test may take before it fails, and names the verb that does not end."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have the tests of this package say more when they fail."""
        super().__init_subclass__(**kwargs)
        if cls.__module__.startswith(_HERE):
            for name, test in list(vars(cls).items()):
                if name.startswith("test_"):
                    setattr(cls, name, _explained(test, cls.advice))

    @pytest.fixture(autouse=True)
    def _in_time(self) -> Iterator[None]:
        with within(self.patience):
            yield


def advises(text: str) -> Callable[[_Test], _Test]:
    """Say what an author does if this test fails."""

    def note(test: _Test) -> _Test:
        vars(test)["advice"] = text
        return test

    return note


def slow(test: _Test) -> _Test:
    """Mark a test that takes long: `-k "not slow"` leaves it out, as `-m` does with the plugin."""
    vars(test)["slow"] = True
    return test


def _explained(test: Callable[..., object], otherwise: str) -> Callable[..., object]:
    @functools.wraps(test)
    def run(*args: Any, **kwargs: Any) -> None:
        __tracebackhide__ = True
        try:
            test(*args, **kwargs)
        except pytest.skip.Exception:
            raise
        except BaseException as error:  # failures of pytest are no Exceptions
            error.add_note(f"The contract: {_in_one_line(test.__doc__)}")
            error.add_note(f"What to do: {vars(test).get('advice', otherwise)}.")
            raise

    return run


def _in_one_line(text: str | None) -> str:
    return " ".join((text or "").split())
