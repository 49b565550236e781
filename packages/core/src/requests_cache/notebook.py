"""Facts as a person reads them: sizes, ages, and tables for notebooks."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

__all__ = ["age_text", "expiry_text", "size_text", "table"]

_UNITS: Final = (("d", 86400), ("h", 3600), ("min", 60), ("s", 1))


def table(caption: str, rows: Iterable[tuple[str, str]]) -> str:
    """Give rows of a name and a value as HTML; nothing of them is taken for markup."""
    cells = "".join(
        f'<tr><th scope="row" style="text-align:left">{escape(name)}</th>'
        f'<td style="text-align:left">{escape(value)}</td></tr>'
        for name, value in rows
    )
    return f"<table><caption>{escape(caption)}</caption><tbody>{cells}</tbody></table>"


def size_text(size: float) -> str:
    """Give a number of bytes as a person reads it."""
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:
            return f"{size:.0f} {unit}" if unit == "B" else f"{size:.3g} {unit}"
        size /= 1000
    return f"{size:.3g} TB"


def age_text(seconds: float) -> str:
    """Give a duration in the largest unit that it reaches; none is shorter than 0 s."""
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds / length:.0f} {unit}"
    return "0 s"


def expiry_text(ttl: float | None) -> str:
    """Say when something expires that has so many seconds left; None for never."""
    if ttl is None:
        return "never"
    return f"in {age_text(ttl)}" if ttl > 0 else f"{age_text(-ttl)} ago"
