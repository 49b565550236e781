"""`delete`, `prune` and `compact`: less in a cache, after a look at what will go."""

from __future__ import annotations

import sys
from typing import Any

import click
from requests_cache.backends import BaseCache
from requests_cache.notebook import size_text

from ..options import Choice, Opening, choosing, find_named, opened, with_cache
from ..output import NOTHING, bar, number_of, write_line
from .check import check

_SHOWN = 10

_yes = click.option("-y", "--yes", is_flag=True, help="Do not ask.")
_dry_run = click.option("-n", "--dry-run", is_flag=True, help="Only show what would be deleted.")


@click.command("delete")
@with_cache
@click.argument("names", metavar="[URL|KEY]...", nargs=-1)
@choosing
@click.option("--all", "everything", is_flag=True, help="Delete everything.")
@_yes
@_dry_run
def delete_command(
    opening: Opening,
    names: tuple[str, ...],
    choice: Choice,
    everything: bool,
    yes: bool,
    dry_run: bool,
) -> None:
    """Delete responses, with the redirects that lead to them.

    What would be deleted is shown, and you are asked, unless you say --yes.
    """
    if not (names or choice or everything):
        raise click.UsageError("say what to delete: URLs, keys, criteria such as --host, or --all")
    with opened(opening) as cache:
        found = _chosen(cache, names, choice, everything)
        if not found:
            click.echo("nothing is stored here that is so", err=True)
            sys.exit(NOTHING)
        _preview(found)
        if dry_run or not (yes or _agreed(len(found))):
            return
        with bar("Deleting"):
            if everything and not names and not choice:
                cache.clear()
            else:
                cache.delete(*(key for key, _, _ in found))
        click.echo(f"deleted {number_of(len(found), 'response')}", err=True)


def _chosen(
    cache: BaseCache, names: tuple[str, ...], choice: Choice, everything: bool
) -> list[tuple[str, str, int]]:
    """Give key, URL and size of what is meant, and of the variants that go with it."""
    found = [each for name in names for each in find_named(cache, name)]
    if choice or everything:
        with bar("Looking at responses") as tell:
            found += choice.find(cache, tell)
    chosen = {each.cache_key or "": (each.record.url, each.record.size) for each in found}
    siblings = {str(key) for each in found for key in each.record.fields.get("siblings", ())}
    for head in cache.select() if siblings - set(chosen) else ():
        if head.cache_key in siblings:
            chosen[head.cache_key] = (head.record.url, head.record.size)
    return [(key, url, size) for key, (url, size) in chosen.items()]


def _preview(found: list[tuple[str, str, int]]) -> None:
    for _, url, size in found[:_SHOWN]:
        write_line(f"  {size_text(size):>9}  {url}")
    if len(found) > _SHOWN:
        write_line(f"  and {len(found) - _SHOWN} more")
    total = size_text(sum(size for _, _, size in found))
    write_line(f"{number_of(len(found), 'response')}, {total} of bodies")


def _agreed(count: int) -> bool:
    if not sys.stdin.isatty():
        raise click.UsageError("nobody can be asked here: add --yes to delete, or --dry-run")
    return click.confirm(f"Delete {number_of(count, 'response')}?", err=True)


@click.command("prune")
@with_cache
@_yes
@_dry_run
def prune_command(opening: Opening, yes: bool, dry_run: bool) -> None:
    """Delete what is of no use: what has expired, what cannot be read, what leads nowhere."""
    with opened(opening) as cache:
        with bar("Looking at responses") as tell:
            expired = sum(1 for _ in cache.select(valid=False))
            damage = check(cache, tell)
        gone = number_of(expired, "response")
        write_line(f"{gone} expired, {len(damage)} of no use for other reasons")
        if dry_run or not (expired or damage) or not (yes or _agreed(expired + len(damage))):
            return
        cache.delete(expired=True, invalid=True)
        for problem in damage:
            problem.repair(cache)
        click.echo(f"{number_of(len(cache), 'response')} left", err=True)


@click.command("compact")
@with_cache
def compact_command(opening: Opening) -> None:
    """Give the disk space of what was deleted back; only SQLite keeps any."""
    with opened(opening) as cache:
        stores: Any = {id(each): each for each in (cache.responses, cache.redirects)}.values()
        vacuum = next((each.vacuum for each in stores if hasattr(each, "vacuum")), None)
        if vacuum is None:
            click.echo("this store gives space back by itself", err=True)
            return
        before = cache.size
        vacuum()
        click.echo(f"{size_text(before)} before, {size_text(cache.size)} now", err=True)
