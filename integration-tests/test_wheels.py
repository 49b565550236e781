"""The distributions as users get them: built, installed into fresh environments, removed again."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import tomllib
import zipfile
from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BACKENDS = sorted(path.parent.name for path in ROOT.glob("packages/backend-*/pyproject.toml"))
VERSION = tomllib.loads((ROOT / "packages/core/pyproject.toml").read_text("utf-8"))["project"][
    "version"
]
# What requests itself brings.
OF_REQUESTS = {"certifi", "charset-normalizer", "idna", "requests", "urllib3"}
# The driver of each backend, and what that brings; anything else would be a surprise.
DRIVERS = {
    "sqlite": set[str](),
    "filesystem": {"requests-cache-backend-sqlite"},
    "redis": {"hiredis", "redis"},
    "mongo": {"dnspython", "pymongo"},
    "dynamodb": {"boto3", "botocore", "jmespath", "python-dateutil", "s3transfer", "six"},
}


def run(*command: str | Path, folder: Path) -> str:
    """Run a command away from the repository; give what it printed."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [str(part) for part in command],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, f"{command}\n{done.stdout}\n{done.stderr}"
    return done.stdout


class Environment:
    """A fresh virtual environment, without pip."""

    def __init__(self, folder: Path, wheels: Path) -> None:
        self.folder = folder
        self.wheels = wheels
        self.python = folder / "env" / ("Scripts" if os.name == "nt" else "bin") / "python"
        run("uv", "venv", "--quiet", "--python", sys.executable, "env", folder=folder)

    def pip(self, verb: str, *arguments: str) -> str:
        """Run a verb of pip in this environment, by the faster tool."""
        command = ("uv", "pip", verb, "--quiet", "--python", self.python)
        return run(*command, *arguments, folder=self.folder)

    def install(self, *names: str) -> None:
        """Install distributions of ours in this version, and what they need."""
        pinned = (f"{name}=={VERSION}" for name in names)
        self.pip("install", "--find-links", str(self.wheels), *pinned)

    def installed(self) -> set[str]:
        """Give the names of what is installed."""
        listed = run("uv", "pip", "freeze", "--python", self.python, folder=self.folder)
        return {line.partition("==")[0].partition(" @")[0] for line in listed.splitlines()}

    def python_prints(self, code: str) -> str:
        """Run code; give what it printed. Warnings are errors."""
        return run(self.python, "-W", "error", "-c", code, folder=self.folder).strip()


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of all distributions, built from source archives."""
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, ROOT / "tools" / "build.py", folder, folder=folder)
    return folder


@pytest.fixture
def environment(tmp_path: Path, wheels: Path) -> Environment:
    """An environment with nothing in it."""
    return Environment(tmp_path, wheels)


def files_of(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


def test_every_package_gives_a_wheel_and_a_source_archive(wheels: Path) -> None:
    packages = ("core", "cli", *BACKENDS)
    names = {f"requests_cache_{name.replace('-', '_')}-{VERSION}" for name in packages}
    assert {path.name.removesuffix("-py3-none-any.whl") for path in wheels.glob("*.whl")} == names
    assert {path.name.removesuffix(".tar.gz") for path in wheels.glob("*.tar.gz")} == names


def test_no_file_is_in_two_wheels(wheels: Path) -> None:
    counted = Counter(name for wheel in wheels.glob("*.whl") for name in files_of(wheel))
    assert [name for name, count in counted.items() if count > 1] == []


def test_core_alone_has_the_files_above_the_backends(wheels: Path) -> None:
    above = {"requests_cache/__init__.py", "requests_cache/backends/__init__.py"}
    owners = [wheel.name for wheel in wheels.glob("*.whl") if above & set(files_of(wheel))]
    assert owners == [f"requests_cache_core-{VERSION}-py3-none-any.whl"]


def test_a_backend_brings_subpackages_with_their_own_marker_of_types(wheels: Path) -> None:
    for wheel in wheels.glob("requests_cache_backend_*.whl"):
        modules = [name for name in files_of(wheel) if name.startswith("requests_cache/")]
        folders = {"/".join(name.split("/")[:3]) for name in modules}
        assert folders
        assert all(f"{folder}/py.typed" in modules for folder in folders), wheel.name


def test_every_wheel_has_the_license_and_no_tests(wheels: Path) -> None:
    for wheel in wheels.glob("*.whl"):
        names = files_of(wheel)
        assert any(name.endswith(".dist-info/licenses/LICENSE") for name in names), wheel.name
        # What the command writes for an author has tests.
        tests = [name for name in names if "tests/" in name and "/templates/" not in name]
        assert not tests, wheel.name


def test_core_alone_needs_requests_and_caches_in_memory(environment: Environment) -> None:
    environment.install("requests-cache-core")
    assert environment.installed() == OF_REQUESTS | {"requests-cache-core"}
    code = "from requests_cache import CachedSession; print(type(CachedSession().cache).__name__)"
    assert environment.python_prints(code) == "BaseCache"
    environment.pip("check")


def test_the_extra_sqlite_makes_sqlite_the_default(environment: Environment) -> None:
    # By pip itself, as the README says it.
    environment.pip("install", "pip")
    pip = (environment.python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check")
    options = ("--find-links", environment.wheels, f"requests-cache-core[sqlite]=={VERSION}")
    run(*pip, *options, folder=environment.folder)
    code = (
        "from requests_cache import CachedSession, available\n"
        "print(type(CachedSession().cache).__name__, [b.distribution for b in available()])"
    )
    printed = environment.python_prints(code)
    assert printed == "DbCache ['requests-cache-core', 'requests-cache-backend-sqlite']"


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_brings_its_driver_and_nothing_else(
    backend: str, environment: Environment
) -> None:
    name = backend.removeprefix("backend-")
    environment.install(f"requests-cache-{backend}")
    ours = {"requests-cache-core", f"requests-cache-{backend}"}
    assert environment.installed() == OF_REQUESTS | ours | DRIVERS[name]
    environment.python_prints(f"import requests_cache.backends.{name}")
    environment.pip("check")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_backend_can_be_removed_and_the_others_still_work(
    backend: str, environment: Environment
) -> None:
    name = backend.removeprefix("backend-")
    # The filesystem backend needs SQLite's.
    others = [other for other in BACKENDS if other not in (backend, "backend-filesystem")]
    environment.install(*(f"requests-cache-{each}" for each in (backend, *others)))
    environment.pip("uninstall", f"requests-cache-{backend}")
    imports = "; ".join(
        f"import requests_cache.backends.{other.removeprefix('backend-')}" for other in others
    )
    code = (
        f"import requests_cache; {imports}\n"
        "from requests_cache.errors import NotInstalledError\n"
        f"try: requests_cache.init_backend({name!r})\n"
        "except NotInstalledError as error: print(error)"
    )
    assert f'pip install "requests-cache-core[{name}]"' in environment.python_prints(code)


def test_the_command_needs_its_extra_and_says_so(environment: Environment) -> None:
    environment.install("requests-cache-core")
    assert "requests-cache-core[cli]" in run(
        environment.python, "-m", "requests_cache", "--help", folder=environment.folder
    )
    environment.install("requests-cache-cli")
    program = environment.python.with_name("requests-cache")
    for command in ([program], [environment.python, "-m", "requests_cache"]):
        assert "doctor" in run(*command, "--help", folder=environment.folder)


def test_every_extra_of_a_store_is_a_distribution_of_this_version() -> None:
    core = tomllib.loads((ROOT / "packages/core/pyproject.toml").read_text("utf-8"))["project"]
    extras = core["optional-dependencies"]
    for backend in BACKENDS:
        wanted = [f"requests-cache-{backend}=={VERSION}"]
        assert extras[backend.removeprefix("backend-")] == wanted
    everything = re.findall(r"[\w]+", extras["all"][0].partition("[")[2])
    assert set(everything) == set(extras) - {"all", "testing"}
