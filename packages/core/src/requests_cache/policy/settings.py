"""The settings of a session, at the place where version 1 had them."""

from __future__ import annotations

from .._earlier import constants
from .._earlier.constants import *  # noqa: F403
from ..settings import CacheSettings

__all__ = ["CacheSettings"]
__all__ += constants.__all__
