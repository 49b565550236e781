"""A virtual environment for each subject, made when it is needed and kept for the next run."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

__all__ = ["Environments"]


class Environments:
    """The virtual environments in a folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def python(self, name: str, requirements: Iterable[str]) -> Path:
        """Give the interpreter of an environment with these requirements.

        An environment is made anew when its requirements, the sources of those that are folders, or
        this interpreter have changed.

        Raises:
            subprocess.CalledProcessError: they cannot be installed.
        """
        requirements = list(requirements)
        home = self.folder / name
        stamp = home / "made-of"
        fingerprint = _fingerprint(requirements)
        if not stamp.exists() or stamp.read_text() != fingerprint:
            shutil.rmtree(home, ignore_errors=True)
            print(f"installing {name} ...", file=sys.stderr, flush=True)
            _install(home, requirements)
            stamp.write_text(fingerprint)
        return _python_in(home)


def _install(home: Path, requirements: list[str]) -> None:
    python = str(_python_in(home))
    uv = shutil.which("uv")
    if uv is None:
        subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
        install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    else:
        subprocess.run([uv, "venv", "--quiet", "--python", sys.executable, str(home)], check=True)
        # uv would take a wheel of a folder out of its cache even when the sources have changed.
        options = ["--quiet", "--compile-bytecode", "--refresh"]
        install = [uv, "pip", "install", *options, "--python", python]
    subprocess.run([*install, *requirements], check=True)


def _python_in(home: Path) -> Path:
    return home / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")


def _fingerprint(requirements: list[str]) -> str:
    digest = hashlib.sha256(sys.version.encode())
    for requirement in requirements:
        digest.update(requirement.encode() + b"\0")
        folder = Path(requirement)
        if folder.is_dir():
            sources = [folder / "pyproject.toml", *sorted((folder / "src").rglob("*.py"))]
            for path in sources:
                digest.update(str(path).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()
