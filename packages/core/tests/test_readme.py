"""The code in the texts runs: against a server here, in the order in which it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from requests_cache.testing import Origin
from requests_cache.testing.origin import Answer

ROOT = Path(__file__).parents[3]
# The guides to writing something have tests of their own, which use its files.
ELSEWHERE = ("writing-a-backend.md", "writing-a-serializer.md")
TEXTS = [
    ROOT / "README.md",
    *sorted(ROOT.glob("packages/*/README.md")),
    *(path for path in sorted(ROOT.glob("docs/*.md")) if path.name not in ELSEWHERE),
]
# Their code needs a server, so here it is compiled only.
NEED_A_SERVER = ("backend-redis", "backend-mongo", "backend-dynamodb")
BLOCK = re.compile(r"^(<!-- needs .* -->\n)?```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.fixture
def origin() -> Iterator[Origin]:
    # The page that the real example.org has, and none besides.
    with Origin({"/": lambda _: Answer(b"<h1>Example Domain</h1>\n")}) as server:
        yield server


def blocks_of(path: Path, *, all_of_them: bool = True) -> list[str]:
    """Give the code of a text; what says that it needs something is there to be compiled."""
    found = BLOCK.findall(path.read_text("utf-8"))
    return [code for needs, code in found if all_of_them or not needs]


def name_of(path: Path) -> str:
    return path.stem if path.parent in (ROOT, ROOT / "docs") else path.parent.name


@pytest.mark.parametrize("path", TEXTS, ids=name_of)
def test_the_code_of_a_text_compiles(path: Path) -> None:
    blocks = blocks_of(path)
    assert blocks or path.name != "README.md"
    for block in blocks:
        compile(block, str(path), "exec")


@pytest.mark.parametrize(
    "path",
    [p for p in TEXTS if p.parent.name not in NEED_A_SERVER and blocks_of(p, all_of_them=False)],
    ids=name_of,
)
def test_the_code_of_a_text_runs(
    path: Path, origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    names: dict[str, object] = {"__name__": path.stem}
    for block in blocks_of(path, all_of_them=False):
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
