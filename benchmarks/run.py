"""Compare this project with other HTTP caches for requests, side by side.

    python benchmarks/run.py                   everything that runs in fifteen minutes
    python benchmarks/run.py hit miss          some parts
    python benchmarks/run.py hit --match 2-kb  some rows
    python benchmarks/run.py --quick           a first look, in a fifth of the time

Each subject has its own virtual environment and process. In every round the subjects take turns, so
that what the machine does meanwhile meets them all; ratios are made round by round.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

from environments import Environments
from fleet import Fleet
from machine import describe_machine
from parts import ON_REQUEST, PARTS
from parts.hit import Hits
from parts.http import StaleHits
from plot import as_svg
from publish import publish
from report import as_markdown, number
from results import Result
from row import Row
from runner import Effort, Run
from services import GIVEN, running_origin, running_redis
from subjects import SUBJECTS

__all__ = ["main"]

_CACHE = Path(__file__).with_name(".bench")
_QUICK = Effort(rounds=3, seconds=0.03)
_FULL = Effort(rounds=7, seconds=0.1)


def main() -> int:
    """Run what the command line asks for; 1 if something could not be measured."""
    arguments = _parse()
    rows = _chosen(arguments.parts, arguments.match)
    effort = _QUICK if arguments.quick else _FULL
    if arguments.rounds:
        effort = effort._replace(rounds=arguments.rounds)
    subjects = frozenset(arguments.subjects or SUBJECTS)
    folder: Path = arguments.folder
    folder.mkdir(parents=True, exist_ok=True)
    results = []
    with _running(folder, effort) as run:
        plainest: dict[str, list[float]] = {}
        for part, row in rows:
            result = run.measure(part, row, subjects)
            _set_beside(result, row, plainest)
            _show(result)
            results.append(result)
            _save(folder, results, {})
        about = describe_machine(run.fleet, effort)
    _save(folder, results, about)
    print(f"results are in {folder}/results.json, .md and .svg")
    if any(result.failures for result in results):
        print("something could not be measured: nothing is published")
        return 1
    if arguments.publish:
        publish(results, about)
    return 0


def _parse() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("parts", nargs="*", metavar="part", help=f"of: {', '.join(PARTS)}")
    parser.add_argument("--match", default="", help="only rows whose key contains this")
    parser.add_argument("--subjects", nargs="+", choices=SUBJECTS, help="only these")
    parser.add_argument("--rounds", type=int, help="how often each subject has its turn")
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--folder", type=Path, default=_CACHE, help="for environments and results")
    parser.add_argument("--publish", action="store_true", help="put the results into the docs")
    arguments = parser.parse_args()
    unknown = set(arguments.parts) - PARTS.keys()
    if unknown:
        parser.error(f"unknown part {', '.join(unknown)}: choose of {', '.join(PARTS)}")
    if not _chosen(arguments.parts, arguments.match):
        keys = ", ".join(row.key for _, row in _chosen(arguments.parts, ""))
        parser.error(f"--match {arguments.match!r} is in no key; there are {keys}")
    return arguments


def _chosen(parts: list[str], match: str) -> list[tuple[str, Row]]:
    names = parts or [name for name in PARTS if name not in ON_REQUEST]
    return [(name, row) for name in names for row in PARTS[name] if match in row.key]


@contextmanager
def _running(folder: Path, effort: Effort) -> Iterator[Run]:
    """Start the servers and the fleet, and end them."""
    with ExitStack() as stack:
        origin = stack.enter_context(running_origin())
        redis = stack.enter_context(running_redis(folder))
        services = {name: os.environ[var] for name, var in GIVEN.items() if var in os.environ}
        if redis:
            services["redis"] = redis
        fleet = stack.enter_context(closing(Fleet(Environments(folder / "environments"), folder)))
        yield Run(fleet, folder, origin, services, effort)


def _set_beside(result: Result, row: Row, plainest: dict[str, list[float]]) -> None:
    """Set a hit beside our plainest one of the same store, which is the first row of each."""
    store = row.options.get("store")
    if store is None or not issubclass(row.task, Hits | StaleHits):
        return
    if row.key == f"hit-2-kb-{store}":
        plainest[store] = result.values.get("ours", [])
    result.plainest = plainest.get(store, [])


def _show(result: Result) -> None:
    """Print a row as soon as it is known."""
    shown = [f"{name} {number(result.median(name), result.unit)}" for name in result.values]
    ratio = result.ratio(result.ours, result.reference)
    beside = result.of_plainest
    times = f"  {ratio.middle:.1f}x" if ratio else ""
    times += f"  {beside.middle:.2f} of the plainest" if beside else ""
    times += f"  {result.verdict}"
    print(f"{result.title}: {', '.join(shown)}{times}", flush=True)
    for name, reason in result.failures.items():
        print(f"    {name}: {reason}", flush=True)


def _save(folder: Path, results: list[Result], about: dict[str, str]) -> None:
    fields = {"about": about, "rows": [result.to_json() for result in results]}
    (folder / "results.json").write_text(json.dumps(fields, indent=1) + "\n")
    (folder / "results.md").write_text(as_markdown(results))
    (folder / "results.svg").write_text(as_svg(results))


if __name__ == "__main__":
    sys.exit(main())
