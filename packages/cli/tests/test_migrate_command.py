"""`requests-cache migrate` takes over what older versions left, with the options of `migrate`."""

from __future__ import annotations

import errno
import inspect
import json
import shutil
from pathlib import Path

import pytest
from click import Option
from program import run_here
from requests_cache import CachedRequest, CachedResponse, CachedSession
from requests_cache.backends.filesystem import folder
from requests_cache.cli.verbs.migrating import migrate_command
from requests_cache.migrate import migrate

CACHES = Path(__file__).parents[2] / "core/tests/migrate/caches"


@pytest.fixture
def old(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Give a cache that 1.3.3 wrote, with seven entries."""
    monkeypatch.chdir(tmp_path)
    shutil.copy(CACHES / "1.3.3-pickle.sqlite", "old.sqlite")
    return "old.sqlite"


def test_the_command_has_every_option_of_the_function() -> None:
    function = {
        name
        for name, each in inspect.signature(migrate).parameters.items()
        if each.kind is each.KEYWORD_ONLY
    }
    # The address says these, and the terminal whether there is a bar.
    command = {each.name for each in migrate_command.params if isinstance(each, Option)}
    assert function - {"backend", "connection", "progress"} <= command


def test_pickles_are_read_when_they_are_trusted(old: str) -> None:
    assert "trust_pickle=True" in run_here("migrate", old, "new.sqlite").err
    done = run_here("migrate", old, "new.sqlite", "--trust-pickle")
    assert (done.status, "copied 7, not copied 0" in done.err) == (0, True)


def test_a_trial_makes_nothing(old: str, tmp_path: Path) -> None:
    done = run_here("migrate", old, "new.sqlite", "--trust-pickle", "--dry-run")
    assert (done.status, "copied 7" in done.err) == (0, True)
    assert run_here("migrate", "filesystem:///.", "other.sqlite", "--dry-run").status == 0
    assert [*tmp_path.glob("*new*"), *tmp_path.glob("*other*")] == []


@pytest.mark.parametrize(
    ("options", "copied"),
    [("", 1), ("?match_credentials=false", 4), ("?ignored_parameters=Cookie", 2)],
)
def test_a_trial_says_what_would_be_copied(tmp_path: Path, options: str, copied: int) -> None:
    secrets: dict[str, dict[str, str]] = {
        "nobody": {},
        "cookie": {"Cookie": "sid=1"},
        "token": {"Authorization": "Bearer t"},
        "key": {"X-Api-Key": "t"},
    }
    old = tmp_path / "old"
    old.mkdir()
    for name, headers in secrets.items():
        request = {"method": "GET", "url": f"http://a.test/{name}", "headers": headers}
        stored = {"status_code": 200, "url": request["url"], "request": request}
        (old / f"{name}.json").write_text(json.dumps(stored))
    target = f"sqlite:////{tmp_path}/new.sqlite{options}"
    trial = run_here("migrate", str(old), target, "--dry-run")
    done = run_here("migrate", str(old), target)
    assert f"copied {copied}, not copied 0" in trial.err
    assert (trial.out, trial.err) == (done.out, done.err)


def test_what_a_target_has_already_is_not_counted(tmp_path: Path) -> None:
    with CachedSession(tmp_path / "one") as one, CachedSession(tmp_path / "two") as two:
        for session, name in ((one, "a"), (two, "b")):
            request = CachedRequest("GET", f"http://a.test/{name}")
            session.cache.save_response(CachedResponse(url=request.url, request=request))
    names = (str(tmp_path / "one.sqlite"), str(tmp_path / "two.sqlite"))
    for options in (("--dry-run",), (), ()):
        assert "copied 1\n" in run_here("migrate", *names, *options).err


@pytest.mark.parametrize("options", [("--partition", "me"), ("--cookies", "ignore")])
def test_what_is_somebodys_is_copied_for_who_owns_it(old: str, options: tuple[str, str]) -> None:
    done = run_here("migrate", old, "new.sqlite", "--trust-pickle", *options)
    assert (done.status, "copied 7" in done.err) == (0, True)
    name, value = options
    partition = value if name == "--partition" else None
    with CachedSession("new", partition=partition, only_if_cached=True) as session:
        url = "http://127.0.0.1:28765/binary"
        assert session.get(url).content == bytes(range(256))


@pytest.mark.parametrize("source", ["old.sqlite", "cache.har", "cache.warc"])
def test_a_store_that_fails_ends_the_command(
    old: str, monkeypatch: pytest.MonkeyPatch, source: str
) -> None:
    """It is no fault of an entry, and the next one would fail, too."""
    run_here("migrate", old, "new.sqlite", "--trust-pickle")
    run_here("export", "new.sqlite", "-o", "cache.har")
    run_here("export", "new.sqlite", "-o", "cache.warc")

    def fail(file: int, pieces: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(folder, "_write_all", fail)
    verb = ["import", "filesystem:///full", source]
    if source == old:
        verb = ["migrate", old, "filesystem:///full", "--trust-pickle"]
    done = run_here(*verb)
    assert (done.status, "the disk is full" in done.err) == (3, True), done.err
