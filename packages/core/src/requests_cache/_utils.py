"""Helpers that programs have taken from the inside of version 1, or what to use in their place."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _door
from .backends.registry import get_valid_kwargs

__all__ = ["get_valid_kwargs"]
__getattr__: Callable[[str], Any] = _door(__name__)
