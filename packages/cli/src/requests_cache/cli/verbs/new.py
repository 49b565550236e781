"""`new-backend` and `new-serializer`: begin a package of one's own, as a copy of an example."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, NamedTuple

import click
from requests_cache.backends.registry import OURS
from requests_cache.errors import ConfigurationError
from requests_cache.serializers import BUILT_IN

from ..output import write_line

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_COPYRIGHT: Final = re.compile(r"(?m)^Copyright .*$")
# What tools leave in the folder of an example that was worked on.
_KEPT: Final = re.compile(r"(?!\.|__pycache__|.*\.egg-info)|\.github")


class Template(NamedTuple):
    """An example, and what its name is in it."""

    folder: str
    name: str
    classes: tuple[str, str]
    """The beginning of the names of its classes, and what all of them end in."""
    taken: frozenset[str]
    """Names that are ours."""


BACKEND: Final = Template("backend", "diskcache", ("Disk", "Cache|Dict"), frozenset(OURS))
SERIALIZER: Final = Template(
    "serializer", "msgpack", ("Msgpack", "Serializer"), frozenset(BUILT_IN)
)


def write_package(template: Template, name: str, folder: Path, author: str) -> list[Path]:
    """Write the package `requests-cache-NAME` into a folder; give its files.

    Raises:
        ConfigurationError: the name cannot be one, or there is something in the folder.
    """
    if not _NAME.fullmatch(name):
        raise ConfigurationError(
            f"{name!r} is no name for a package: give small letters, digits and hyphens,"
            " such as lmdb or my-store"
        )
    if name in template.taken:
        raise ConfigurationError(
            f"{name!r} is the name of a {template.folder} of ours: take another"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigurationError(f"{folder} is there already: give another folder with --output")
    written = []
    line = f"Copyright (c) {datetime.now(UTC).year} {author}"
    for path, text in _files(files("requests_cache.cli") / "templates" / template.folder):
        target = folder / _renamed(path, template, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        content = _COPYRIGHT.sub(lambda found: line, _renamed(text, template, name))
        target.write_text(content, "utf-8")
        written.append(target)
    return written


def _files(folder: Traversable, above: str = "") -> Iterator[tuple[str, str]]:
    for each in sorted(folder.iterdir(), key=lambda found: found.name):
        if _KEPT.match(each.name) is None:
            continue
        if each.is_dir():
            yield from _files(each, f"{above}{each.name}/")
        else:
            yield f"{above}{each.name}", each.read_text("utf-8")


def _renamed(text: str, template: Template, name: str) -> str:
    """Put a name in the place of that of the example; the library it is built on keeps its own."""
    old, (begin, ends) = template.name, template.classes
    words = name.title().replace("-", "")
    text = re.sub(rf"\brequests-cache-{old}\b", f"requests-cache-{name}", text)
    text = re.sub(rf"\brequests_cache_{old}\b", f"requests_cache_{name.replace('-', '_')}", text)
    text = re.sub(rf"{begin}(?=({ends})\b)", words, text)
    text = re.sub(rf'((?:backend|serializer| name )= ?"){old}(?=")', rf"\g<1>{name}", text)
    return re.sub(rf'(?m)^{old}(?= = ")', name, text)


# Verbs


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
