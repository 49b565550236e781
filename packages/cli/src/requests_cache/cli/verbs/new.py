"""`new-backend` and `new-serializer`: begin a package of one's own."""

from __future__ import annotations

from pathlib import Path

import click

from ..output import write_line
from ..scaffold import BACKEND, SERIALIZER, Template, write_package

__all__ = ["new_backend_command", "new_serializer_command"]


def _verb(template: Template, what: str, change: str) -> click.Command:
    """Make the verb that writes a package of a template."""

    @click.command(f"new-{template.folder}", short_help=f"Write a package with {what} of your own.")
    @click.argument("name", metavar="NAME")
    @click.option(
        "-o",
        "--output",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Where to write it; requests-cache-NAME by default.",
    )
    @click.option("--author", default="", help="Who has the copyright, for the license.")
    def new(name: str, output: Path | None, author: str) -> None:
        folder = output or Path(f"requests-cache-{name}")
        author = author or f"The requests-cache-{name} authors"
        for path in write_package(template, name, folder, author):
            write_line(str(path))
        click.echo(
            f'{change}\nTry it:  cd {folder} && pip install -e ".[test]" && mypy --strict src'
            " && pytest",
            err=True,
        )

    new.help = (
        f"Write a package with {what} of your own, which passes the contract as it is.\n\n"
        "It has bounds of versions, a license, CI, a check of types and the tests of the contract."
        f" {change}"
    )
    return new


new_backend_command: click.Command = _verb(
    BACKEND,
    "a backend",
    "It keeps responses by diskcache at first: change the verbs of the store to those of your"
    " engine, and its dependency in pyproject.toml.",
)
new_serializer_command: click.Command = _verb(
    SERIALIZER,
    "a serializer",
    "It writes MessagePack at first: change to_bytes and from_bytes to those of your format, and"
    " its dependency in pyproject.toml.",
)
