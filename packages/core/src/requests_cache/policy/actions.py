"""There is nothing here but what says so: version 1 decided in this module."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from .. import _door

__getattr__: Callable[[str], Any] = _door(__name__)
