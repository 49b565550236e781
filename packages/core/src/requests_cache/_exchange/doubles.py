"""What an adapter gives in the place of a response, such as a test double."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain, repeat
from typing import Any, Final

from requests import Response

from .._matching.owner import lines

_READ: Final = ("headers", "cookies", "history")
# Of these None is no sign of a double.
_SAID: Final = ("url", "request", "reason", "encoding", "_content")


class DoubleError(Exception):
    """Raised where the cache would go on with an answer that is only handed to the caller."""

    def __init__(self, answer: Response) -> None:
        super().__init__("the answer is no response of requests")
        self.answer = answer


def is_double(answer: Any) -> bool:
    """Say whether an answer lacks what a response of requests has, or has it of another type.

    requests itself looks at little of it, so a mock of three attributes does for a program's tests.
    """
    if not issubclass(type(answer), Response):
        return True
    for name in _READ:
        if getattr(answer, name, None) is None:
            return True
    if not all(map(hasattr, repeat(answer), _SAID)):
        return True
    return not (
        isinstance(answer.status_code, int)
        and isinstance(answer.url, str | None)
        and isinstance(answer.encoding, str | None)
        and all(issubclass(kind, str) for kind in _kinds_of(answer.headers))
    )


def _kinds_of(headers: Mapping[str, Any]) -> set[type]:
    """Give the types of the names and values of header fields."""
    return set(map(type, chain.from_iterable(lines(headers))))
