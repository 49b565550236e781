"""Programs for requests-cache 0.7 and 1.3 do what they did, or what the documentation here says.

A program names in brackets the versions that it is true of, and `hatch run snippets` asks these.
Those of `using.txt` and `inside.txt` are made after the documentation of 1.3.
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests_cache
from requests_cache.testing.origin import Origin

FILES = sorted((Path(__file__).parent / "snippets").glob("*.txt"))
SNIPPETS = {
    name: code
    for file in FILES
    for name, code in re.findall(r"(?ms)^== ([^\n]*)\n(.*?)(?=^== |\Z)", file.read_text())
}
PREAMBLE = Path(__file__).parent.joinpath("snippets", "preamble.py").read_text()


@pytest.fixture
def names(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[dict[str, Any]]:
    """Give what the programs use; their sessions are closed."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    made: list[requests_cache.CachedSession] = []

    def make_session(*args: Any, **kwargs: Any) -> requests_cache.CachedSession:
        made.append(requests_cache.CachedSession(*args, **kwargs))
        return made[-1]

    found: dict[str, Any] = {}
    exec(compile(PREAMBLE, "preamble.py", "exec"), found)
    found.update(B=origin.url(""), CachedSession=make_session)
    with warnings.catch_warnings():
        # An option that has no effect here warns; what is meant to is tested below.
        warnings.simplefilter("ignore", UserWarning)
        yield found
    found["stop"]()
    for session in made:
        session.close()
    requests_cache.uninstall_cache()


@pytest.mark.parametrize("name", SNIPPETS)
def test_it_runs(name: str, names: dict[str, Any]) -> None:
    exec(compile(SNIPPETS[name], name, "exec"), names)
