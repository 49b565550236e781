"""`stats`: what is in a cache, added up."""

from __future__ import annotations

import json
from itertools import islice
from typing import Final

import click
from requests_cache.backends import BaseCache
from requests_cache.backends.kept_statistics import KeptStatistics
from requests_cache.notebook import age_text, size_text

from ..options import DURATION, Choice, Opening, as_json, choosing, opened, with_cache
from ..output import bar, console, number_of
from ..totals import Group, Totals, count_up, rates_of, said_of

_MOST: Final = 10


@click.command("stats")
@with_cache
@choosing
@click.option(
    "--since",
    type=DURATION,
    metavar="TIME",
    help="Hit rates of the last hours or days only: 12h, 7d.",
)
@as_json
def stats_command(opening: Opening, choice: Choice, since: float | None, as_json: bool) -> None:
    """Add up what is in a cache: by host, status, type and age; no body is read.

    Hit rates are shown where sessions keep them, with keep_statistics=True.
    """
    with opened(opening) as cache:
        totals = totals_of(cache, choice)
        kept = cache.kept_statistics(since)
    if as_json:
        click.echo(json.dumps({**totals.as_dict(), "kept": kept.as_dict()}, indent=2))
    else:
        _show(totals)
        _show_kept(kept)
        if since is not None and not kept.periods:
            click.echo(
                "no hit rates are kept here: keep_statistics=True of a session does", err=True
            )


def totals_of(cache: BaseCache, choice: Choice) -> Totals:
    """Give the totals of the responses that are meant."""
    with bar("Looking at responses") as tell:
        counted = count_up(cache, choice.find(cache, tell), cache.redirect_count(), 0)
    on_disk = hasattr(cache, "db_path") or hasattr(cache, "cache_dir")
    return counted._replace(stored_size=cache.size if on_disk else counted.size)


def _show(totals: Totals) -> None:
    terminal = console()
    terminal.print(
        f"{number_of(totals.responses, 'response')}, {size_text(totals.size)} of bodies"
        f" ({size_text(totals.stored_size)} stored), {totals.redirects} redirects"
    )
    terminal.print(f"{totals.expired} expired, {totals.never} never expire")
    if totals.oldest is not None and totals.newest is not None:
        terminal.print(
            f"received between {age_text(totals.oldest)} and {age_text(totals.newest)} ago"
        )
    if totals.invalid:
        terminal.print(f"{totals.invalid} cannot be read: `requests-cache check` says why")
    groups = {"Host": totals.hosts, "Status": totals.statuses, "Type": totals.types}
    for title, counted in (*groups.items(), ("Received", totals.ages)):
        _show_groups(title, counted)


def _show_kept(kept: KeptStatistics) -> None:
    if not kept.periods:
        return
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    console().print(said_of(kept))
    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column("When")
    for title in ("Requests", "Hits", "Saved"):
        table.add_column(title, justify="right")
    for name, requests, saved, rate in rates_of(kept)[-_MOST:]:
        table.add_row(name, str(requests), f"{rate:.0%}", size_text(saved))
    console().print(table)


def _show_groups(title: str, groups: dict[str, Group]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.markup import escape
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    table.add_column(title)
    table.add_column("Responses", justify="right")
    table.add_column("Bodies", justify="right")
    for name, group in islice(groups.items(), _MOST):
        table.add_row(escape(name), str(group.responses), size_text(group.size))
    if len(groups) > _MOST:
        table.add_row(f"and {len(groups) - _MOST} more", "", "")
    console().print(table)
