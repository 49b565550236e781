"""`check`: read everything, say what is wrong, and delete it if asked to."""

from __future__ import annotations

import sys

import click

from ..checking import check
from ..options import Opening, as_json, opened, with_cache
from ..output import NOTHING, bar, number_of, write_json, write_line

__all__ = ["check_command"]


@click.command("check")
@with_cache
@click.option("--repair", is_flag=True, help="Delete what is of no use.")
@as_json
def check_command(opening: Opening, repair: bool, as_json: bool) -> None:
    """Read everything in a cache, bodies too, and say what is damaged or leads nowhere.

    The exit status is 1 if something is wrong and was not repaired.
    """
    with opened(opening) as cache:
        with bar("Checking") as tell:
            problems = check(cache, tell)
        if as_json:
            write_json(problem._asdict() for problem in problems)
        for problem in () if as_json else problems:
            write_line(f"{problem.kind}  {problem.key[:64]}  {problem.why}")
        for problem in problems if repair else ():
            problem.repair(cache)
        ending = ", deleted" if repair and problems else ""
        click.echo(
            f"{number_of(len(cache), 'response')}, {number_of(len(problems), 'problem')}{ending}",
            err=True,
        )
    sys.exit(NOTHING if problems and not repair else 0)
