"""How the command ends: with one line and an exit status, whatever has failed."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final, NoReturn

import click
from requests import RequestException
from requests_cache._matching.credentials import Redactor
from requests_cache.errors import CacheError, ConfigurationError

__all__ = ["FAILED", "fail_well"]

FAILED: Final = 3
"""Exit status: the store, a file or the network failed. 2 is click's, for a wrong call."""
_INTERRUPTED: Final = 130


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
