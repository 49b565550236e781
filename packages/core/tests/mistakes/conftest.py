"""Runs tests of the contract over classes with one mistake each, and gives what is said of each."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import indent
from typing import NamedTuple
from xml.etree import ElementTree as ET

import pytest


class Case(NamedTuple):
    """A class with a mistake, and the test that has to fail for it."""

    test: str
    body: str
    kind: str = "store"
    base: str = "Honest"
    patience: float = 30


class Said(NamedTuple):
    """What a run says of a case."""

    passed: bool
    text: str


RunAll = Callable[[dict[str, Case]], dict[str, Said]]


@pytest.fixture(scope="session")
def case() -> type[Case]:
    """Give what describes a case."""
    return Case


_FILE = '''
import os, threading, time
from contextlib import contextmanager, suppress
from io import BytesIO
import pytest
from requests_cache.backends.base import *
from requests_cache.errors import *
from requests_cache.serializers import *
from requests_cache.testing import *
from requests_cache.testing.stores import instances, leases

# What never comes need not be waited for as long as a server may take.
instances._SETTLING, leases._PATIENCE = 0.2, 1.0

def part_of(contract, test):
    """Give the part of a contract that has a test: pytest need not collect all others."""
    name = test.partition("[")[0]
    return next(part for part in contract.__mro__ if name in vars(part))

class Honest(BaseStorage):
    """A dictionary that keeps the contract."""

    def __init__(self, *args, **options):
        super().__init__(**options)
        self.entries = {}

    def read(self, key):
        return self.entries.get(key)

    def write(self, key, entry):
        self.entries[key] = entry

    def discard(self, key):
        return self.entries.pop(key, None) is not None

    def __iter__(self):
        return iter(list(self.entries))

class InFile(Honest):
    """A store in a file, by our own store in SQLite."""

    capabilities = Capabilities(persistent=True, shared_between_processes=True, ordered=True)

    def __init__(self, path, name, **options):
        from requests_cache.backends.sqlite import DbDict
        super().__init__(**options)
        self.inner = DbDict(path, name)

    def read(self, key):
        return self.inner.read(key)

    def write(self, key, entry):
        self.inner.write(key, entry)

    def discard(self, key):
        return self.inner.discard(key)

    def __iter__(self):
        return iter(self.inner)

    def close(self):
        self.inner.close()
'''
_STORE = """
class Store{n}({base}):
    pass
{body}

class TestCase{n}(part_of(StorageContract, "{test}")):
    largest = 1000
    patience = {patience}

    @pytest.fixture
    def make_storage(self, tmp_path):
        return lambda name="one": Store{n}(tmp_path / "cache.sqlite", name)

    @pytest.fixture
    def break_storage(self):
        @contextmanager
        def broken(storage):
            storage.is_broken = True
            yield
            storage.is_broken = False
        return broken
"""
_CACHE = """
{body}

class TestCase{n}(part_of(CacheContract, "{test}")):
    largest = 1000

    @pytest.fixture
    def make_cache(self, tmp_path):
        return lambda name="one", **options: Cache{n}(str(tmp_path / name), **options)
"""
_FORMAT = """
{body}

class TestCase{n}(part_of(SerializerContract, "{test}")):
    @pytest.fixture
    def make_serializer(self):
        return Format{n}
"""


_KINDS = {"store": _STORE, "cache": _CACHE, "format": _FORMAT}


def _code_of(number: int, case: Case) -> str:
    # A class of its own for each case, so that all of them fit into one file.
    body = case.body
    for name in ("Store", "Cache", "Format", "Eager"):
        body = re.sub(rf"class {name}\b", f"class {name}{number}", body)
    body = body.replace("Eager(name", f"Eager{number}(name").replace("Store(name", "InFile(name")
    body = body.replace("(Store)", "(InFile)")
    if case.kind == "store":
        body = indent(body, "    ")
    return _KINDS[case.kind].format(
        n=number, body=body, base=case.base, patience=case.patience, test=case.test
    )


@pytest.fixture(scope="session")
def run_all(tmp_path_factory: pytest.TempPathFactory) -> RunAll:
    """Give what runs all cases in one process."""

    def run(cases: dict[str, Case]) -> dict[str, Said]:
        folder = tmp_path_factory.mktemp("mistakes")
        numbered = list(enumerate(cases.values()))
        code = [_code_of(number, case) for number, case in numbered]
        (folder / "test_mistakes.py").write_text("\n".join([_FILE, *code]), "utf-8")
        ids = [f"test_mistakes.py::TestCase{n}::{case.test}" for n, case in numbered]
        _run_pytest(folder, ids)
        found = _read_report(folder / "report.xml")
        names = list(cases)
        return {names[n]: found[f"TestCase{n}"] for n, _ in numbered}

    return run


def _run_pytest(folder: Path, ids: list[str]) -> None:
    options = ("-p", "no:cacheprovider", "-W", "ignore", "--junitxml", "report.xml")
    subprocess.run(
        [sys.executable, "-m", "pytest", *options, *ids],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        check=False,
    )


def _read_report(file: Path) -> dict[str, Said]:
    said: dict[str, Said] = {}
    for case in ET.parse(file).iter("testcase"):
        name = str(case.get("classname")).rpartition(".")[2]
        # What fails in the end, too, is reported twice.
        texts = [said[name].text] if name in said and not said[name].passed else []
        texts += [f"{each.get('message')}\n{each.text}" for each in case]
        said[name] = Said(not texts, "\n".join(texts))
    return said
