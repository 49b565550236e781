"""Lifetimes as functions, at the place where version 0.7 had them; now `policy.expiration`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import _door
from .policy import expiration
from .policy.expiration import *  # noqa: F403

__all__ = expiration.__all__
__getattr__: Callable[[str], Any] = _door(__name__)
