"""`doctor`: what people do wrong with an installation and with a cache, and what to do instead."""

from __future__ import annotations

import sys

import click

from ..diagnosis import Finding, look_at_cache, look_at_installation
from ..options import Opening, as_json, opened
from ..output import NOTHING, paint, write_json, write_line

__all__ = ["doctor_command"]

_COLOURS = {"problem": "red", "advice": "yellow", "fine": "green"}


@click.command("doctor")
@click.argument("cache", metavar="[CACHE]", required=False)
@as_json
def doctor_command(cache: str | None, as_json: bool) -> None:
    """Look for what people do wrong: with the installation, and with a cache if one is named.

    The exit status is 1 if there is a problem; advice alone is no problem.
    """
    findings = list(look_at_installation())
    if cache is not None:
        with opened(Opening(cache, {})) as found:
            findings += look_at_cache(found)
    if as_json:
        write_json(finding._asdict() for finding in findings)
    for finding in () if as_json else findings:
        _show(finding)
    sys.exit(NOTHING if any(finding.level == "problem" for finding in findings) else 0)


def _show(finding: Finding) -> None:
    write_line(f" {finding.text}", paint(f"{finding.level:<8}", _COLOURS[finding.level]))
    if finding.next_step:
        write_line(f"         {finding.next_step}")
