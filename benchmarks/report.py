"""Results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import groupby

from results import Ratio, Result
from row import Goal, Unit
from subjects import SUBJECTS

__all__ = ["as_markdown", "number"]

_MARKS = {"aim": "aim", "must": "must", "missed": "**missed**", "": ""}


def as_markdown(results: Iterable[Result]) -> str:
    """Give a table for each part, and below it what is missing and why."""
    blocks = []
    for part, group in groupby(results, key=lambda result: result.part):
        rows = list(group)
        blocks.append(f"### {part.capitalize()}\n\n{_table(rows)}\n{_failures(rows)}")
    return "\n".join(blocks)


def _table(results: list[Result]) -> str:
    others = [
        name
        for name in SUBJECTS
        if not name.startswith("ours") and any(result.values.get(name) for result in results)
    ]
    titles = ["", "ours", *(SUBJECTS[name].title for name in others)]
    lines = [_line([*titles, "ratio", "best peer", "of our plainest", "must / aim", ""])]
    lines.append(_line(["---", *["---:"] * (len(titles) + 2), "---:", "---"]))
    return "\n".join([*lines, *(_row(result, others) for result in results)]) + "\n"


def _row(result: Result, others: list[str]) -> str:
    ours = result.ours
    cells = [number(result.median(ours), result.unit)]
    cells += [number(result.median(name), result.unit) for name in others]
    peer = result.best_peer
    beside = _times(result.ratio(ours, peer)) if peer not in (None, result.reference) else ""
    goal = _goal(result.goal, result.unit)
    ratio = _times(result.ratio(ours, result.reference))
    plainest = _times(result.of_plainest)
    return _line([result.title, *cells, ratio, beside, plainest, goal, _MARKS[result.verdict]])


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"


def _times(ratio: Ratio | None) -> str:
    if ratio is None:
        return ""
    return f"{_short(ratio.middle)}x ({_short(ratio.low)}–{_short(ratio.high)})"  # noqa: RUF001  # a range


def _goal(goal: Goal | None, unit: Unit) -> str:
    if goal is None:
        return ""
    suffix = f" {unit.value}".rstrip() if goal.to == "number" else "x"
    return f"{goal.must:g}{suffix} / {goal.aim:g}{suffix}"


def number(value: float | None, unit: Unit) -> str:
    """Write a number with its unit, with about three digits."""
    return "" if value is None else f"{_short(value)} {unit.value}".rstrip()


def _short(value: float) -> str:
    if abs(value) >= 100 or value == int(value):
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _failures(results: list[Result]) -> str:
    lines = [
        f"- {result.title}: {SUBJECTS[name].title}: {reason}"
        for result in results
        for name, reason in result.failures.items()
    ]
    return "\nNot measured:\n\n" + "\n".join(lines) + "\n" if lines else ""
