"""The table on the terminal: plain text, in colour where a person is looking."""

from __future__ import annotations

import os
import sys
from urllib.parse import urlsplit

from .visit import Visit

__all__ = ["print_heading", "print_note", "print_row", "print_stored", "size_of"]

_COLOURS = {
    "hit": "32",
    "revalidated": "36",
    "stale": "35",
    "expired": "33",
    "miss": "33",
    "error": "31",
}
_BOLD, _FAINT = "1", "2"


def print_heading(text: str) -> None:
    """Print what the next rows are about, and the names of the columns."""
    print()
    print(_paint(text, _BOLD))
    columns = f"  {'request':<24} {'cache':<12} {'origin':<9} {'status':>6} {'size':>9} {'time':>9}"
    print(_paint(f"{columns}   why", _FAINT))


def print_row(visit: Visit, why: str = "") -> None:
    """Print one request."""
    outcome = _paint(f"{visit.outcome:<12}", _COLOURS[visit.outcome])
    size = size_of(visit.size) if visit.size else "-"
    print(
        f"  {_short(visit.url, 24):<24} {outcome} {visit.origin or '-':<9} {visit.status:>6}"
        f" {size:>9} {_duration(visit.seconds):>9}   {_paint(visit.error or why, _FAINT)}".rstrip(),
        # A second process writes to the same terminal.
        flush=True,
    )


def print_stored(url: str, size: int, expires: str, key: str) -> None:
    """Print one stored response."""
    shown_key = _paint(f"key {key[:12]}...", _FAINT)
    print(f"  {_short(url, 40):<40} {size_of(size):>9}   {expires:<20} {shown_key}")


def print_note(text: str) -> None:
    """Print a line of text, and an empty one before it."""
    print(f"\n{text}", flush=True)


def size_of(size: float) -> str:
    """Give a number of bytes as a person reads it."""
    for unit in ("B", "kB", "MB"):
        if size < 1000:
            return f"{size:.3g} {unit}" if unit != "B" else f"{size:.0f} B"
        size /= 1000
    return f"{size:.3g} GB"


def _duration(seconds: float) -> str:
    milliseconds = seconds * 1000
    return f"{milliseconds:.2f} ms" if milliseconds < 10 else f"{milliseconds:.0f} ms"


def _short(url: str, width: int) -> str:
    """Leave out what is the same in every row, and the middle of what is too long."""
    parts = urlsplit(url)
    shown = url if parts.hostname != "127.0.0.1" else parts.path or "/"
    shown = shown.removeprefix("https://")
    if len(shown) <= width:
        return shown
    return f"{shown[: width - 11]}...{shown[-8:]}"


def _paint(text: str, colour: str) -> str:
    return f"\x1b[{colour}m{text}\x1b[0m" if text and _is_coloured() else text


def _is_coloured() -> bool:
    # https://no-color.org and https://force-color.org: any value that is not empty.
    if os.environ.get("NO_COLOR"):
        return False
    return bool(os.environ.get("FORCE_COLOR")) or sys.stdout.isatty()
