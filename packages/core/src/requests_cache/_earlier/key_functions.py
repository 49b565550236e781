"""Calling a function that makes keys with what version 1 hands it."""

from __future__ import annotations

from collections.abc import Callable
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["call_key_fn"]


def call_key_fn(
    key_fn: Callable[..., object], request: PreparedRequest, arguments: dict[str, Any]
) -> str:
    """Give the key that a function of the caller's makes; of `arguments` it gets what it takes."""
    return str(key_fn(request, **_taken(key_fn, arguments)))


def _taken(function: Callable[..., object], arguments: dict[str, Any]) -> dict[str, Any]:
    """Give those of the arguments that a function takes."""
    try:
        parameters = signature(function).parameters
    except (TypeError, ValueError):
        # A function in C may not say what it takes.
        return {}
    if any(each.kind is Parameter.VAR_KEYWORD for each in parameters.values()):
        return arguments
    return {name: value for name, value in arguments.items() if name in parameters}
