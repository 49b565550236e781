"""On what and with what was measured."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from datetime import UTC, datetime

from fleet import Fleet
from runner import Effort
from subjects import SUBJECTS

__all__ = ["describe_machine"]

_LIST = (
    "import json; from importlib.metadata import distributions;"
    "print(json.dumps({d.name.lower(): d.version for d in distributions()}))"
)
_SHOWN = ("requests", "urllib3", "redis", "hiredis")


def describe_machine(fleet: Fleet, effort: Effort) -> dict[str, str]:
    """Give what a reader must know to judge the numbers."""
    import sqlite3

    versions = {
        name: json.loads(subprocess.check_output([str(fleet.python(name)), "-c", _LIST]))
        for name in SUBJECTS
        if name in fleet.subjects
    }
    shown = {
        package: sorted({found[package] for found in versions.values() if package in found})
        for package in _SHOWN
    }
    return {
        "date": datetime.now(UTC).date().isoformat(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores",
        "sqlite": sqlite3.sqlite_version,
        "rounds": str(effort.rounds),
        **{package: ", ".join(found) for package, found in shown.items() if found},
    }
