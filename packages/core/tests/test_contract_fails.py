"""The contract is worth something: a store that does not keep it fails, and is told why."""

from __future__ import annotations

import signal
import sys
import time
from subprocess import TimeoutExpired

import pytest
from requests_cache import testing
from requests_cache.testing import children
from requests_cache.testing.patience import within

pytest_plugins = ["pytester"]

_STORE = """
import pytest
from requests_cache.backends.base import Capabilities, DictStorage, Entry
from requests_cache.testing import StorageContract

class Store(DictStorage):
    {body}

class TestStore(StorageContract):
    largest = 1000

    @pytest.fixture
    def make_storage(self):
        return lambda name="one": Store()
"""
_FORMAT = """
import pytest
from requests_cache.errors import RecordError
from requests_cache.serializers import init_serializer
from requests_cache.testing import SerializerContract

class Format(type(init_serializer("default"))):
    def decode(self, head, body):
        try:
            return super().decode(head, body)
        except RecordError:
            raise KeyError from None

class TestFormat(SerializerContract):
    @pytest.fixture
    def make_serializer(self):
        return Format
"""
BREACHES = {
    "claims to be persistent": (
        "capabilities = Capabilities(persistent=True)",
        "test_opening_again",
    ),
    "claims to be shared": (
        "capabilities = Capabilities(shared_between_processes=True)",
        "test_another_process_reads",
    ),
    "claims to expire": (
        "capabilities = Capabilities(native_expiry=0.1)",
        "test_end_of_keeping",
    ),
    "claims to refuse large values": (
        "capabilities = Capabilities(max_value_size=1000)",
        "test_limit",
    ),
    "claims to refuse long keys": (
        "capabilities = Capabilities(max_key_size=1000)",
        "test_long_key[2048-ascii]",
    ),
    "claims bulk operations": (
        "capabilities = Capabilities(bulk=True)",
        "test_bulk_is_what_is_declared",
    ),
    "claims to list without bodies": (
        "capabilities = Capabilities(heads_apart=True)",
        "test_scan_gives_heads",
    ),
    "claims an order": (
        "capabilities = Capabilities(ordered=True)\n"
        "    def __iter__(self): return iter(sorted(self.data))",
        "test_order",
    ),
    "loses times": (
        "def write(self, key, entry): super().write(key, Entry(entry.head, entry.body))",
        "test_times[far future]",
    ),
    "takes the epoch for never": (
        "def read(self, key):\n"
        "        entry = super().read(key)\n"
        "        return entry and entry._replace(expires=entry.expires or None)",
        "test_times[the epoch]",
    ),
    "folds case": (
        "def write(self, key, entry): super().write(key.lower(), entry)\n"
        "    def __setitem__(self, key, value): super().__setitem__(key.lower(), value)",
        "test_similar_keys[case]",
    ),
    "gives a lease twice": (
        "capabilities = Capabilities(leases=True)\n"
        "    def lease(self, key, seconds): return 'token'",
        "test_a_lease_is_given_once",
    ),
    "loses a body": (
        "def create_body(self):\n"
        "        writer = super().create_body()\n"
        "        writer.commit = lambda key, entry: None\n"
        "        return writer",
        "test_fork_with_an_open_body[writer]",
    ),
    "makes a value where there was none": (
        "def rewrite_head(self, key, entry): self.write(key, entry)",
        "test_rewrite_missing_head",
    ),
}


