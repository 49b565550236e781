"""The package as a whole: what it exports and what it imports."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest
from requests_cache import policy

FOLDER = Path(policy.__file__).parent
# Places where version 1 had other things; they lead there, and decide nothing.
DOORS = {"__init__", "actions", "directives", "expiration", "settings"}
MODULES = sorted(path.stem for path in FOLDER.glob("*.py"))


def test_door_is_sorted_and_exact() -> None:
    typed = {
        alias.name
        for node in ast.walk(ast.parse(Path(policy.__file__).read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.level == 1
        for alias in node.names
    }
    assert sorted(policy.__all__) == policy.__all__
    assert set(policy.__all__) == typed == set(policy._HOMES)


@pytest.mark.parametrize("name", policy.__all__)
def test_every_exported_name_is_there(name: str) -> None:
    assert getattr(policy, name) is not None
    assert name in dir(policy)


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        policy.nothing  # noqa: B018  # the access is what is tested


@pytest.mark.parametrize("module", sorted(set(MODULES) - DOORS))
def test_module_imports_the_standard_library_and_the_policy_only(module: str) -> None:
    tree = ast.parse((FOLDER / f"{module}.py").read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and not node.level:
            names = [node.module or ""]
        else:
            continue
        assert {name.partition(".")[0] for name in names} <= sys.stdlib_module_names
    levels = [node.level for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert max(levels, default=0) <= 1


@pytest.mark.parametrize("module", MODULES)
def test_module_has_no_clock_and_no_io(module: str) -> None:
    text = (FOLDER / f"{module}.py").read_text("utf-8")
    tree = ast.parse(text)
    called = {ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call)}
    assert called.isdisjoint({"open", "print", "time.time", "datetime.now", "date.today"})


def test_policy_needs_neither_dataclasses_nor_inspect() -> None:
    code = (
        "import sys; before = set(sys.modules); import requests_cache.policy as p; "
        "[getattr(p, n) for n in p.__all__]; "
        "print({'dataclasses', 'inspect'} & (set(sys.modules) - before) or 'none')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "none"
