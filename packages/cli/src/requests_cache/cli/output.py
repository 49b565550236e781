"""What the command writes: text for people, JSON for programs, files; and how it ends."""

from __future__ import annotations

import json
import logging
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

import click
from requests import RequestException
from requests_cache._matching.credentials import Redactor
from requests_cache.errors import CacheError, ConfigurationError

if TYPE_CHECKING:
    from rich.console import Console

NOTHING: Final = 1
"""Exit status: nothing was found, or something was found that should not be."""
FAILED: Final = 3
"""Exit status: the store, a file or the network failed. 2 is click's, for a wrong call."""
_INTERRUPTED: Final = 130


def is_terminal() -> bool:
    """Say whether a person is looking at what is written."""
    return sys.stdout.isatty()


def console() -> Console:
    """Give the terminal; it obeys NO_COLOR, and writes plain text into a pipe."""
    from rich.console import Console

    class _Console(Console):
        def on_broken_pipe(self) -> None:
            # How the command ends is said in one place.
            raise BrokenPipeError

    return _Console(highlight=False, soft_wrap=not is_terminal())


def paint(text: str, colour: str) -> str:
    """Give text in a colour of the terminal, if a person is looking and wants it."""
    # https://no-color.org: any value that is not empty.
    if not is_terminal() or os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return clean(text)
    return click.style(clean(text), fg=colour)


def write_line(text: str, painted: str = "") -> None:
    """Write a line; `painted` is from `paint`, and goes before it."""
    sys.stdout.write(f"{painted}{clean(text)}\n")


def clean(text: str) -> str:
    """Escape control characters, and what the encoding of the output lacks.

    A URL or a header field comes from elsewhere, and must not command the terminal.
    """
    if text.isascii() and text.isprintable():
        return text
    encoding = sys.stdout.encoding or "utf-8"
    return text.translate(_CONTROLS).encode(encoding, "backslashreplace").decode(encoding)


# Lines and tabs of a body are as they are.
_CONTROLS: Final = {
    code: f"\\x{code:02x}" for code in (*range(32), *range(127, 160)) if chr(code) not in "\n\t"
}


def number_of(count: int, what: str) -> str:
    """Give a number of things as a person reads it: 1 response, 2 responses."""
    return f"{count} {what}{'' if count == 1 else 's'}"


def shown(url: str) -> str:
    """Give a URL that somebody named, without the secrets in it."""
    return Redactor().url(url)


def write_json(items: Iterable[object]) -> int:
    """Write a JSON array, an item a line, while the items come; give how many there were."""
    count = 0
    for item in items:
        sys.stdout.write(",\n" if count else "[\n")
        sys.stdout.write(json.dumps(item, default=_as_json, ensure_ascii=True))
        count += 1
    sys.stdout.write("\n]\n" if count else "[]\n")
    return count


def _as_json(value: object) -> object:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not JSON")


@contextmanager
def bar(description: str) -> Iterator[Callable[[int, int], object] | None]:
    """Show how far long work has come, on the terminal; into a pipe nothing is written."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task(description, total=None)

        def tell(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        yield tell


class _Warnings(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        click.echo(f"{record.levelname.lower()}: {record.getMessage()}", err=True)


@contextmanager
def show_warnings(verbose: bool) -> Iterator[None]:
    """Write what the library warns of to the error output; with `verbose` all that it says."""
    logger = logging.getLogger("requests_cache")
    before = logger.handlers, logger.propagate, logger.level
    logger.handlers, logger.propagate = [_Warnings()], False
    logger.setLevel(logging.DEBUG if verbose else logging.WARNING)
    try:
        yield
    finally:
        # Whoever runs the command in a process of his own goes on with the log as it was.
        logger.handlers, logger.propagate = before[:2]
        logger.setLevel(before[2])


# Files: each is there as a whole, or what was there before


@contextmanager
def written(path: Path, mode: str = "w") -> Iterator[IO[Any]]:
    """Open a file to be written; it takes its place when all of it is there.

    Args:
        path: the file; `-` is the output of the command, and a device is written as it is.
        mode: "w" for text in UTF-8, "wb" for bytes.
    """
    encoding = None if "b" in mode else "utf-8"
    if str(path) == "-":
        with click.open_file("-", mode, encoding=encoding) as output:
            yield output
        return
    # What a link leads to is replaced, and not the link.
    place = path.resolve()
    if place.exists() and not place.is_file():
        with place.open(mode, encoding=encoding) as file:
            yield file
        return
    part = place.with_name(f"{place.name}.{os.getpid()}.part")
    try:
        with part.open(mode, encoding=encoding) as file:
            yield file
        part.replace(place)
    except BaseException as error:
        part.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename in {None, str(part)}:
            # Nobody has named the file beside it; and a disk that is full names none.
            error.filename = str(path)
        raise


# How the command ends: with one line and an exit status, whatever has failed


@contextmanager
def fail_well() -> Iterator[None]:
    """Turn what fails into one line and an exit status: errors of ours, of files, and Ctrl-C."""
    try:
        try:
            yield
        finally:
            # What is wrong with the output is seen here at the latest.
            sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read the output has seen enough: `requests-cache ls CACHE | head`.
        _drop_output()
        sys.exit(0)
    except KeyboardInterrupt:
        _end("interrupted", _INTERRUPTED)
    except (CacheError, OSError) as error:
        if isinstance(error, ConfigurationError | ValueError):
            # Requests has such errors for a URL that is none.
            raise click.UsageError(_text_of(error)) from error
        _end(_text_of(error), FAILED)


def _text_of(error: CacheError | OSError) -> str:
    if isinstance(error, CacheError | RequestException) or error.strerror is None:
        return Redactor().text(str(error))
    name = "the output" if error.filename is None else os.fsdecode(error.filename)
    return f"{name}: {error.strerror}"


def _end(text: str, status: int) -> NoReturn:
    _drop_output()
    click.echo(f"Error: {text}", err=True)
    sys.exit(status)


def _drop_output() -> None:
    """Write what there still is, or nothing more: Python would try again, and complain."""
    try:
        sys.stdout.flush()
    except OSError:
        with suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