@pytest.mark.parametrize(("body", "test"), BREACHES.values(), ids=BREACHES)
def test_breach_fails(pytester: pytest.Pytester, body: str, test: str) -> None:
    """A store that breaks a rule, or declares more than is true, fails the test of that rule."""
    file = pytester.makepyfile(test_store=_STORE.format(body=body))
    result = pytester.runpytest_inprocess(f"{file}::TestStore::{test}", "-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)


def test_format_that_raises_what_it_likes_fails(pytester: pytest.Pytester) -> None:
    """Whatever is wrong with what is stored, a session expects one error."""
    file = pytester.makepyfile(test_format=_FORMAT)
    test = f"{file}::TestFormat::test_damage[value]"
    result = pytester.runpytest_inprocess(test, "-p", "no:cacheprovider")
    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*damage raises KeyError, not RecordError*"])


def test_keeping_the_contract(pytester: pytest.Pytester) -> None:
    """A store that keeps the contract passes; the plugin says how many tests it passed."""
    pytester.makepyfile(test_store=_STORE.format(body="pass"))
    arguments = ("-p", "requests_cache.testing.plugin", "-k", "test_pop or test_clear")
    result = pytester.runpytest_subprocess(*arguments)
    result.assert_outcomes(passed=3, deselected=result.parseoutcomes()["deselected"])
    result.stdout.fnmatch_lines(["contract: Store 3 passed"])


def test_counting_in_several_processes(pytester: pytest.Pytester) -> None:
    """The plugin counts what the processes of pytest-xdist ran, too."""
    pytester.makepyfile(test_store=_STORE.format(body="pass"))
    arguments = ("-p", "requests_cache.testing.plugin", "-k", "test_pop or test_clear", "-n", "2")
    result = pytester.runpytest_subprocess(*arguments)
    result.assert_outcomes(passed=3)
    result.stdout.fnmatch_lines(["contract: Store 3 passed"])


@pytest.mark.parametrize(
    ("contract", "factory", "test"),
    [
        ("StorageContract", "make_storage", "test_is_empty_at_first"),
        ("CacheContract", "make_cache", "test_damaged_response"),
    ],
)
def test_forgotten_factory(
    pytester: pytest.Pytester, contract: str, factory: str, test: str
) -> None:
    """Whoever forgets the factory is told to write it."""
    pytester.makepyfile(
        f"from requests_cache.testing import {contract}\nclass TestStore({contract}): pass\n"
    )
    result = pytester.runpytest_inprocess("-k", test)
    result.stdout.fnmatch_lines([f"*TestStore: override the fixture {factory}*"])


def test_without_pytest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who wants the contract without pytest is told what to install; origin and child need none."""
    monkeypatch.delitem(vars(testing), "StorageContract", raising=False)
    monkeypatch.setitem(sys.modules, "pytest", None)
    assert testing.Origin.__name__ == "Origin"
    with pytest.raises(ImportError, match=r"requests-cache-core\[testing\]"):
        _ = testing.StorageContract
    loaded = "__import__('requests_cache.testing.tasks') and [*__import__('sys').modules]"
    assert "pytest" not in children.run_in_child(eval, loaded)


def test_unknown_name() -> None:
    """A name that the package does not have is an AttributeError, as for any module."""
    with pytest.raises(AttributeError, match="has no attribute 'Contract'"):
        _ = testing.Contract


def test_child_that_does_not_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """A child that takes too long is ended, and the test that started it fails."""
    monkeypatch.setattr(children, "_SECONDS", 0.1)
    child = children.start_child(time.sleep, 600)
    with pytest.raises(TimeoutExpired):
        child.result()
    assert child._process.returncode != 0


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no timers")
def test_test_that_hangs_in_no_verb(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is ended as well, and says how long it took."""
    monkeypatch.setattr(sys, "_current_frames", dict)
    with pytest.raises(pytest.fail.Exception, match="not ended after 1000 s"), within(1000):
        signal.raise_signal(signal.SIGALRM)


@pytest.mark.skipif(not hasattr(signal, "SIGALRM"), reason="no timers")
def test_timer_of_somebody_else() -> None:
    """It goes on, and is the only one."""
    signal.setitimer(signal.ITIMER_REAL, 1000)
    try:
        with within(500):
            assert signal.getitimer(signal.ITIMER_REAL)[0] > 500
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def test_store_that_deletes_some_day(pytester: pytest.Pytester) -> None:
    """A store may take its time to delete; it is not waited for."""
    body = "capabilities = Capabilities(native_expiry=float('inf'))"
    file = pytester.makepyfile(test_store=_STORE.format(body=body))
    arguments = (f"{file}::TestStore::test_end_of_keeping", "-p", "no:cacheprovider")
    pytester.runpytest_inprocess(*arguments).assert_outcomes(passed=1)
