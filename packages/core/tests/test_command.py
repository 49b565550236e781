"""`python -m requests_cache` without the distribution that has the command."""

from __future__ import annotations

import sys

import pytest
from requests_cache import __main__


@pytest.mark.parametrize(
    ("arguments", "status"), [([], 1), (["ls", "file"], 1), (["-h"], 0), (["--help"], 0)]
)
def test_without_the_command_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
) -> None:
    monkeypatch.setattr(__main__, "find_spec", lambda name: None)
    monkeypatch.setattr(sys, "argv", ["requests_cache", *arguments])
    assert __main__.main() == status
    said = capsys.readouterr()
    assert 'pip install "requests-cache-core[cli]"' in (said.err if status else said.out)
    assert (said.out if status else said.err) == ""


def test_with_the_command_it_is_run(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["requests_cache", "--version"])
    with pytest.raises(SystemExit) as ended:
        __main__.main()
    assert ended.value.code == 0
    assert "requests-cache, version" in capsys.readouterr().out
