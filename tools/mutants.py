"""Change a module a little, again and again, and say which changes no test notices.

`python tools/mutants.py` tries the modules that decide; `python tools/mutants.py policy/stale
_matching/keys` these. mutmut makes the changes and runs the tests that touch each, of those that
`TESTS` names for the module; uv gets it for this run. It works on a copy, and stops after
`--minutes`. `tools/mutants.md` has the figures.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import signal
import subprocess
import sys
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from packages import ROOT

CORE = ROOT / "packages" / "core"
MUTMUT = "mutmut==3.8.1"
# What decides: the other modules of the policy read fields, or are lists.
DECIDING = "deciding freshness http invalidation keep partial selection"
# The tests that prove a module, or a folder: those that ask it directly, and what it is for. Whole
# sessions, and whole histories, are too slow for each change, unless a module is about them.
_NAMES = ("owner/test_names.py", "owner/test_fields.py")
_SECRETS = (
    "owner/test_redactor.py",
    "test_credentials.py",
    "owner/test_canaries.py",
    "test_next_pages.py",
)
_KEYS = ("test_keys.py", "owner/test_golden_keys.py", "owner/test_queries.py", "test_bodies.py")
_MATCHING = ("owner/test_golden_keys.py", "owner/test_matching.py")
_OWNERS = ("owner/test_owner.py", "owner/test_asking.py")
_PEOPLE = ("owner/test_asking.py", "owner/test_histories.py", "test_challenges.py")
_MISSES = ("owner/test_misses.py",)
_REPEATED = ("test_fast_path.py", "test_plain_calls.py", "test_taken_by_requests.py")
TESTS: dict[str, tuple[str, ...]] = {
    "policy": ("policy", "test_keep.py"),
    "_matching": (*_NAMES, *_SECRETS, *_KEYS, *_OWNERS, "owner/test_telling_bodies.py"),
    "_matching/credentials": (*_NAMES[:1], *_SECRETS[:2]),
    "_matching/names": (*_NAMES[:1], "owner/test_queries.py"),
    "_matching/owner": (*_OWNERS[:1], *_KEYS[:2], *_SECRETS[:2]),
    "_matching/queries": _KEYS,
    "_matching/keys": (*_MATCHING, "owner/test_certificates.py"),
    "_matching/auth": (
        "owner/test_auth_objects.py",
        "owner/test_certificates.py",
        "owner/test_asking.py",
    ),
    "_matching/cookie_names": _NAMES[:1],
    "_matching/texts": ("owner/test_telling_bodies.py", *_SECRETS[:2]),
    "_matching/bodies": (*_SECRETS[:2], "test_bodies.py"),
    "_exchange": (*_PEOPLE, "test_session.py", "test_redirects.py", "test_stale.py"),
    "_exchange/whose": ("owner/test_whose.py", *_MISSES, "owner/test_sealing.py"),
    "_exchange/request_context": ("http/test_http_settings.py", "test_expiration.py"),
    "_exchange/heads": ("http/test_http_settings.py", "http/test_http_stale.py", "test_keep.py"),
    "_exchange/redirects": ("test_redirects.py", "http/test_http_redirects.py"),
    "_exchange/fetching": ("http/test_http_resuming.py", "http/test_http_ranges.py"),
    "_exchange/keying": (*_PEOPLE, "test_keys.py"),
    "_fast_path": _REPEATED,
    "_fast_path/examining": _REPEATED[:1],
    "_fast_path/identities": ("test_identities.py",),
}
# They read the source, or start another process, which would read the one that is not changed.
NOT_HERE = (
    "policy/test_policy_document.py",
    "policy/test_policy_door.py",
    "policy/test_policy_cache_status.py::test_status_is_imported_without_the_rest_of_the_policy",
)
HELPERS = (
    *(f"owner/{name}.py" for name in ["api_fields", "between", "flows", "signing", "sites", "web"]),
    "http/conftest.py",
    "http/world.py",
)
PROFILE = """
hypothesis.settings.register_profile(
    "mutants", deadline=None, max_examples=15, derandomize=True, database=None
)
hypothesis.settings.load_profile("mutants")
"""


def main() -> int:
    """Try the mutants; return 1 if more than one of twenty survives."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("modules", nargs="*", help="such as policy/stale; those that decide")
    parser.add_argument("--minutes", type=float, default=30.0, help="stop after so long")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="so many at a time")
    parser.add_argument("--show", action="store_true", help="show the changes that survive")
    options = parser.parse_args()
    modules = options.modules or [f"policy/{name}" for name in DECIDING.split()]
    with TemporaryDirectory(prefix="requests-cache-mutants-") as folder:
        prepare(Path(folder), modules)
        try:
            jobs = ("--max-children", str(options.jobs))
            mutmut(folder, "run", *jobs, timeout=options.minutes * 60)
        except subprocess.TimeoutExpired:
            print(f"\nStopped after {options.minutes:g} minutes.")
        return report(folder, options.show)


