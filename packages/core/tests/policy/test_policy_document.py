"""docs/http-semantics.md and docs/architecture.md name functions and tests; all of them exist."""

from __future__ import annotations

import ast
import re
from importlib import import_module
from pathlib import Path

import pytest

HERE = Path(__file__).parent
SESSIONS = HERE.parent / "http"
DOCUMENT = HERE.parents[3] / "docs" / "http-semantics.md"

pytestmark = pytest.mark.skipif(
    not DOCUMENT.exists(), reason="the tests run outside the repository, without its docs"
)


def rows() -> list[list[str]]:
    """Return the rows of the requirement tables: section, level, text, functions, tests."""
    text = DOCUMENT.read_text("utf-8").partition("## Requirements")[2].partition("## Choices")[0]
    lines = [line for line in text.splitlines() if line.startswith("|")]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return [row for row in cells if row[1] != "Level" and not set(row[0]) <= {"-"}]


def in_code(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def known_tests() -> set[str]:
    return {
        node.name
        for path in (*HERE.glob("test_policy_*.py"), *SESSIONS.glob("test_http_*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.FunctionDef)
    }


def test_tables_of_requirements_have_five_columns() -> None:
    assert len(rows()) > 80
    assert {len(row) for row in rows()} == {5}


def test_every_function_that_is_named_exists() -> None:
    for *_, functions, _ in rows():
        for name in in_code(functions):
            if re.fullmatch(r"[a-z_]+\.\w+", name):
                module, _, attribute = name.partition(".")
                assert hasattr(import_module(f"requests_cache.policy.{module}"), attribute), name


def test_every_test_that_is_named_exists() -> None:
    named = {name for *_, tests in rows() for name in in_code(tests)}
    assert named - known_tests() == set()


def test_every_requirement_is_proved_or_does_not_apply() -> None:
    for row in rows():
        *_, functions, tests = row
        if not functions.startswith("not applicable"):
            assert in_code(functions), row
            assert in_code(tests), row


def test_example_says_what_it_prints(capsys: pytest.CaptureFixture[str]) -> None:
    section = DOCUMENT.read_text("utf-8").partition("## The policy by itself")[2]
    code = section.partition("```python\n")[2].partition("```")[0]
    exec(compile(code, str(DOCUMENT), "exec"), {})
    said = re.findall(r"# (requests-cache; .*)", code)
    assert capsys.readouterr().out.splitlines() == said


def test_every_function_that_decides_is_in_the_file_that_is_named() -> None:
    text = DOCUMENT.with_name("architecture.md").read_text("utf-8")
    lines = text.partition("## Who decides what")[2].partition("## One request")[0].splitlines()
    decisions = [line.strip("|").split("|") for line in lines if line.startswith("|")][2:]
    assert len(decisions) > 8
    sources = HERE.parents[1] / "src" / "requests_cache"
    for _, functions, files in decisions:
        source = "".join((sources / file).read_text("utf-8") for file in in_code(files))
        names = [name.rpartition(".")[2] for name in in_code(functions) if "=" not in name]
        missing = [name for name in names if f"def {name}(" not in source]
        assert (bool(names), missing) == (True, [])
