"""The command and its verbs; what a verb needs is imported with the verb."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from pathlib import Path
from typing import Any, Final, NoReturn

import click
import requests_cache

from .output import fail_well

# In the order of the help.
_VERBS: Final = {
    "ls": "ls",
    "show": "show",
    "get": "show",
    "stats": "stats",
    "explain": "explain",
    "refresh": "refresh",
    "delete": "delete",
    "prune": "delete",
    "compact": "delete",
    "export": "transfer",
    "import": "transfer",
    "migrate": "migrating",
    "check": "check",
    "report": "report",
    "doctor": "doctor",
    "new-backend": "new",
    "new-serializer": "new",
}


class _Verbs(click.Group):
    """Imports a verb when it is called: a command that starts slowly is used less."""

    def invoke(self, ctx: click.Context) -> Any:
        with fail_well():
            return super().invoke(ctx)

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in _VERBS:
            return None
        module = import_module(f".verbs.{_VERBS[cmd_name]}", __package__)
        found: click.Command = getattr(module, f"{cmd_name.replace('-', '_')}_command")
        return found


@click.command(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)
@click.version_option(requests_cache.__version__, prog_name="requests-cache")
def command() -> None:
    """Look into a cache of HTTP responses, and keep it in order.

    CACHE is a SQLite file, a folder, or a URL: sqlite:///file.sqlite, filesystem:///folder,
    redis://host/0?namespace=name, mongodb://host/name, gridfs://host/name,
    dynamodb://table?region=eu-central-1.

    Exit status: 0 done; 1 nothing found, or damage found; 2 wrong call; 3 the store, a file or
    the network failed; 130 interrupted.
    """


def main() -> NoReturn:
    """Run the command that the command line names, and end the process with its exit status."""
    if sys.stdout is None:
        # It was closed by who started the command: `requests-cache check CACHE >&-`.
        sys.stdout = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115  # to the end of the process
    sys.exit(command(prog_name="requests-cache"))
