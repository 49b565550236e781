"""Check that all packages have one shape: files, order of metadata, one version."""

from __future__ import annotations

import sys
from collections.abc import Iterator

from packages import ROOT, Package, packages

_FILES = ("LICENSE", "README.md", "pyproject.toml", "src", "tests")
_TABLES = ("build-system", "project", "tool")
_PROJECT = (
    "name",
    "version",
    "description",
    "readme",
    "requires-python",
    "license",
    "license-files",
    "keywords",
    "classifiers",
    "dependencies",
    "optional-dependencies",
    "urls",
    "scripts",
    "entry-points",
)
# What every package says in the same words as core.
_SHARED = (
    "version",
    "readme",
    "requires-python",
    "license",
    "license-files",
    "classifiers",
    "urls",
)
_SECTIONS = ("## Options", "## What to rely on", "## Limits")


def main() -> int:
    """Print what is wrong with any package; return the exit status."""
    core, *others = packages()
    troubles = [f"{package.name}: {text}" for package in packages() for text in _shape(package)]
    for package in others:
        troubles += [f"{package.name}: {text}" for text in _kinship(package, core)]
    for trouble in troubles:
        print(trouble)
    print(f"{len(others) + 1} packages: {'not ' if troubles else ''}of one shape")
    return 1 if troubles else 0


def _shape(package: Package) -> Iterator[str]:
    folder, project = package.folder, package.settings["project"]
    for name in _FILES:
        if not (folder / name).exists():
            yield f"there is no {name}"
    if (folder / "LICENSE").read_text("utf-8") != (ROOT / "LICENSE").read_text("utf-8"):
        yield "LICENSE is not that of the repository"
    if list(package.settings) != list(_TABLES):
        yield f"pyproject.toml has the tables {list(package.settings)}, not {list(_TABLES)}"
    expected = [name for name in _PROJECT if name in project]
    if list(project) != expected:
        yield f"[project] has the order {list(project)}, not {expected}"
    yield from _readme(package)


def _readme(package: Package) -> Iterator[str]:
    text = (package.folder / "README.md").read_text("utf-8")
    if not text.startswith(f"# {package.name}\n"):
        yield f"README.md does not begin with the heading {package.name!r}"
    headings = [line for line in text.splitlines() if line in _SECTIONS]
    if headings != list(_SECTIONS):
        yield f"README.md has the sections {headings}, not {list(_SECTIONS)}"


def _kinship(package: Package, core: Package) -> Iterator[str]:
    project, cores = package.settings["project"], core.settings["project"]
    for name in _SHARED:
        if project.get(name) != cores.get(name):
            yield f"{name} is {project.get(name)!r}, in core {cores.get(name)!r}"
    if project["dependencies"][:1] != [f"{core.name}=={cores['version']}"]:
        yield "the first dependency is not core in this very version"
    name = package.folder.name.removeprefix("backend-")
    if cores["optional-dependencies"].get(name) != [f"{package.name}=={cores['version']}"]:
        yield f"core has no extra {name!r} that is this package in this version"
    # A backend is below `backends`, any other package beside it.
    root = package.folder / "src" / "requests_cache"
    above = root / "backends" if package.folder.name.startswith("backend-") else root
    for module in sorted(above.iterdir()):
        if not (module / "py.typed").exists():
            yield f"{module.relative_to(package.folder)} is not a subpackage with py.typed"
    if (above / "__init__.py").exists() or (root / "__init__.py").exists():
        yield "only core has an __init__.py above the subpackage of another package"


if __name__ == "__main__":
    sys.exit(main())
