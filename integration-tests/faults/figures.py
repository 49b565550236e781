"""How long the tests run, and the table of what they found."""

from __future__ import annotations

import os
import sys

__all__ = ["IS_LONG", "KILLS", "MIXED_SECONDS", "OUTAGE_SECONDS", "report"]

IS_LONG = os.environ.get("TORTURE") == "1"
"""`TORTURE=1` is the long form, as `hatch run torture` runs it."""
MIXED_SECONDS = 60.0 if IS_LONG else 2.0
KILLS = 200 if IS_LONG else 15
OUTAGE_SECONDS = 10.0 if IS_LONG else 1.0

_rows: list[tuple[str, str]] = []


def report(what: str, **figures: object) -> None:
    """Note a row of the table."""
    _rows.append((what, ", ".join(f"{name} {value}" for name, value in figures.items())))


def print_table() -> None:
    """Print what was noted, past pytest's capturing."""
    if _rows:
        print("\n\n| test | figures |\n|---|---|", file=sys.__stdout__)
        for what, figures in _rows:
            print(f"| {what} | {figures} |", file=sys.__stdout__)
