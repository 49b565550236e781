"""The page that shows a cache: one HTML file, which loads nothing and executes nothing stored."""

from __future__ import annotations

__all__: list[str] = []
