"""Make a release: `hatch run release 2.1.0`; with `--dry-run` nothing is left but the artefacts.

All is tried in a clone first: the new version is written, everything is built, checked and
installed. Only then is the change committed here, and tagged. `git push --follow-tags` is left to
you; the workflow of the tag publishes.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from packages import ROOT, packages

UNRELEASED = "## [Unreleased]"
NO_URLS = (
    "no package says where it is at home: add [project.urls] with Documentation, Source, Issues"
    " and Changelog to each pyproject.toml, the same everywhere"
)
_PARTS = re.compile(r"(\d+)\.(\d+)\.(\d+)")


class ReleaseError(Exception):
    """Why there is no release, and what to do."""


def main() -> int:
    """Release what the command line says; return the exit status."""
    parser = argparse.ArgumentParser(description="Make a release.")
    parser.add_argument("version", nargs="?", default=current(), help="such as 2.1.0")
    parser.add_argument("--dry-run", action="store_true", help="check all, change nothing")
    parser.add_argument("--out", type=Path, default=ROOT / "dist", help="where artefacts go")
    arguments = parser.parse_args()
    try:
        release(arguments.version, arguments.out.resolve(), is_dry=arguments.dry_run)
    except (ReleaseError, subprocess.CalledProcessError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


def release(version: str, out: Path, *, is_dry: bool) -> None:
    """Check that there can be a release of this version, and make it."""
    _refuse_what_cannot_be(version, out)
    if not is_dry and not _has_urls():
        raise ReleaseError(NO_URLS)
    with TemporaryDirectory(prefix="requests-cache-release-") as folder:
        clone = Path(folder, "clone")
        run("git", "clone", "--quiet", str(ROOT), str(clone))
        write_version(clone, version)
        check(clone, out, version)
    if is_dry:
        print(f"release: {version} can be made; its artefacts are in {out}")
        if not _has_urls():
            print(f"release: without --dry-run it will be refused: {NO_URLS}")
        return
    write_version(ROOT, version)
    run("git", "commit", "--quiet", "--all", "--message", f"Release {version}")
    run("git", "tag", "--annotate", f"v{version}", "--message", f"Version {version}")
    print(f"release: {version} is tagged; git push --follow-tags publishes it")


def current() -> str:
    """Give the version that all packages have."""
    return str(packages()[0].settings["project"]["version"])


def _refuse_what_cannot_be(version: str, out: Path) -> None:
    if not _PARTS.fullmatch(version):
        raise ReleaseError(f"{version!r} is no version: give three numbers, such as 2.1.0")
    if _order(version) < _order(current()):
        raise ReleaseError(f"{version} is older than {current()}, which the packages have")
    if run("git", "tag", "--list", f"v{version}"):
        raise ReleaseError(f"there is a tag v{version}: give the next version")
    if run("git", "status", "--porcelain"):
        raise ReleaseError("there are changes that are not committed: commit them first")
    if UNRELEASED not in (ROOT / "CHANGELOG.md").read_text("utf-8"):
        raise ReleaseError(f"CHANGELOG.md has no part {UNRELEASED!r}: say what is new")
    if out.exists() and any(out.iterdir()):
        raise ReleaseError(f"{out} is not empty: remove it, or give another --out")


def _has_urls() -> bool:
    # The layout of the packages makes sure that all of them say the same.
    return bool(packages()[0].settings["project"].get("urls"))


def _order(version: str) -> tuple[int, ...]:
    return tuple(map(int, version.split(".")))


def write_version(root: Path, version: str) -> None:
    """Write a version wherever it stands: in packages, examples and the changelog."""
    older = current()
    for path in root.glob("packages/*/pyproject.toml"):
        _replace(path, f'version = "{older}"', f'version = "{version}"')
        _replace(path, f'=={older}"', f'=={version}"')
    for path in root.glob("examples/*/pyproject.toml"):
        path.write_text(_bounded(path.read_text("utf-8"), version), "utf-8")
    _replace(root / "packages/core/src/requests_cache/__init__.py", f'"{older}"', f'"{version}"')
    changelog = root / "CHANGELOG.md"
    heading = f"## [{version}] - {datetime.now(UTC):%Y-%m-%d}"
    text = re.sub(rf"(?m)^{re.escape(UNRELEASED)}.*$", heading, changelog.read_text("utf-8"))
    changelog.write_text(text, "utf-8")


def _bounded(text: str, version: str) -> str:
    """Give the bounds of an example: this minor version, and not the next."""
    major, minor, _ = version.split(".")
    bounds = f">={major}.{minor},<{major}.{int(minor) + 1}"
    return re.sub(r"(?<=requests-cache-core)(\[[^\]]*\])?>=[\d.]+,<[\d.]+", rf"\1{bounds}", text)


def _replace(path: Path, older: str, newer: str) -> None:
    path.write_text(path.read_text("utf-8").replace(older, newer), "utf-8")


def check(clone: Path, out: Path, version: str) -> None:
    """Build in a clone, and try what was built as a user will."""
    python = sys.executable
    run(python, "tools/write_docs.py", cwd=clone)
    run(python, "tools/check_packages.py", cwd=clone)
    run(python, "tools/docs.py", "--check", cwd=clone)
    run(python, "tools/build.py", str(out), cwd=clone)
    artefacts = sorted(str(path) for path in out.glob("requests_cache_*"))
    expected = 2 * len(packages())
    if len(artefacts) != expected:
        raise ReleaseError(f"{len(artefacts)} artefacts were built, not {expected}: {artefacts}")
    run("uv", "tool", "run", "--quiet", "twine", "check", "--strict", *artefacts)
    for extra in (None, *packages()[0].settings["project"]["optional-dependencies"]):
        try_extra(out, version, extra)
    try_readme(clone, out, version)


def try_extra(out: Path, version: str, extra: str | None) -> None:
    """Install what was built, with an extra, and make a session with it."""
    name = f"requests-cache-core[{extra}]" if extra else "requests-cache-core"
    code = (
        "import requests_cache as r; s = r.CachedSession(backend='memory'); len(s.cache);"
        "print(r.__version__, *sorted(backend.name for backend in r.available()))"
    )
    with TemporaryDirectory(prefix="requests-cache-extra-") as folder:
        printed = with_installed(out, f"{name}=={version}", "python", "-c", code, cwd=Path(folder))
    if not printed.startswith(f"{version} "):
        raise ReleaseError(f"{name} of {version} says {printed!r}")
    print(f"{name}: {printed}")


def try_readme(clone: Path, out: Path, version: str) -> None:
    """Run the code of the README with what was built."""
    name = f"requests-cache-core[sqlite,testing]=={version}"
    test = "packages/core/tests/test_readme.py::test_the_code_of_a_text_runs[README]"
    # Not the helpers of the other tests, which need more.
    print(with_installed(out, name, "pytest", "--quiet", "--noconftest", test, cwd=clone))


def with_installed(out: Path, name: str, *command: str, cwd: Path) -> str:
    """Run a command in a fresh environment, with a distribution that was built."""
    fresh = ("uv", "run", "--quiet", "--no-project", "--isolated", "--with", name)
    return run(*fresh, "--find-links", str(out), *command, cwd=cwd)


def run(*command: str, cwd: Path = ROOT) -> str:
    """Run a command; give what it printed. One that fails is an error, and shows what it said."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    if done.returncode:
        print(done.stdout, done.stderr, sep="\n", file=sys.stderr)
        done.check_returncode()
    return done.stdout.strip()


if __name__ == "__main__":
    sys.exit(main())
