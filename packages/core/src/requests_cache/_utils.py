"""Helpers that programs have taken from the inside of version 1, or what to use in their place."""

from __future__ import annotations

from typing import Any

from .backends.factory import get_valid_kwargs

__all__ = ["get_valid_kwargs"]


def __getattr__(name: str) -> Any:
    from ._earlier.names import find

    return find(__name__, name)
