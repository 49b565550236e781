"""There is nothing here but what says so: version 1 decided in this module."""

from __future__ import annotations

from .. import _door

__getattr__ = _door(__name__)
