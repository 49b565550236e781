"""Run published programs that use requests-cache, with our distributions in its place.

`hatch run downstream [NAME...]` takes each by its name from the registry, and makes two
environments for it: one with requests-cache, one with ours. The parts of its suite that use the
cache run in both, or a probe of `downstream_probes`, where nothing of a suite is published. What
passes with requests-cache has to pass with ours; what needs the network fails in both.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple
from xml.etree import ElementTree as ET

from packages import ROOT, packages

PROBES = ROOT / "tools" / "downstream_probes"
# Nothing needs what this is true for, so what a program depends on is not installed.
_NOT_REQUESTS_CACHE = 'requests-cache; python_version < "3"\n'


class Program(NamedTuple):
    """A program, and what of it is run."""

    name: str
    """Its name and version in the registry."""
    imports: str
    """The package that has to be imported."""
    tests: tuple[str, ...] = ()
    """Tests in its source archive; none where there is a probe."""
    needs: tuple[str, ...] = ()
    """What its tests need besides."""


PROGRAMS = (
    Program("bgg-api==1.1.19", "boardgamegeek"),
    Program("mtg-ssm==2.8.2", "mtg_ssm", ("tests/scryfall",), ("responses", "pytest-cov")),
    Program("sdmx1[tests]==2.28.0", "sdmx"),
    Program(
        "shillelagh[genericjsonapi,genericxmlapi]==1.4.5",
        "shillelagh",
        ("tests/lib_test.py", "tests/adapters/api"),
        ("requests-mock", "pytest-mock", "freezegun", "yarl", "jsonpath-python", "pandas"),
    ),
    Program("pygbif==0.7.0", "pygbif"),
    Program(
        "pybiomart==0.2.0",
        "pybiomart",
        ("tests",),
        ("mock", "pytest<9", "pytest-helpers-namespace", "pytest-mock", "setuptools<80"),
    ),
    Program("pyinaturalist==0.21.1", "pyinaturalist"),
    # It imports cattrs, which came with requests-cache.
    Program("scholar-flux==0.6.2", "scholar_flux", (), ("cattrs", "cryptography", "itsdangerous")),
    Program("manubot==0.6.1", "manubot", (), ("setuptools<80",)),
    Program("retry-requests==2.0.0", "retry_requests"),
    Program("licensecheck==2025.1.0", "licensecheck"),
    Program("requests-ratelimiter==0.10.0", "requests_ratelimiter"),
    Program("requests-futures==1.1.0", "requests_futures"),
)


class Run(NamedTuple):
    """What became of the tests of a program."""

    passed: frozenset[str]
    failed: frozenset[str]
    said: str
    """The end of what the run printed."""


def main() -> int:
    """Run all programs, or those named; return 1 if one does worse with ours."""
    chosen = [each for each in PROGRAMS if not sys.argv[1:] or _short(each) in sys.argv[1:]]
    rows = [("program", "with requests-cache", "with ours", "only with requests-cache")]
    bad = False
    with TemporaryDirectory(prefix="requests-cache-downstream-") as name:
        for program in chosen:
            theirs, ours = compare(program, Path(name, _short(program)))
            lost = sorted(theirs.passed - ours.passed)
            bad |= bool(lost) or not ours.passed
            if lost or not ours.passed:
                print(theirs.said if not theirs.passed else ours.said, flush=True)
            rows.append((program.name, _counts(theirs), _counts(ours), ", ".join(lost) or "-"))
            print(" | ".join(rows[-1]), flush=True)
    print("\n" + "\n".join(f"| {' | '.join(row)} |" for row in rows))
    return int(bad)


def compare(program: Program, folder: Path) -> tuple[Run, Run]:
    """Run a program with requests-cache and with ours."""
    folder.mkdir(parents=True)
    tests = source_of(program, folder) if program.tests else folder / "probes"
    if not program.tests:
        shutil.copytree(PROBES, tests)  # away from the configuration of this repository
    wheels = [f"{package.folder}" for package in packages()]
    overrides = folder / "overrides.txt"
    overrides.write_text(_NOT_REQUESTS_CACHE)
    return (
        run(program, folder / "theirs", tests, ["requests-cache"]),
        run(program, folder / "ours", tests, [*wheels, "--override", str(overrides)]),
    )


def run(program: Program, place: Path, tests: Path, cache: list[str]) -> Run:
    """Make an environment and run the tests in it."""
    python = place / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
    subprocess.run(["uv", "venv", "--quiet", str(place / "env")], check=True)
    install = ["uv", "pip", "install", "--quiet", "--python", str(python)]
    common = [program.name, "pytest", "pytest-timeout", *program.needs]
    subprocess.run([*install, *common, *cache], check=True)
    imported = [str(python), "-c", f"import {program.imports}"]
    tried = subprocess.run(imported, cwd=place, capture_output=True, text=True, check=False)
    if tried.returncode:
        return Run(frozenset(), frozenset({"import"}), tried.stderr)
    chosen = program.tests or (f"test_{program.imports}.py",)
    report = place / "report.xml"
    settings = place / "pytest.ini"
    settings.write_text("[pytest]\n")  # what a program sets for itself may ask for plugins
    command = [str(python), "-m", "pytest", *chosen, "-q", "-p", "no:cacheprovider", "-c"]
    command += [str(settings), f"--rootdir={tests}", "--continue-on-collection-errors"]
    command += ["--timeout=60", f"--junit-xml={report}", "--tb=short"]
    # A home of its own: programs have caches there.
    environment = {**os.environ, "HOME": str(place), "XDG_CACHE_HOME": str(place / "cache")}
    done = subprocess.run(
        command, cwd=tests, env=environment, capture_output=True, text=True, check=False
    )
    passed, failed = _outcomes(report) if report.exists() else (frozenset(), frozenset())
    return Run(passed, failed, done.stdout[-6000:] + done.stderr[-2000:])


def source_of(program: Program, folder: Path) -> Path:
    """Give the unpacked source archive of a program, as the registry has it."""
    command = ["uvx", "pip", "download", "--quiet", "--no-deps", "--no-binary", ":all:"]
    subprocess.run([*command, "--dest", str(folder), program.name], check=True)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as files:
        files.extractall(folder / "source", filter="data")
    (source,) = (folder / "source").iterdir()
    _keep_out_of_the_way(source, program.imports)
    return source


def _keep_out_of_the_way(source: Path, package: str) -> None:
    """Rename the sources of a package, so that the installed one is imported by tests beside it."""
    if (source / package).is_dir() and not (source / package / "tests").is_dir():
        (source / package).rename(source / f"not-{package}")


def _outcomes(report: Path) -> tuple[frozenset[str], frozenset[str]]:
    passed, failed = set(), set()
    for case in ET.parse(report).iter("testcase"):  # noqa: S314  # pytest wrote it
        name = f"{case.get('classname')}::{case.get('name')}"
        kinds = {child.tag for child in case}
        if kinds & {"failure", "error"}:
            failed.add(name)
        elif "skipped" not in kinds:
            passed.add(name)
    return frozenset(passed), frozenset(failed)


def _counts(result: Run) -> str:
    return f"{len(result.passed)} pass, {len(result.failed)} fail"


def _short(program: Program) -> str:
    return program.name.partition("==")[0].partition("[")[0]


if __name__ == "__main__":
    sys.exit(main())
