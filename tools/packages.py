"""The packages of this repository, as the other tools see them."""

from __future__ import annotations

import tomllib
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

__all__ = ["ROOT", "Package", "packages", "test_dependencies"]

ROOT = Path(__file__).resolve().parent.parent


class Package(NamedTuple):
    """One distribution."""

    folder: Path
    settings: dict[str, Any]
    """What its pyproject.toml says."""

    @property
    def name(self) -> str:
        """The name of the distribution."""
        return str(self.settings["project"]["name"])


def packages() -> list[Package]:
    """Give all packages, core first, then the backends."""
    others = sorted(ROOT.glob("packages/backend-*")), sorted(ROOT.glob("packages/cli"))
    folders = [ROOT / "packages" / "core", *chain(*others)]
    return [
        Package(folder, tomllib.loads((folder / "pyproject.toml").read_text("utf-8")))
        for folder in folders
        # A folder that another branch has left behind has no metadata.
        if (folder / "pyproject.toml").exists()
    ]


def test_dependencies() -> list[str]:
    """Give what the tests need, as the environment of hatch.toml has it."""
    settings = tomllib.loads((ROOT / "hatch.toml").read_text("utf-8"))
    dependencies: list[str] = settings["envs"]["default"]["dependencies"]
    return dependencies
