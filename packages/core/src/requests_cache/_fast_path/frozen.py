"""Values that stand for those of a call, which may be changed where they are."""

from __future__ import annotations

from typing import Any, Final

__all__ = ["freeze"]


def freeze(items: object) -> tuple[Any, ...] | None:
    """Give what stands for parameters or header fields of plain values; None for any others."""
    if items is None:
        return ()
    if type(items) is not dict:
        return None
    frozen: list[tuple[str, Any]] = []
    for name, value in items.items():
        if type(name) is not str:
            return None
        kept = value if type(value) in _AS_IT_IS else _freeze_value(value)
        if kept is None:
            return None
        frozen.append((name, kept))
    return tuple(frozen)


def _freeze_value(value: object) -> tuple[Any, ...] | None:
    """Give a value with its kind: True and 1.0 equal 1, and are sent as something else."""
    kind = type(value)
    if kind in _WITH_KIND:
        return kind, value
    if type(value) is not list and type(value) is not tuple:
        return None
    if not all(type(part) in _WITH_KIND for part in value):
        return None
    return kind, *((type(part), part) for part in value)


_AS_IT_IS: Final = frozenset({str, int})
_WITH_KIND: Final = frozenset({bool, bytes, float, str, int, type(None)})
