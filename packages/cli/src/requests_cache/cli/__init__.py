"""The command `requests-cache`: look into a cache, and keep it in order."""

from __future__ import annotations

__all__: list[str] = []
