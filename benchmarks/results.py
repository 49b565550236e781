"""Numbers of a run: medians, ratios round by round, and whether goals were met."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from statistics import median, quantiles
from typing import Any

from row import Goal, Row, Sample, Unit

__all__ = ["MOST_TIMES", "Ratio", "Result", "value_of"]

MOST_TIMES = 1000.0
"""No ratio is greater."""
_SCALES = {Unit.MICROSECONDS: 1e6, Unit.MILLISECONDS: 1e3}


def value_of(unit: Unit, samples: Sequence[Sample]) -> float:
    """Make one number of what the members of a subject did in a round."""
    if unit in _SCALES:
        (sample,) = samples
        return (sample.end - sample.start) / sample.amount * _SCALES[unit]
    if unit is Unit.PER_SECOND:
        # Members that did nothing that counts were there to be in the way.
        counted = [sample for sample in samples if sample.amount]
        taken = max(s.end for s in counted) - min(s.start for s in counted)
        return sum(sample.amount for sample in counted) / taken
    return samples[0].amount


@dataclass
class Ratio:
    """How many times better one subject is than another, with the spread between rounds."""

    middle: float
    low: float
    high: float


@dataclass
class Result:
    """What was measured in one row."""

    part: str
    key: str
    title: str
    unit: Unit
    goal: Goal | None
    reference: str
    values: dict[str, list[float]] = field(default_factory=dict)
    """Subject -> value of each round; the same index is the same round."""
    failures: dict[str, str] = field(default_factory=dict)
    """Subject -> why it has no values."""
    plainest: list[float] = field(default_factory=list)
    """What our plainest hit of the same store took in the same run, if this row is a hit."""

    @classmethod
    def of(cls, part: str, row: Row) -> Result:
        """Begin with a row."""
        return cls(part, row.key, row.title, row.unit, row.goal, row.reference)

    def to_json(self) -> dict[str, Any]:
        """Give the fields as JSON has them."""
        return {**vars(self), "unit": self.unit.value}

    def median(self, subject: str) -> float | None:
        """Give the median of a subject's rounds."""
        values = self.values.get(subject)
        return median(values) if values else None

    def ratio(self, subject: str, other: str) -> Ratio | None:
        """Give how many times better `subject` is than `other`, compared round by round."""
        ours, theirs = self.values.get(subject), self.values.get(other)
        if not ours or not theirs:
            return None
        if self.unit.more_is_better:
            ours, theirs = theirs, ours
        ratios = [_times(a, b) for a, b in zip(ours, theirs, strict=False)]
        low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        return Ratio(median(ratios), low, high)

    @property
    def of_plainest(self) -> Ratio | None:
        """Give how many times as long as our plainest hit of the same store ours takes."""
        ours = self.values.get("ours")
        if not ours or not self.plainest:
            return None
        plainest = median(self.plainest)
        ratios = [value / plainest for value in ours]
        low, _, high = quantiles(ratios, n=4) if len(ratios) > 1 else ratios * 3
        return Ratio(median(ratios), low, high)

    @property
    def ours(self) -> str:
        """Name the subject that stands for this project in this row."""
        return "ours" if self.values.get("ours") else "ours_bare"

    @property
    def best_peer(self) -> str | None:
        """Name the best of the other caches in this row."""
        peers = {n: self.median(n) for n in self.values if n not in _NO_PEERS}
        known = {name: value for name, value in peers.items() if value is not None}
        pick = max if self.unit.more_is_better else min
        return pick(known, key=lambda name: known[name]) if known else None

    @property
    def verdict(self) -> str:
        """Say "aim", "must" or "missed"; nothing without a goal or without a number."""
        if self.goal is None:
            return ""
        must, aim = self.goal.must, self.goal.aim
        if self.goal.to == "reference":
            ratio = self.ratio(self.ours, self.reference)
            reached = None if ratio is None else (ratio.middle >= must, ratio.middle >= aim)
        else:
            beside = self.of_plainest
            value = self.median(self.ours)
            if self.goal.to == "plainest":
                value = None if beside is None else beside.middle
            reached = None if value is None else (value <= must, value <= aim)
        if reached is None:
            return ""
        return "aim" if reached[1] else "must" if reached[0] else "missed"


def _times(ours: float, theirs: float) -> float:
    """Say how many times less one is; it may be less than nothing, as what a miss adds."""
    return min(theirs / ours, MOST_TIMES) if ours > 0 else MOST_TIMES


# diskcache is no HTTP cache, the floor no cache at all.
_NO_PEERS = frozenset({"ours", "ours_bare", "diskcache", "floor"})
