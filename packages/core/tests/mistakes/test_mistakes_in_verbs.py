"""Each mistake that a store can make with what it is asked fails a test, which says what to do."""

from __future__ import annotations

import re
from typing import Any

import pytest

# What the mistake is: (the test that has to fail, a word of its message, the code).
MISTAKES: dict[str, tuple[str, str, str]] = {
    "read gives a tuple": (
        "test_get_item",
        "`read` give an Entry",
        "def read(self, key):\n    e = super().read(key)\n    return e and tuple(e)",
    ),
    "read gives bytes": (
        "test_get_item",
        "`read` give an Entry",
        "def read(self, key):\n    e = super().read(key)\n    return e and e.head + e.body",
    ),
    "read gives memoryview": (
        "test_read_gives_bytes",
        "Entry of bytes",
        "def read(self, key):\n"
        "    e = super().read(key)\n    return e and e._replace(body=memoryview(e.body))",
    ),
    "read gives bytearray": (
        "test_read_gives_bytes",
        "Entry of bytes",
        "def read(self, key):\n"
        "    e = super().read(key)\n    return e and e._replace(head=bytearray(e.head))",
    ),
    "read raises KeyError": (
        "test_read_missing",
        "gives None",
        "def read(self, key):\n    return self.entries[key]",
    ),
    "discard gives None": (
        "test_delete_item",
        "`discard` say by True",
        "def discard(self, key):\n    self.entries.pop(key, None)",
    ),
    "discard raises KeyError": (
        "test_discard",
        "`discard` says",
        "def discard(self, key):\n    del self.entries[key]\n    return True",
    ),
    "iter gives bytes": (
        "test_keys_values_items",
        "`__iter__` give each key",
        "def __iter__(self):\n    return iter([key.encode() for key in self.entries])",
    ),
    "iter gives a list": (
        "test_is_empty_at_first",
        "`__iter__` give each key",
        "def __iter__(self):\n    return list(self.entries)",
    ),
    "iter over what changes": (
        "test_writing_while_listing",
        "`__iter__` and `scan`",
        "def __iter__(self):\n    return iter(self.entries)",
    ),
    "a verb is misspelt": (
        "test_no_verb_is_misspelt",
        "delete_expired",
        "def delete_expird(self, now):\n    return 0",
    ),
    "the constructor of the base is forgotten": (
        "test_get_item",
        "serializer",
        "def __init__(self, *args):\n    self.entries = {}",
    ),
    "delete_expired gives None": (
        "test_delete_expired",
        "says how many",
        "def delete_expired(self, now):\n    super().delete_expired(now)",
    ),
    "read_many gives what is missing": (
        "test_read_many",
        "`read_many` gives",
        "def read_many(self, keys):\n    return ((key, self.read(key)) for key in keys)",
    ),
    "bulk_delete raises for what is missing": (
        "test_bulk_delete_with_missing_keys",
        "Missing keys are no error",
        "def bulk_delete(self, keys):\n    for key in keys:\n        del self[key]",
    ),
    "bulk_delete reads its keys twice": (
        "test_bulk_delete_takes_a_generator",
        "reads its keys once",
        "def bulk_delete(self, keys):\n    len(list(keys)) and super().bulk_delete(keys)",
    ),
    "write_many loses some": (
        "test_read_very_many",
        "read_many",
        "def write_many(self, items):\n    super().write_many(list(items)[:100])",
    ),
    "an exception of its own for what is too large": (
        "test_limit",
        "ValueTooLargeError",
        "capabilities = Capabilities(max_value_size=1000)\n"
        "def write(self, key, entry):\n"
        "    if len(entry.head) + len(entry.body) > 1000: raise ValueError('too large')\n"
        "    super().write(key, entry)",
    ),
    "errors of the driver are not mapped": (
        "test_a_broken_store_raises_our_errors",
        "read.*raises OSError",
        "def read(self, key):\n"
        "    if getattr(self, 'is_broken', False): raise OSError('down')\n"
        "    return super().read(key)",
    ),
    "errors of the driver are no causes": (
        "test_a_broken_store_raises_our_errors",
        "without its cause",
        "def read(self, key):\n"
        "    if getattr(self, 'is_broken', False): raise StorageError('down')\n"
        "    return super().read(key)",
    ),
    "errors of the driver are swallowed": (
        "test_a_broken_store_raises_our_errors",
        "raises nothing",
        "def read(self, key):\n"
        "    return None if getattr(self, 'is_broken', False) else super().read(key)",
    ),
    "an outage is remembered": (
        "test_a_store_that_is_back_works_again",
        "the same object works",
        "def read(self, key):\n    return self.ask(lambda: super(type(self), self).read(key))\n"
        "def write(self, key, entry):\n"
        "    return self.ask(lambda: super(type(self), self).write(key, entry))\n"
        "def ask(self, do):\n"
        "    self.dead = getattr(self, 'dead', False) or getattr(self, 'is_broken', False)\n"
        "    if self.dead: raise StorageError('down') from OSError('down')\n"
        "    return do()",
    ),
    "keys are folded": (
        "test_similar_keys[case]",
        "never fold",
        "def write(self, key, entry):\n    super().write(key.lower(), entry)",
    ),
    "keys are stripped": (
        "test_similar_keys[a space behind]",
        "never fold, strip",
        "def write(self, key, entry):\n    super().write(key.strip(), entry)",
    ),
    "keys are normalised": (
        "test_similar_keys[Unicode normal form]",
        "normalise",
        "def write(self, key, entry):\n"
        "    import unicodedata\n"
        "    super().write(unicodedata.normalize('NFC', key), entry)",
    ),
    "keys are hashed": (
        "test_keys_values_items",
        "`__iter__` give each key",
        "def write(self, key, entry):\n    super().write(str(hash(key)), entry)\n"
        "def read(self, key):\n    return super().read(str(hash(key)))",
    ),
    "keys are cut": (
        "test_long_key[1024-ascii]",
        "max_key_size",
        "def write(self, key, entry):\n    super().write(key[:500], entry)\n"
        "def read(self, key):\n    return super().read(key[:500])",
    ),
    "times in milliseconds are rounded": (
        "test_times[fractions]",
        "expires",
        "def write(self, key, e):\n"
        "    super().write(key, e._replace(expires=e.expires and float(int(e.expires))))",
    ),
    "times are swapped": (
        "test_times[kept beyond]",
        "`expires` and `keep_until` apart",
        "def write(self, key, e):\n"
        "    super().write(key, Entry(e.head, e.body, e.keep_until, e.expires))",
    ),
    "keep_until is lost": (
        "test_times[kept beyond]",
        "keep_until is lost",
        "def write(self, key, entry):\n    super().write(key, entry._replace(keep_until=None))",
    ),
    "expires is lost": (
        "test_times[kept for ever]",
        "expires is lost",
        "def write(self, key, entry):\n    super().write(key, entry._replace(expires=None))",
    ),
    "the epoch is taken for never": (
        "test_times[the epoch]",
        "expires is lost",
        "def read(self, key):\n"
        "    e = super().read(key)\n    return e and e._replace(expires=e.expires or None)",
    ),
    "a lifetime for a time": (
        "test_times[far future]",
        "s off",
        "def write(self, key, e):\n"
        "    super().write(key, e._replace(expires=e.expires and e.expires - time.time()))",
    ),
    "deletes what has expired": (
        "test_expired_values_are_still_read",
        "until its `keep_until`",
        "def read(self, key):\n"
        "    e = super().read(key)\n"
        "    return None if e and e.expires and e.expires < time.time() else e",
    ),
    "expires a moment too late": (
        "test_count_unexpired",
        "`<=`",
        "def count_unexpired(self, now):\n"
        "    return sum(e.expires is None or e.expires >= now for e in self.entries.values())",
    ),
    "sweep gives None": (
        "test_repeated_sweeps_come_to_all_that_is_over",
        "give a number",
        "def sweep(self, now, most):\n    super().sweep(now, most)",
    ),
    "sweep does nothing": (
        "test_repeated_sweeps_come_to_all_that_is_over",
        "0 of 40 are gone",
        "def sweep(self, now, most):\n    return 0",
    ),
    "sweep ignores its bound": (
        "test_repeated_sweeps_come_to_all_that_is_over",
        "most=3.* deleted 40",
        "def sweep(self, now, most):\n    return self.delete_expired(now - 0.5) or sum(\n"
        "        self.discard_over(key, now) for key in self)",
    ),
    "sweep looks at the first ones only": (
        "test_repeated_sweeps_come_to_all_that_is_over",
        "of 40 are gone",
        "def sweep(self, now, most):\n"
        "    return sum(self.discard_over(key, now) for key in sorted(self)[:3])",
    ),
    "discard_over does nothing": (
        "test_discard_over",
        "compare `keep_until`",
        "def discard_over(self, key, now):\n    return False",
    ),
    "discard_over by expires": (
        "test_discard_over",
        "compare `keep_until`",
        "def discard_over(self, key, now):\n    return self.discard_expired(key, now)",
    ),
    "scan reads keys that are gone": (
        "test_deleting_while_scanning[False]",
        "leave out of `scan`",
        "def scan(self, bodies=False):\n"
        "    for key in list(self.entries): yield key, self.entries[key]",
    ),
    "a lock stays when write_many breaks off": (
        "test_what_is_given_may_break_off[write_many]",
        "give back locks",
        "def write_many(self, items):\n"
        "    if getattr(self, 'locked', False): raise StorageTimeoutError('locked')\n"
        "    self.locked = True\n"
        "    super().write_many(items)\n"
        "    self.locked = False",
    ),
    "len leaves out what has expired": (
        "test_expired_values_are_still_read",
        "listed and counted",
        "def __len__(self):\n"
        "    return sum(e.expires is None or e.expires > time.time()"
        " for e in self.entries.values())",
    ),
    "read_many leaves out what has expired": (
        "test_times[kept for ever]",
        "from every verb that reads",
        "def read_many(self, keys):\n"
        "    return ((key, e) for key, e in super().read_many(keys)"
        " if not e.expires or e.expires > time.time())",
    ),
    "write_many forgets keep_until": (
        "test_times_written_in_bulk[kept beyond]",
        "keep_until is lost",
        "def write_many(self, items):\n"
        "    super().write_many((key, e._replace(keep_until=None)) for key, e in items)",
    ),
    "delete_expired by a clock of its own": (
        "test_delete_expired",
        "what has expired",
        "def delete_expired(self, now):\n    return super().delete_expired(time.time())",
    ),
    "times in 32 bits": (
        "test_times[far future]",
        "s off",
        "def write(self, key, e):\n"
        "    super().write(key, e._replace(expires=e.expires and min(e.expires, 2**31 - 1.0)))",
    ),
    "a value without a body is missing": (
        "test_head_and_body_are_kept_apart",
        "empty or not",
        "def read(self, key):\n    e = super().read(key)\n    return e if e and e.body else None",
    ),
    "sweep by expires": (
        "test_sweep",
        "keep_until",
        "def sweep(self, now, most):\n    return self.delete_expired(now)",
    ),
    "discard_expired does not look": (
        "test_what_is_made_fresh_meanwhile_stays",
        "replaced it since",
        "def discard_expired(self, key, now):\n    return self.discard(key)",
    ),
    "rewrite_head drops the body": (
        "test_rewrite_head[4]",
        "leaves a body",
        "def rewrite_head(self, key, entry):\n    key in self and self.write(key, entry)",
    ),
    "rewrite_head keeps the times": (
        "test_rewrite_head[4]",
        "expires",
        "def rewrite_head(self, key, entry):\n"
        "    e = self.read(key)\n    e and self.write(key, e._replace(head=entry.head))",
    ),
    "rewrite_head makes a value": (
        "test_rewrite_missing_head",
        "where there is none",
        "def rewrite_head(self, key, entry):\n    self.write(key, entry)",
    ),
    "close ends it": (
        "test_use_after_close",
        "open again in any verb",
        "def close(self):\n    del self.entries",
    ),
    "close twice": (
        "test_close_twice",
        "closed twice",
        "def close(self):\n"
        "    if getattr(self, 'gone', False): raise RuntimeError('closed')\n    self.gone = True",
    ),
    "close leaves files open": (
        "test_closing_gives_back_what_was_opened",
        "`close` close the connections",
        "def __init__(self, *args):\n    super().__init__()\n    self.file = open(os.devnull)",
    ),
    "all names are one": (
        "test_namespaces_are_apart",
        "derive file, table or prefix",
        "shared = {}\ndef __init__(self, *args):\n    super().__init__()\n"
        "    self.entries = self.shared",
    ),
    "len is wrong": (
        "test_len",
        "`len` counts",
        "def __len__(self):\n    return len(self.entries) + 1",
    ),
    "in is wrong": ("test_contains", "`in` says", "def __contains__(self, key):\n    return True"),
    "repr shows values": (
        "test_repr_shows_no_values",
        "secret",
        "def __repr__(self):\n    return repr(dict(self))",
    ),
    "it cannot be pickled": (
        "test_pickling",
        "cannot pickle",
        "def __init__(self, *args):\n    super().__init__()\n    self.lock = threading.Lock()\n"
        "def __reduce__(self):\n    return (object.__new__, (type(self),), vars(self))",
    ),
}


