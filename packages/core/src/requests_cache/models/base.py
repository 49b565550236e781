"""There is nothing here but what says so: version 1 had the base of its models in this module."""

from __future__ import annotations

from typing import Any

from .._earlier.names import find


def __getattr__(name: str) -> Any:
    return find(__name__, name)
