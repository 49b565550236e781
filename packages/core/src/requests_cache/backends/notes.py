"""Small values that a cache keeps beside its responses, in the storage of redirects."""

from __future__ import annotations

__all__ = ["NOTE_PREFIX"]

NOTE_PREFIX = "note:"
"""Keys of what is no redirect; the key of a request has no colon."""
