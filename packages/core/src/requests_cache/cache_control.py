"""Lifetimes as functions, at the place where version 0.7 had them; now `policy.expiration`."""

from __future__ import annotations

from typing import Any

from .policy import expiration
from .policy.expiration import *  # noqa: F403

__all__ = expiration.__all__


def __getattr__(name: str) -> Any:
    from ._earlier.names import find

    return find(__name__, name)
