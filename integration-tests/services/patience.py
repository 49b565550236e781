"""How long a store waits for its server where a test is not about waiting.

The stores give up after 2 to 5 s, and where the machine is busy a server may take longer.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from importlib import import_module
from typing import Any, Final

__all__ = ["patient_options"]

_SECONDS: Final = 30


def patient_options(backend: str) -> dict[str, Any]:
    """Give the options with which a store waits half a minute for its server, if it has one."""
    return _OPTIONS.get(backend, dict)()


def _of_dynamodb() -> dict[str, Any]:
    make = import_module("botocore.config").Config
    return {"config": make(connect_timeout=_SECONDS, read_timeout=_SECONDS)}


_OPTIONS: Final[Mapping[str, Callable[[], dict[str, Any]]]] = {
    "redis": lambda: {"socket_timeout": _SECONDS, "socket_connect_timeout": _SECONDS},
    "mongodb": lambda: {"timeoutMS": 1000 * _SECONDS},
    "gridfs": lambda: {"timeoutMS": 1000 * _SECONDS},
    "dynamodb": _of_dynamodb,
}
