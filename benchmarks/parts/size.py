"""What an installation adds to the disk beyond requests and what requests needs."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

from row import Goal, Row, Sample, Task, Unit

__all__ = ["ROWS", "Size"]

_REQUESTS = {"requests", "urllib3", "idna", "certifi", "charset-normalizer"}
# What makes the environment itself, and a client that other parts need.
_BESIDE = {"pip", "setuptools", "redis"}
_BYTECODE = ".pyc"


class Size(Task):
    """Look at what is installed in this environment. Option: what (size, distributions)."""

    def run(self, seconds: float) -> Sample:
        """Add up, without bytecode."""
        added = [each for each in distributions() if each.name.lower() not in _REQUESTS | _BESIDE]
        if self.options["what"] == "distributions":
            return Sample(len(added))
        return Sample(sum(map(_size, added)) / 1_000_000)


def _size(distribution: Distribution) -> int:
    files = (Path(str(file.locate())) for file in distribution.files or ())
    kept = (path for path in files if path.suffix != _BYTECODE and path.is_file())
    return sum(path.stat().st_size for path in kept)


def _row(what: str, title: str, unit: Unit, goal: Goal | None) -> Row:
    subjects = ("ours_bare", "upstream_bare", "cachecontrol", "hishel", "diskcache")
    return Row(
        f"size-{what}",
        title,
        unit,
        Size,
        {"what": what},
        goal,
        subjects,
        reference="upstream_bare",
        rounds=1,
    )


ROWS = (
    _row("size", "installed beyond requests", Unit.MEGABYTES, Goal(1.0, 0.6, to="number")),
    _row("distributions", "distributions beyond requests", Unit.COUNT, None),
)
