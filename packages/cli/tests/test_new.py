"""Packages of one's own, as the command writes them."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from program import Run, run_here

EXAMPLES = Path(__file__).parents[3] / "examples"
KINDS = {"backend": "diskcache", "serializer": "msgpack"}


def _files(folder: Path) -> dict[str, str]:
    found = (
        path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts
    )
    return {path.relative_to(folder).as_posix(): path.read_text("utf-8") for path in found}


@pytest.mark.parametrize("kind", KINDS)
def test_a_package_is_the_example_under_another_name(run: Run, tmp_path: Path, kind: str) -> None:
    done = run(f"new-{kind}", "my-own", "-o", tmp_path / "new", "--author", "A. Nother")
    assert done.status == 0
    written = _files(tmp_path / "new")
    old, ours = KINDS[kind], _files(EXAMPLES / f"third-party-{kind}")
    assert {name.replace(f"cache_{old}", "cache_my_own") for name in ours} == written.keys()
    assert written["LICENSE"].splitlines()[2].endswith(" A. Nother")
    assert "MyOwn" in written["tests/test_contract.py"]
    settings = tomllib.loads(written["pyproject.toml"])
    assert settings["project"]["name"] == "requests-cache-my-own"
    points = settings["project"]["entry-points"]
    assert {name for group in points.values() for name in group} == {"my-own"}
    for place in (place for group in points.values() for place in group.values()):
        module, _, name = place.partition(":")
        assert f"class {name}(" in written[f"src/{module}/__init__.py"]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "name", ["", "A", "-a", "a--b", "a b", "a/b", "../a", "1a", "sqlite", "json"]
)
def test_a_name_that_cannot_be_one_is_refused(tmp_path: Path, kind: str, name: str) -> None:
    done = run_here(f"new-{kind}", "-o", tmp_path / "new", "--", name)
    if name in ("sqlite", "json") and (name == "json") == (kind == "backend"):
        assert done.status == 0
    else:
        assert done.status == 2
        assert not (tmp_path / "new").exists()


def test_what_is_there_stays(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mine").touch()
    done = run("new-backend", "mine", "-o", tmp_path)
    assert done.status == 2
    assert "is there already" in done.err
    assert [each.name for each in tmp_path.iterdir()] == ["mine"]
