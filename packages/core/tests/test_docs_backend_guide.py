"""The guide to writing a backend shows the files of the example, and not what they once were."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
EXAMPLE = ROOT / "examples" / "third-party-backend"
GUIDE = (ROOT / "docs" / "writing-a-backend.md").read_text("utf-8")
INCLUDED = re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```\n<!-- /file -->", GUIDE, re.DOTALL)


def lines_of(path: Path) -> int:
    return len(path.read_text("utf-8").splitlines())


@pytest.mark.parametrize(("name", "shown"), INCLUDED, ids=[name for name, _ in INCLUDED])
def test_guide_shows_the_file(name: str, shown: str) -> None:
    """What the guide shows is the file, to the letter; `hatch run docs` writes it."""
    assert shown == (ROOT / name).read_text("utf-8")


def test_guide_shows_all_code() -> None:
    """Every file of the example with code in it is shown."""
    code = {path for kind in ("py", "toml") for path in EXAMPLE.rglob(f"*.{kind}")}
    assert {ROOT / name for name, _ in INCLUDED} == code


def test_example_is_short() -> None:
    """A whole backend, with its packaging, text and tests, is at most 200 lines."""
    files = [path for kind in ("py", "toml", "md") for path in EXAMPLE.rglob(f"*.{kind}")]
    assert sum(lines_of(path) for path in files) <= 200
