"""Where files are."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

import pytest
from requests_cache.errors import ConfigurationError
from requests_cache.paths import make_private_folder, resolve_path

posix = pytest.mark.skipif(os.name != "posix", reason="permissions of POSIX")


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "USERPROFILE"):
        monkeypatch.setenv(name, str(tmp_path / "home"))
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "temp"))
    monkeypatch.chdir(tmp_path)


def test_a_relative_path_belongs_to_the_working_folder(tmp_path: Path) -> None:
    assert resolve_path("a/b") == tmp_path / "a" / "b"


def test_the_home_folder_is_expanded(tmp_path: Path) -> None:
    assert resolve_path("~/a", use_temp=True) == tmp_path / "home" / "a"


def test_an_absolute_path_is_left_as_it_is(tmp_path: Path) -> None:
    assert resolve_path(tmp_path / "a", use_temp=True, use_cache_dir=True) == tmp_path / "a"


@pytest.mark.parametrize(
    ("platform", "variable", "expected"),
    [
        ("linux", None, "home/.cache/requests-cache/a"),
        ("linux", "XDG_CACHE_HOME", "given/requests-cache/a"),
        ("darwin", None, "home/Library/Caches/requests-cache/a"),
        ("win32", None, "home/AppData/Local/requests-cache/a"),
        ("win32", "LOCALAPPDATA", "given/requests-cache/a"),
    ],
)
def test_the_users_cache_folder_is_where_the_platform_has_it(
    platform: str,
    variable: str | None,
    expected: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.delenv("LOCALAPPDATA", raising=False)
    if variable:
        monkeypatch.setenv(variable, str(tmp_path / "given"))
    assert resolve_path("a", use_cache_dir=True) == tmp_path / expected


@posix
def test_the_temp_folder_is_private() -> None:
    folder = resolve_path("a", use_temp=True).parent
    assert folder.name == f"requests-cache-{os.getuid()}"
    assert folder.stat().st_mode & 0o777 == 0o700
    assert resolve_path("a", use_temp=True).parent == folder


@posix
def test_a_temp_folder_that_is_open_to_others_is_not_used() -> None:
    resolve_path("a", use_temp=True).parent.chmod(0o755)
    with pytest.raises(ConfigurationError, match=r"use_temp=True: .* is open to other users"):
        resolve_path("a", use_temp=True)


@posix
def test_a_link_in_place_of_the_temp_folder_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir(mode=0o700)
    folder = tmp_path / "temp" / f"requests-cache-{os.getuid()}"
    folder.parent.mkdir()
    folder.symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="use_temp=True"):
        resolve_path("a", use_temp=True)


@posix
def test_a_new_folder_is_private_and_an_existing_one_is_left_as_it_is(tmp_path: Path) -> None:
    old = tmp_path / "old"
    old.mkdir(mode=0o755)
    make_private_folder(old)
    make_private_folder(old / "new" / "newer")
    assert old.stat().st_mode & 0o777 == 0o755
    for folder in (old / "new", old / "new" / "newer"):
        assert folder.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("path", ["file", "file/below"])
def test_a_file_in_place_of_a_folder_is_named(path: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(ConfigurationError, match="cannot be a folder"):
        make_private_folder(tmp_path / path)


@pytest.mark.parametrize("name", ["", "\0", "a\0b", "\ud800", "a/\udfff/b"])
def test_what_no_file_can_be_called_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match="cannot be the name of a cache"):
        resolve_path(name)


def test_a_file_whose_name_is_no_text_can_be_a_cache() -> None:
    assert os.fsencode(resolve_path(os.fsdecode(b"/tmp/\xff"))) == b"/tmp/\xff"


def test_a_user_that_is_not_there_has_no_home() -> None:
    with pytest.raises(ConfigurationError, match="give an absolute path"):
        resolve_path("~nobody-has-this-name/cache")