def prepare(folder: Path, modules: list[str]) -> None:
    """Copy source and tests, and say what is to be changed."""
    ignored = shutil.ignore_patterns("__pycache__", ".hypothesis")
    shutil.copytree(CORE / "src", folder / "src", ignore=ignored)
    for name in ("conftest.py", *HELPERS, *tests_of(modules)):
        source, target = CORE / "tests" / name, folder / "tests" / name
        if source.is_dir():
            shutil.copytree(source, target, ignore=ignored)
        else:
            target.parent.mkdir(exist_ok=True)
            shutil.copy(source, target)
    for source in (folder / "src" / "requests_cache").rglob("*.py"):
        forget(source)
    with (folder / "tests" / "conftest.py").open("a", encoding="utf-8") as conftest:
        conftest.write(PROFILE)
    changed = "".join(f"\n    src/requests_cache/{module}.py" for module in modules)
    settings = f"source_paths=src\nalso_copy=src\nonly_mutate={changed}\n"
    selection = "pytest_add_cli_args_test_selection=tests\n"
    (folder / "setup.cfg").write_text(f"[mutmut]\n{settings}{selection}", "utf-8")
    skipped = " ".join(f"--deselect tests/{name}" for name in NOT_HERE)
    (folder / "pytest.ini").write_text(
        f"[pytest]\naddopts = -q -p no:cacheprovider {skipped}\n", "utf-8"
    )


def tests_of(modules: list[str]) -> set[str]:
    """Give the tests that prove modules."""
    found = (TESTS.get(module) or TESTS[module.partition("/")[0]] for module in modules)
    return {name for names in found for name in names}


def forget(source: Path) -> None:
    """Let functions remember nothing: an old answer hides a change, and mutmut needs them bare."""
    text = source.read_text("utf-8")
    if "__wrapped__(" not in text and "cache_clear" not in text:
        source.write_text(re.sub(r"(?m)^@lru_cache\(.*\)\n", "", text), "utf-8")


def mutmut(folder: str, *command: str, timeout: float | None = None) -> str:
    """Run mutmut in a folder, on top of this environment; give what it prints."""
    run = ("uv", "run", "--no-project", "--active", "--with", MUTMUT, "mutmut", *command)
    plain = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
    environment = {**os.environ, **plain, "VIRTUAL_ENV": sys.prefix}
    # It paints its progress over and over.
    painted = None if sys.stdout.isatty() else subprocess.DEVNULL
    shown = painted if command[0] == "run" else subprocess.PIPE
    # In a group of its own, for uv starts mutmut, and mutmut a process for each change.
    process = subprocess.Popen(
        run, cwd=folder, env=environment, stdout=shown, text=True, start_new_session=True
    )
    try:
        return process.communicate(timeout=timeout)[0] or ""
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def report(folder: str, show: bool) -> int:
    """Print how many died and which survived; return the exit status."""
    lines = mutmut(folder, "results", "--all", "true").split("\n")
    found = dict(re.findall(r"^\s*(\S+): ([a-z ]+)$", "\n".join(lines), re.MULTILINE))
    counts = Counter(found.values())
    survivors = sorted(name for name, state in found.items() if state in ("survived", "no tests"))
    tried = len(found) - counts["not checked"]
    if not tried:
        print("No mutant was tried: do the tests pass, and is there time enough?")
        return 1
    print(f"\n{tried} of {len(found)} mutants tried: {dict(counts)}")
    for name in survivors:
        print(mutmut(folder, "show", name) if show else name)
    share = len(survivors) / max(1, tried)
    print(f"{len(survivors)} survive ({share:.1%})")
    return int(share > 1 / 20)


if __name__ == "__main__":
    sys.exit(main())
