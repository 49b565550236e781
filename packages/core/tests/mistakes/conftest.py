"""Runs one test of the contract over a class with one mistake in it, and gives what is said."""

from __future__ import annotations

from collections.abc import Callable
from textwrap import indent

import pytest

pytest_plugins = ["pytester"]

_FILE = '''
import os, threading, time
from contextlib import contextmanager, suppress
from io import BytesIO
import pytest
from requests_cache.backends.base import *
from requests_cache.errors import *
from requests_cache.serializers import *
from requests_cache.testing import *

class Honest(BaseStorage):
    """A dictionary that keeps the contract."""

    def __init__(self, *args, **options):
        super().__init__(**options)
        self.entries = {{}}

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

{code}
'''
_STORE = """
class Store({base}):
    pass
{body}

class TestStore(StorageContract):
    largest = 1000
    patience = {patience}

    @pytest.fixture
    def make_storage(self, tmp_path):
        return lambda name="one": Store(tmp_path / "cache.sqlite", name)

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
class Store(InFile):
    pass

{body}

class TestCache(CacheContract):
    largest = 1000

    @pytest.fixture
    def make_cache(self, tmp_path):
        return lambda name="one", **options: Cache(str(tmp_path / name), **options)
"""
_FORMAT = """
{body}

class TestFormat(SerializerContract):
    @pytest.fixture
    def make_serializer(self):
        return Format
"""


@pytest.fixture
def run(pytester: pytest.Pytester) -> Callable[[str, str], tuple[bool, str]]:
    """Give what runs tests of a class over code; it says whether all passed, and what was said."""

    def run_it(code: str, test: str) -> tuple[bool, str]:
        file = pytester.makepyfile(test_mistake=_FILE.format(code=code))
        kind = code.rpartition("class Test")[2].partition("(")[0]
        tests = [f"{file}::Test{kind}::{each}" for each in test.split(", ")]
        arguments = (*tests, "-p", "no:cacheprovider", "-W", "ignore")
        result = pytester.runpytest_inprocess(*arguments)
        outcomes = result.parseoutcomes()
        assert outcomes, result.stdout.str()
        return outcomes == {"passed": len(tests)}, result.stdout.str()

    return run_it


@pytest.fixture
def in_store(run: Callable[[str, str], tuple[bool, str]]) -> Callable[..., tuple[bool, str]]:
    """Run a test over a store with a mistake."""

    def run_it(
        body: str, test: str, base: str = "Honest", patience: float = 30
    ) -> tuple[bool, str]:
        body = indent(body, "    ")
        return run(_STORE.format(base=base, body=body, patience=patience), test)

    return run_it


@pytest.fixture
def in_cache(run: Callable[[str, str], tuple[bool, str]]) -> Callable[[str, str], tuple[bool, str]]:
    """Run a test over a cache with a mistake."""
    return lambda body, test: run(_CACHE.format(body=body), test)


@pytest.fixture
def in_format(
    run: Callable[[str, str], tuple[bool, str]],
) -> Callable[[str, str], tuple[bool, str]]:
    """Run a test over a serializer with a mistake."""
    return lambda body, test: run(_FORMAT.format(body=body), test)
