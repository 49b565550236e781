"""The page that shows a cache: one HTML file, which loads nothing and executes nothing stored."""

from __future__ import annotations

from .writing import write_page

__all__ = ["write_page"]
