"""Run the programs of the tests with requests-cache itself: do they say what it does?

`hatch run snippets` makes an environment with each version that a program names in brackets, by
its name from the registry, and runs there what it says to be true of that version. What names none
is what ours does, where it differs from both.
"""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from requests_cache.testing.origin import Origin

from packages import ROOT

FOLDER = ROOT / "packages/core/tests/earlier/snippets"
# By how a program names the version; what is newer than these breaks the older one.
VERSIONS = {
    "0.7": ("requests-cache==0.7.5", "urllib3<2.7", "itsdangerous", "pyyaml"),
    "1.3": ("requests-cache[json,yaml,security]==1.3.3",),
}
PROGRAM = """
import sys
from pathlib import Path
exec(compile(Path(sys.argv[1], "preamble.py").read_text(), "preamble.py", "exec"))
from requests_cache import CachedSession
warnings.simplefilter("ignore")
B = sys.argv[2]
exec(compile(sys.stdin.read(), "<program>", "exec"))
"""


def main() -> int:
    """Run them; say which are not true."""
    failed = 0
    with TemporaryDirectory() as place, Origin() as origin:
        for version, needs in VERSIONS.items():
            python = make_environment(Path(place, version), needs)
            for name, code in programs(version):
                folder = Path(place, f"{version} {name}")
                folder.mkdir()
                command = [str(python), "-c", PROGRAM, str(FOLDER), origin.url("")]
                done = subprocess.run(
                    command, input=code, cwd=folder, capture_output=True, text=True, check=False
                )
                if done.returncode:
                    failed += 1
                    why = done.stderr.strip().splitlines()[-1:] or [f"exit {done.returncode}"]
                    sys.stdout.write(f"not true of {version}: {name}: {why[0]}\n")
    return int(failed > 0)


def programs(version: str) -> list[tuple[str, str]]:
    """Give names and code of the programs that say to be true of a version."""
    found = []
    for file in sorted(FOLDER.glob("*.txt")):
        for name, code in re.findall(r"(?ms)^== ([^\n]*)\n(.*?)(?=^== |\Z)", file.read_text()):
            named = re.search(r"\(([\d. ]+)\)$", name)
            if named is not None and version in named[1].split():
                found.append((name, code))
    return found


def make_environment(place: Path, needs: tuple[str, ...]) -> Path:
    """Make an environment with a version; give its Python."""
    subprocess.run(["uv", "venv", "--quiet", "--python", sys.executable, str(place)], check=True)
    python = next(place.glob("*/python"))
    command = ["uv", "pip", "install", "--quiet", "--python", str(python), *needs]
    subprocess.run(command, check=True)
    return python


if __name__ == "__main__":
    sys.exit(main())
