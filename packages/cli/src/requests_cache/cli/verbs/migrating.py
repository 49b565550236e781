"""`migrate`: a cache into one of another backend, also one of requests-cache 0.7 to 1.3."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Any, Final, TypeVar

import click
from requests_cache.backends import BaseCache
from requests_cache.migrate import Migrated, migrate
from requests_cache.migrate.legacy import holds_cache

from ..address import matching_of
from ..options import Opening, opened, with_cache
from ..output import NOTHING, bar, write_line

_F = TypeVar("_F", bound=Callable[..., Any])
_NOTHING_DONE: Final = Migrated(0, {})


def _as_migrate(command: _F) -> _F:
    """Give a command the options of `requests_cache.migrate.migrate`; it gets them as there."""
    options = (
        click.option("--trust-pickle", is_flag=True, help="Read their pickles."),
        click.option(
            "--cookies",
            type=click.Choice(["leave", "ignore"]),
            default="leave",
            help="ignore: copy what was fetched with a cookie as if it had been without.",
        ),
        click.option("--partition", metavar="NAME", help="Copy all, for its sessions."),
        click.option("--dry-run", is_flag=True, help="Store nothing, and say what would be."),
    )
    for option in reversed(options):
        command = option(command)
    return command


@click.command("migrate")
@with_cache
@click.argument("target", metavar="TARGET")
@_as_migrate
def migrate_command(opening: Opening, target: str, **options: Any) -> None:
    """Copy CACHE into TARGET, of whatever backend.

    CACHE may also be one of requests-cache 0.7 to 1.3: a SQLite file, a folder, or the URL of a
    server. For these are the options; what was fetched with a cookie or a credential is left out.
    """
    path = Path(opening.address)
    if _is_older(path):
        with _opened(Opening(target, opening.options), options) as cache:
            done = _migrate((path, None, None), cache, options)
    else:
        with opened(opening) as source, _opened(Opening(target, {}), options) as cache:
            click.echo(f"copied {_copy(source, cache, options)}", err=True)
            place = source.earlier_place
            # What is at a path was looked at above.
            done = _migrate(place, cache, options) if place and place[1] else _NOTHING_DONE
    if done != _NOTHING_DONE:
        _report(done)
    sys.exit(NOTHING if done.failed else 0)


def _is_older(path: Path) -> bool:
    """Say whether a file or folder is a cache that requests-cache 0.7 to 1.3 wrote."""
    if path.is_dir():
        return not (path / "responses").is_dir()
    try:
        return holds_cache(path)
    except sqlite3.Error:
        return False


def _opened(target: Opening, options: dict[str, Any]) -> AbstractContextManager[BaseCache]:
    """Open the target; a trial makes none, but compares requests as the target would."""
    if options["dry_run"]:
        return nullcontext(BaseCache(**matching_of(target.address)))
    return opened(target, create=True)


def _copy(source: BaseCache, target: BaseCache, options: dict[str, Any]) -> int:
    """Copy what can be read, and say how much that is."""
    if not options["dry_run"]:
        with bar("Copying") as tell:
            target.update(source, progress=tell)
    return sum(1 for _ in source.filter())


def _migrate(
    place: tuple[str | Path, str | None, Any], target: BaseCache, options: dict[str, Any]
) -> Migrated:
    source, backend, connection = place
    with bar("Copying") as tell:
        return migrate(
            source,
            target,
            backend=backend,
            connection=connection,
            progress=tell or False,
            **options,
        )


def _report(done: Migrated) -> None:
    for key, why in done.failed.items():
        write_line(f"not copied  {key}  {why}")
    for sign, count in done.left.items():
        write_line(f"left out    {count} with {sign}")
    click.echo(f"copied {done.copied}, not copied {len(done.failed)}", err=True)
