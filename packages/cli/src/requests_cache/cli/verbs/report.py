"""`report`: a page to look at a cache with."""

from __future__ import annotations

from pathlib import Path

import click

from ..options import Choice, Opening, choosing, opened, with_cache
from ..output import bar, number_of, written
from ..page.writing import write_page


@click.command("report")
@with_cache
@choosing
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path, allow_dash=True),
    required=True,
    help="HTML file to write; - for the output.",
)
@click.option(
    "--details",
    type=click.IntRange(0),
    default=500,
    show_default=True,
    metavar="N",
    help="For the N newest, put header fields and the beginning of the body into the page.",
)
def report_command(opening: Opening, choice: Choice, output: Path, details: int) -> None:
    """Write a page that shows a cache: totals, and a table to search, sort and open.

    It is one file, loads nothing from elsewhere, and executes nothing that was stored.
    """
    with opened(opening) as cache, written(output) as file, bar("Reading") as tell:
        title = Path(cache.cache_name).name
        count = write_page(
            cache, choice.find(cache), file, title=title, details=details, progress=tell
        )
    click.echo(f"{number_of(count, 'response')} in {output}", err=True)
