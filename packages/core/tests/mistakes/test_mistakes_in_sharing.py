"""Mistakes of stores in declarations, threads, processes, forks, bodies in pieces and leases.

That stores without them pass is what the contracts of our own say.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

_TWO_STEPS = "def write(self, key, entry):\n    {first}\n    super().write(key, entry)"
_WRITER = """
def create_body(self):
    storage = self
    class Writer(BodyWriter):
        def __init__(self):
            self.pieces = []
        def write(self, data):
            {write}
        def commit(self, key, entry):
            {commit}
        def abort(self):
            {abort}
    return Writer()
"""


def writer(
    write: str = "self.pieces.append(data)",
    commit: str = "storage.write(key, entry._replace(body=b''.join(self.pieces)))",
    abort: str = "self.pieces = []",
) -> str:
    return _WRITER.format(write=write, commit=commit, abort=abort)


# What the mistake is: (its base, the test that has to fail, a word of its message, the code).
MISTAKES: dict[str, tuple[str, str, str, str]] = {
    "says persistent": (
        "Honest",
        "test_opening_again",
        "as declared",
        "capabilities = Capabilities(persistent=True)",
    ),
    "remembers what was missing": (
        "InFile",
        "test_what_was_missing_is_found_when_another_has_written_it",
        "keep nothing of what was read",
        "def read(self, key):\n"
        "    gone = vars(self).setdefault('gone', set())\n"
        "    e = None if key in gone else super().read(key)\n"
        "    if e is None: gone.add(key)\n"
        "    return e\n"
        "def write(self, key, entry):\n"
        "    vars(self).setdefault('gone', set()).discard(key)\n"
        "    super().write(key, entry)",
    ),
    "leases of all namespaces are one": (
        "Honest",
        "test_leases_are_no_values",
        "by another namespace",
        "capabilities = Capabilities(leases=True)\n"
        "held = {}\n"
        "def lease(self, key, seconds):\n"
        "    if self.held.get(key): return None\n"
        "    return self.held.setdefault(key, os.urandom(4).hex())\n"
        "def release(self, key, token):\n"
        "    if self.held.get(key) == token: del self.held[key]",
    ),
    "says shared": (
        "Honest",
        "test_another_process_reads",
        "shared_between_processes",
        "capabilities = Capabilities(shared_between_processes=True)",
    ),
    "says bulk": (
        "Honest",
        "test_bulk_is_what_is_declared",
        "declared as bulk",
        "capabilities = Capabilities(bulk=True)",
    ),
    "says heads_apart": (
        "Honest",
        "test_scan_gives_heads",
        "bodies only as declared",
        "capabilities = Capabilities(heads_apart=True)",
    ),
    "says ordered": (
        "Honest",
        "test_order",
        "if the store declares it",
        "capabilities = Capabilities(ordered=True)\n"
        "def __iter__(self):\n    return iter(sorted(self.entries))",
    ),
    "says streaming": (
        "Honest",
        "test_memory",
        "declared as streaming, but holds",
        "capabilities = Capabilities(streaming=True)",
    ),
    "says max_value_size": (
        "Honest",
        "test_limit",
        "max_value_size",
        "capabilities = Capabilities(max_value_size=1000)",
    ),
    "says max_key_size": (
        "Honest",
        "test_long_key[2048-ascii]",
        "max_key_size",
        "capabilities = Capabilities(max_key_size=1000)",
    ),
    "says native_expiry": (
        "Honest",
        "test_end_of_keeping",
        "native_expiry",
        "capabilities = Capabilities(native_expiry=0.1)",
    ),
    "says leases": (
        "Honest",
        "test_a_lease_is_given_once",
        "declare `leases`",
        "capabilities = Capabilities(leases=True)",
    ),
    "does not say that it is persistent": (
        "InFile",
        "test_opening_again",
        "as declared",
        "capabilities = Capabilities(shared_between_processes=True)",
    ),
    "does not say that it is shared": (
        "InFile",
        "test_another_process_reads",
        "shared_between_processes",
        "capabilities = Capabilities(persistent=True)",
    ),
    "does not say that it has bulk verbs": (
        "Honest",
        "test_bulk_is_what_is_declared",
        "does not declare it",
        "def read_many(self, keys):\n    return super().read_many(keys)\n"
        "def write_many(self, items):\n    super().write_many(items)\n"
        "def bulk_delete(self, keys):\n    super().bulk_delete(keys)",
    ),
    "does not say that it lists heads": (
        "Honest",
        "test_scan_gives_heads",
        "bodies only as declared",
        "def scan(self, bodies=False):\n"
        "    return ((k, e._replace(body=e.body if bodies else b''))"
        " for k, e in super(type(self), self).scan())",
    ),
    "does not say that it takes no long keys": (
        "Honest",
        "test_long_key[2048-ascii]",
        "max_key_size",
        "def write(self, key, entry):\n"
        "    if len(key) > 1000: raise ValueTooLargeError(key)\n    super().write(key, entry)",
    ),
    "does not say that it takes no large values": (
        "Honest",
        "test_size[65536]",
        "max_value_size",
        "def write(self, key, entry):\n"
        "    if len(entry.body) > 1024: raise ValueTooLargeError(key)\n"
        "    super().write(key, entry)",
    ),
    "does not say that it deletes by itself": (
        "Honest",
        "test_end_of_keeping",
        "only `native_expiry` deletes",
        "def read(self, key):\n"
        "    e = super().read(key)\n"
        "    return None if e and e.keep_until and e.keep_until < time.time() else e",
    ),
    "head and body in two steps": (
        "Honest",
        "test_replacing_is_never_seen_half_done",
        "`write` put a whole value",
        "def write(self, key, entry):\n"
        "    old = self.entries.get(key, entry)\n"
        "    super().write(key, entry._replace(body=old.body))\n    super().write(key, entry)",
    ),
    "a body that is empty for a moment": (
        "Honest",
        "test_replacing_is_never_seen_half_done",
        "`read` saw 0 bytes",
        _TWO_STEPS.format(first="super().write(key, entry._replace(body=b''))"),
    ),
    "a body that is half there for a moment": (
        "Honest",
        "test_replacing_is_never_seen_half_done",
        "`read` saw",
        _TWO_STEPS.format(first="super().write(key, entry._replace(body=entry.body[:1000]))"),
    ),
    "deletes before it writes": (
        "Honest",
        "test_replacing_is_never_seen_half_done",
        "took the value away",
        _TWO_STEPS.format(first="self.discard(key)"),
    ),
    "loses updates of other threads": (
        "Honest",
        "test_threads_write_different_keys",
        "hold a lock",
        "def write(self, key, entry):\n"
        "    entries = dict(self.entries)\n    entries[key] = entry\n    self.entries = entries",
    ),
    "tells several threads that they deleted it": (
        "Honest",
        "test_threads_delete_one_key",
        "`discard` told several",
        "def discard(self, key):\n"
        "    was_there = key in list(self)\n    super().discard(key)\n    return was_there",
    ),
    "belongs to one thread": (
        "Honest",
        "test_threads_write_different_keys",
        "many threads",
        "def write(self, key, entry):\n"
        "    if threading.current_thread() is not threading.main_thread():\n"
        "        raise StorageError('made in another thread')\n    super().write(key, entry)",
    ),
    "remembers what it has read": (
        "InFile",
        "test_two_storages_of_one_store",
        "found by its name alone",
        "def read(self, key):\n"
        "    if key not in self.entries: self.entries[key] = super().read(key)\n"
        "    return self.entries[key]",
    ),
    "takes a connection across a fork": (
        "Honest",
        "test_fork",
        r"the forked child failed:[^\0]*StorageError: another process[^\0]*os.getpid",
        "def __init__(self, *args):\n    super().__init__()\n    self.process = os.getpid()\n"
        "def write(self, key, entry):\n"
        "    if os.getpid() != self.process: raise StorageError('another process')\n"
        "    super().write(key, entry)",
    ),
    "leaves half a value when it is killed": (
        "InFile",
        "test_a_killed_writer_leaves_whole_values",
        "bytes are left of",
        "def write(self, key, entry):\n"
        "    for end in range(10_000, len(entry.body), 10_000):\n"
        "        super().write(key, entry._replace(body=entry.body[:end]))\n"
        "    super().write(key, entry)",
    ),
    "lists what is half written": (
        "InFile",
        "test_nothing_is_seen_before_the_end",
        "until `commit`",
        writer(write="self.pieces.append(data); storage.write('part', Entry(data))"),
    ),
    "leaves pieces behind": (
        "Honest",
        "test_given_up[abort]",
        "keep the pieces apart",
        writer(write="storage.write('part', Entry(data))", abort="pass"),
    ),
    "commits without the times": (
        "Honest",
        "test_written_in_pieces[sizes0]",
        "expires is lost",
        writer(commit="storage.write(key, Entry(entry.head, b''.join(self.pieces)))"),
    ),
    "a child forgets the pieces of its parent": (
        "InFile",
        "test_fork_with_an_open_body[writer]",
        "bytes are stored",
        "def create_body(self):\n"
        "    storage, path = self, f'body-{os.getpid()}'\n"
        "    class Writer(BodyWriter):\n"
        "        def write(self, data): open(path, 'ab').write(data)\n"
        "        def commit(self, key, entry):\n"
        "            storage.write(key, entry._replace(body=open(path, 'rb').read()))\n"
        "        def abort(self): pass\n"
        "        def __del__(self):\n"
        "            with suppress(OSError): os.remove(path)\n"
        "    return Writer()",
    ),
    "a child closes what its parent reads": (
        "Honest",
        "test_fork_with_an_open_body[reader]",
        "touch nothing",
        "def open_body(self, key):\n"
        "    e = self.read(key)\n"
        "    if e is None: return None\n"
        "    open('body', 'wb').write(e.body)\n"
        "    class Reader(BytesIO):\n"
        "        def read(self, size=-1): return os.path.exists('body') and super().read(size)"
        " or b''\n"
        "        def close(self):\n"
        "            super().close()\n"
        "            with suppress(OSError): os.remove('body')\n"
        "    return e._replace(body=b''), Reader(e.body)",
    ),
    "a lease for everybody": (
        "Honest",
        "test_a_lease_is_given_once",
        "one caller at a time",
        "capabilities = Capabilities(leases=True)\n"
        "def lease(self, key, seconds):\n    return 'token'",
    ),
    "a lease that never ends": (
        "Honest",
        "test_a_lease_ends_by_itself",
        "ends by itself",
        "capabilities = Capabilities(leases=True)\nheld = set()\n"
        "def lease(self, key, seconds):\n"
        "    if key in self.held: return None\n    self.held.add(key)\n    return 'token'\n"
        "def release(self, key, token):\n    self.held.discard(key)",
    ),
    "a lease that anybody ends": (
        "Honest",
        "test_a_lease_is_given_back_by_its_owner_alone",
        "if the token is the same",
        "capabilities = Capabilities(leases=True)\n"
        "def lease(self, key, seconds):\n"
        "    held = vars(self).setdefault('held', set())\n"
        "    if key in held: return None\n    held.add(key)\n    return 'token'\n"
        "def release(self, key, token):\n    self.held.discard(key)",
    ),
}


@pytest.fixture(scope="module")
def said(run_all: Any, case: Any) -> dict[str, Any]:
    """Give what a run says of each mistake."""
    return run_all(  # type: ignore[no-any-return]  # a fixture of conftest
        {name: case(test, body, base=base) for name, (base, test, _, body) in MISTAKES.items()}
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_caught_and_the_remedy_named(said: dict[str, Any], name: str) -> None:
    passed, text = said[name]
    assert not passed
    assert re.search(MISTAKES[name][2], text), text
    assert "The contract:" in text
    assert "What to do:" in text
