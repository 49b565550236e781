"""What every cache does, one concern a file."""

from __future__ import annotations

from .base import CacheTests

__all__ = ["CacheContract"]


class CacheContract(CacheTests):
    """The contract of a cache: subclass it as `Test...` and override the fixture `make_cache`."""
