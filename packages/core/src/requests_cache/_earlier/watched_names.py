"""A list of names that tells when it is changed: `settings.ignored_parameters.append("page")`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

__all__ = ["WatchedNames"]

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
