"""The code in the texts runs: against a server here, in the order in which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from requests_cache.testing import Origin

ROOT = Path(__file__).parents[3]
TEXTS = [ROOT / "README.md", *sorted(ROOT.glob("packages/*/README.md"))]
# Their code needs a server, so here it is compiled only.
NEED_A_SERVER = ("backend-redis", "backend-mongo", "backend-dynamodb")


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def blocks_of(text: str) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("path", TEXTS, ids=lambda path: path.parent.name)
def test_the_code_of_a_readme_compiles(path: Path) -> None:
    blocks = blocks_of(path.read_text("utf-8"))
    assert blocks
    for block in blocks:
        compile(block, str(path), "exec")


@pytest.mark.parametrize(
    "path",
    [path for path in TEXTS if path.parent.name not in NEED_A_SERVER],
    ids=lambda path: path.parent.name,
)
def test_the_code_of_a_readme_runs(
    path: Path, origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    names: dict[str, object] = {}
    for block in blocks_of(path.read_text("utf-8")):
        code = block.replace("https://example.org", origin.url(""))
        exec(compile(code, str(path), "exec"), names)
        close_sessions(names)


def close_sessions(names: dict[str, object]) -> None:
    from requests_cache import CachedSession

    for value in names.values():
        if isinstance(value, CachedSession):
            value.close()


def test_ci_runs_the_command_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^python3 .* hatch run \w+$", readme, re.MULTILINE)
    assert [command.rsplit(" ", 1)[1] for command in commands] == ["demo", "test"]
    assert commands[0].removesuffix("demo") == commands[1].removesuffix("test")
    # The script takes the line out of the README, so that there is one of it.
    assert "grep --max-count=1 'hatch run test$' README.md" in (ROOT / ".ci/run").read_text("utf-8")
