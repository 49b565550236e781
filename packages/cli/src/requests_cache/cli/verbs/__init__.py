"""The verbs of the command, a file for those that belong together."""

from __future__ import annotations

__all__: list[str] = []
