"""The top, at the place where versions before 0.6 had it."""

from __future__ import annotations

from typing import Any

import requests_cache

__all__: list[str] = []


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(requests_cache, name)
