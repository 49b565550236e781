"""How requests are compared, said as to version 1: a function that makes keys, and a list of names.

Both take and do what they did there.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from requests import PreparedRequest


def call_key_fn(
    key_fn: Callable[..., object], request: PreparedRequest, arguments: dict[str, Any]
) -> str:
    """Give the key that a function of the caller's makes; of `arguments` it gets what it takes."""
    return str(key_fn(request, **_taken(key_fn, arguments)))


def _taken(function: Callable[..., object], arguments: dict[str, Any]) -> dict[str, Any]:
    """Give those of the arguments that a function takes."""
    try:
        names = _names(function)
    except TypeError:
        # It cannot be remembered by what it is.
        names = _names.__wrapped__(function)
    if names is None:
        return arguments
    return {name: value for name, value in arguments.items() if name in names}


@lru_cache(16)
def _names(function: Callable[..., object]) -> frozenset[str] | None:
    """Give the names of what a function takes; None for any. Looking takes as long as a hit."""
    try:
        parameters = signature(function).parameters
    except (TypeError, ValueError):
        # A function in C may not say what it takes.
        return frozenset()
    if any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values()):
        return None
    return frozenset(parameters)


# A list of names that tells when it is changed: `settings.ignored_parameters.append("page")`

_CHANGES = (
    "__delitem__",
    "__iadd__",
    "__setitem__",
    "append",
    "clear",
    "extend",
    "insert",
    "pop",
    "remove",
)


class WatchedNames(list[str]):
    """A list that hands a copy of itself on with each change."""

    def __init__(self, names: Iterable[str], then: Callable[[list[str]], object]) -> None:
        super().__init__(names)
        self._then = then

    def __reduce__(self) -> tuple[Any, ...]:
        """Copy and pickle it as a plain list."""
        return list, (list(self),)


def _telling(change: Callable[..., Any]) -> Callable[..., Any]:
    def method(names: WatchedNames, *args: Any) -> Any:
        result = change(names, *args)
        names._then(list(names))
        return result

    return method


for _name in _CHANGES:
    setattr(WatchedNames, _name, _telling(getattr(list, _name)))
