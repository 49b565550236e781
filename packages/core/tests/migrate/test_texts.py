"""The code in docs/security.md and docs/serializers.md runs, in the order in which it stands."""

from __future__ import annotations

import re
import shutil
from pathlib import Path
from typing import Any

import pytest

DOCS = Path(__file__).parents[4] / "docs"
CACHE = Path(__file__).parent / "caches" / "1.2.1-pickle.sqlite"


@pytest.mark.parametrize("name", ["security.md", "serializers.md"])
def test_the_code_of_a_text_runs(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    shutil.copy(CACHE, "old_cache.sqlite")
    text = (DOCS / name).read_text("utf-8")
    blocks = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)
    assert blocks
    names: dict[str, Any] = {}
    for block in blocks:
        exec(compile(block, name, "exec"), names)
    if name == "security.md":
        assert capsys.readouterr().out == "7 {}\n"
