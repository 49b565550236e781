"""The plot: how many times faster than requests-cache 1.3.3, on a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from xml.sax.saxutils import escape

from results import MOST_TIMES, Ratio, Result
from row import Unit

__all__ = ["as_svg"]

_WIDTH, _LEFT, _RIGHT, _LINE, _TOP = 980, 370, 70, 26, 56
_STYLE = (
    "text{font:13px system-ui,sans-serif;fill:#444}"
    ".title{font-weight:600;font-size:15px}.tick{font-size:11px;fill:#888}"
    ".grid{stroke:#8884;stroke-width:1}.ours{fill:#2563eb}.slow{fill:#dc2626}"
    ".spread{stroke:#1e3a8a;stroke-width:2}.must{stroke:#d97706;stroke-width:2}"
    ".peer{fill:#888;stroke:#fff}"
    "@media(prefers-color-scheme:dark){text{fill:#ccc}.spread{stroke:#bfdbfe}}"
)


def as_svg(results: Iterable[Result]) -> str:
    """Draw a bar for each row that has a ratio; without one the plot is empty."""
    rows = [(result, ratio) for result in results if (ratio := _ratio(result))]
    height = _TOP + _LINE * len(rows) + 30
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}" role="img">',
        f"<title>Times faster than requests-cache 1.3.3</title><style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="20">Times faster than requests-cache 1.3.3</text>',
        f'<text class="tick" x="{_LEFT}" y="38">bar: median, with quartiles; '
        "dot: best other cache; orange: goal; red: missed</text>",
        *_grid(height),
    ]
    for index, (result, ratio) in enumerate(rows):
        parts += _bar(result, ratio, _TOP + _LINE * index)
    return "\n".join([*parts, "</svg>", ""])


def _ratio(result: Result) -> Ratio | None:
    # That nobody waits for others is shown by a limit, not by being faster.
    if result.unit is Unit.COUNT or result.part == "stampede":
        return None
    return result.ratio(result.ours, result.reference)


def _x(times: float) -> float:
    share = math.log10(min(max(times, 1.0), MOST_TIMES)) / math.log10(MOST_TIMES)
    return round(_LEFT + share * (_WIDTH - _LEFT - _RIGHT), 1)


def _grid(height: int) -> list[str]:
    lines = []
    for times in (1, 3, 10, 30, 100, 300, 1000):
        x = _x(times)
        lines.append(f'<path class="grid" d="M{x} {_TOP - 8}V{height - 24}"/>')
        lines.append(
            f'<text class="tick" x="{x}" y="{height - 8}" text-anchor="middle">{times}x</text>'
        )
    return lines


def _bar(result: Result, ratio: Ratio, top: int) -> list[str]:
    middle = top + 9
    end = _x(ratio.middle)
    missed = result.verdict == "missed"
    parts = [
        f'<text x="{_LEFT - 10}" y="{middle + 5}" text-anchor="end">{escape(result.title)}</text>',
        f'<rect class="{"slow" if missed else "ours"}" x="{_LEFT}" y="{top}" rx="2"'
        f' width="{end - _LEFT:.1f}" height="18"/>',
        f'<path class="spread" d="M{_x(ratio.low)} {middle}H{_x(ratio.high)}"/>',
        f'<text x="{max(end, _x(ratio.high)) + 8}" y="{middle + 5}">{ratio.middle:.3g}x</text>',
    ]
    if result.goal is not None and result.goal.to == "reference":
        parts.append(f'<path class="must" d="M{_x(result.goal.must)} {top - 2}v22"/>')
    peer = result.best_peer
    beside = None if peer is None else result.ratio(peer, result.reference)
    if beside is not None and peer != result.reference:
        parts.append(f'<circle class="peer" cx="{_x(beside.middle)}" cy="{middle}" r="5"/>')
    return parts