# What no test has a word for, but pytest itself, or the watch over the time that a test takes.
OTHERS = {
    "a verb is forgotten": (
        "test_get_item",
        "abstract method '?discard",
        "discard = BaseStorage.discard",
    ),
    "a verb hangs": (
        "test_get_item",
        r"Store\d+.read has not come back after 0.5 s: give each wait",
        "def read(self, key):\n    threading.Event().wait()",
    ),
    "a verb hangs in a thread": (
        "test_threads_write_one_key",
        r"Store\d+.write has not come back",
        "def write(self, key, entry):\n"
        "    if threading.current_thread() is not threading.main_thread():\n"
        "        threading.Event().wait()\n"
        "    super().write(key, entry)",
    ),
}


_RIGHT = (
    "def __getattribute__(self, name):\n"
    "    mine = object.__getattribute__\n"
    "    if name in dir(BaseStorage) and mine(self, '__dict__').get('is_broken'):\n"
    "        raise StorageError('down') from OSError('down')\n"
    "    return mine(self, name)\n"
    "def __iter__(self):\n"
    "    if vars(self).get('is_broken'): raise StorageError('down') from OSError('down')\n"
    "    return super().__iter__()\n"
    "def __contains__(self, key):\n    return self.read(key) is not None"
)


@pytest.fixture(scope="module")
def said(run_all: Any, case: Any) -> dict[str, Any]:
    """Give what a run says of each mistake, and of each test over what is right."""
    tests = {test for test, _, _ in MISTAKES.values()}
    return run_all(  # type: ignore[no-any-return]  # a fixture of conftest
        {
            **{name: case(test, body) for name, (test, _, body) in MISTAKES.items()},
            **{name: case(test, body, patience=0.5) for name, (test, _, body) in OTHERS.items()},
            **{test: case(test, _RIGHT) for test in sorted(tests)},
        }
    )


@pytest.mark.parametrize("name", MISTAKES)
def test_mistake_is_caught_and_the_remedy_named(said: dict[str, Any], name: str) -> None:
    passed, text = said[name]
    assert not passed
    assert re.search(MISTAKES[name][1], text), text
    assert "The contract:" in text
    assert "What to do:" in text


@pytest.mark.parametrize("name", OTHERS)
def test_mistake_is_caught_and_the_verb_named(said: dict[str, Any], name: str) -> None:
    passed, text = said[name]
    assert not passed
    assert re.search(OTHERS[name][1], text), text


def test_no_mistake_passes(said: dict[str, Any]) -> None:
    tests = {test for test, _, _ in MISTAKES.values()}
    assert {test: said[test].text for test in tests if not said[test].passed} == {}
