"""`export` and `import`: responses into another form, and out of it."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from requests_cache.expiration import absolute_expiration

from ..har import export_har, import_har
from ..options import DURATION, Choice, Opening, choosing, opened, with_cache
from ..output import NOTHING, bar, shown, write_line, written
from ..warc import export_warc, import_warc, is_warc

_FILE = click.Path(dir_okay=False, path_type=Path, allow_dash=True)


@click.command("export")
@with_cache
@choosing
@click.option("-o", "--output", type=_FILE, default="-", help="File to write; - for the output.")
def export_command(opening: Opening, choice: Choice, output: Path) -> None:
    """Write responses as an HTTP Archive (HAR 1.2), which browsers' developer tools open.

    A file NAME.warc or NAME.warc.gz becomes a web archive (WARC). `import` makes the same
    responses of either again.
    """
    with opened(opening) as cache, bar("Exporting") as tell:
        found = choice.find(cache, tell)
        if is_warc(output):
            with written(output, "wb") as archive:
                count = export_warc(cache, found, archive, compress=output.suffix == ".gz")
        else:
            with written(output) as file:
                count = export_har(cache, found, file)
    click.echo(f"exported {count}", err=True)
    sys.exit(0 if count else NOTHING)


@click.command("import")
@with_cache
@click.argument("archive", type=_FILE)
@click.option(
    "--expire-after",
    type=DURATION,
    metavar="TIME",
    help="Lifetime of entries that another program wrote, from when it received them.",
)
def import_command(opening: Opening, archive: Path, expire_after: float | None) -> None:
    """Store the responses of an HTTP Archive, of this command or of a browser, or of a WARC.

    CACHE may also be one that is not there yet: a name.sqlite, filesystem:///folder, or a URL.
    """
    failures = 0

    def failed(url: str, why: str) -> None:
        nonlocal failures
        failures += 1
        write_line(f"not stored  {shown(url)}  {why}")

    def expires(received: float) -> float | None:
        return absolute_expiration(expire_after, received)

    with opened(opening, create=True) as cache:
        if is_warc(archive):
            with archive.open("rb") as packed:
                count = import_warc(cache, packed, expires, failed)
        else:
            with click.open_file(str(archive), encoding="utf-8") as file:
                count = import_har(cache, file, expires, failed)
    click.echo(f"imported {count}, not stored {failures}", err=True)
    sys.exit(0 if count and not failures else NOTHING)
