"""Calling a function that makes keys with what version 1 hands it."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["call_key_fn"]

_MOST_FUNCTIONS: Final = 16


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


@lru_cache(_MOST_FUNCTIONS)
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
