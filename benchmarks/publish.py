"""Puts the results of a run where the documentation shows them."""

from __future__ import annotations

import json
from pathlib import Path

from plot import as_svg
from report import as_markdown
from results import Result

__all__ = ["publish"]

_ROOT = Path(__file__).parents[1]
_PAGE = _ROOT / "docs" / "performance.md"
_BEGIN, _END = "<!-- results -->\n", "<!-- end of results -->"


def publish(results: list[Result], about: dict[str, str]) -> None:
    """Write the tables into docs/performance.md, with the plot and the numbers beside it."""
    before, rest = _PAGE.read_text().split(_BEGIN, 1)
    after = rest.split(_END, 1)[1]
    measured = ", ".join(f"{name} {value}" for name, value in about.items())
    page = f"{before}{_BEGIN}\nMeasured with: {measured}.\n\n{as_markdown(results)}\n{_END}{after}"
    _PAGE.write_text(page)
    _PAGE.with_suffix(".svg").write_text(as_svg(results))
    fields = {"about": about, "rows": [result.to_json() for result in results]}
    (_ROOT / "benchmarks" / "results.json").write_text(json.dumps(fields, indent=1) + "\n")
