"""Mistakes of caches and serializers: caught by a test, refused when they are made, or harmless."""

from __future__ import annotations

import re
from typing import Any

import pytest

_RIGHT = """
class Cache(BaseCache):
    def __init__(self, name="x", **options):
        super().__init__(name, **options)
        self.responses = Store(name, "responses", **self.storage_options)
        self.redirects = Store(name, "redirects", **self.storage_options)
"""


def but(*changes: tuple[str, str]) -> str:
    code = _RIGHT
    for old, new in changes:
        assert old in code
        code = code.replace(old, new)
    return code


_REDIRECTS = '        self.redirects = Store(name, "redirects", **self.storage_options)\n'

# What the mistake is: (the test that has to fail, a word of its message, the code).
CACHES: dict[str, tuple[str, str, str]] = {
    "redirects are forgotten": (
        "test_opening_again",
        "names of both storages",
        but((_REDIRECTS, "")),
    ),
    "one store for both": (
        "test_responses_and_redirects_are_apart",
        "names of both storages",
        but(('"redirects"', '"responses"')),
    ),
    "options are swallowed": (
        "test_unknown_option",
        "hand it and all options",
        but(("name, **options)\n        self.resp", "name)\n        self.resp")),
    ),
    "the name is ignored": (
        "test_caches_are_apart",
        "derive the names",
        but(("Store(name,", "Store(os.path.dirname(name) + '/x',")),
    ),
    "the name is not handed on": (
        "test_a_cache_knows_its_name",
        "not handed to super",
        but(("super().__init__(name, **options)", "super().__init__(**options)")),
    ),
    "storages before the constructor of the base": (
        "test_close_twice",
        r"call super\(\).__init__",
        "class Cache(BaseCache):\n    def __init__(self, name='x', **options):\n"
        "        self.responses = Store(name, 'r')\n        super().__init__(name, **options)\n",
    ),
    "a dictionary for a store": (
        "test_close_twice",
        "give an instance of a subclass of BaseStorage",
        but((_REDIRECTS, "        self.redirects = {}\n")),
    ),
    "another serializer afterwards": (
        "test_both_storages_have_the_serializer",
        "past the stages",
        but((_REDIRECTS, _REDIRECTS + "        self.redirects.serializer = init_serializer()\n")),
    ),
    "close twice": (
        "test_close_twice",
        "closed twice",
        _RIGHT + "    def close(self):\n        super().close()\n        del self.responses\n",
    ),
    "deletes what has expired": (
        "test_validation[/etag]",
        "on_error='raise'",
        "class Eager(Store):\n    def write(self, key, entry):\n"
        "        if not entry.expires: super().write(key, entry)\n"
        + but(('Store(name, "resp', 'Eager(name, "resp')),
    ),
    "bounds that are swallowed": (
        "test_bounds_are_taken_or_refused[max_size]",
        "leave both options to BaseCache",
        but(("        super", "        options.pop('max_size', 0)\n        super")),
    ),
}
_COMPACT = """
import json
class Format(DocumentSerializer):
    name = "mine"
    def to_bytes(self, document):
        return json.dumps(document).encode("ascii")
    def from_bytes(self, data):
        return json.loads(data)
"""
FORMATS: dict[str, tuple[str, str, str]] = {
    "text is cut": (
        "test_value[text]",
        "of the same type",
        _COMPACT.replace("(document)", "(document).replace('\\\\u0000', '')", 1),
    ),
    "bytes are taken for text": (
        "test_response[all bytes]",
        "to the byte|decode",
        _COMPACT.replace('name = "mine"', 'name = "mine"\n    binary = True').replace(
            "json.dumps(document)", "json.dumps(document, default=lambda b: b.decode('latin-1'))"
        ),
    ),
    "no mark": (
        "test_foreign_bytes[JSON]",
        "begin what is written with a mark",
        _COMPACT + "    def read(self, data):\n        return {'value': 1}\n",
    ),
    "the mark of another": (
        "test_another_serializer_says_whose_it_is",
        "a name that no other has",
        _COMPACT + "    mark = b'RQC\\x01'\n",
    ),
    "no checksum": (
        "test_damage[response]",
        "put a checksum",
        _COMPACT
        + "    def write(self, d):\n        return self.mark + self.to_bytes(d)\n"
        + "    def read(self, data):\n"
        + "        if not data.startswith(self.mark): raise RecordError('not mine')\n"
        + "        return self.from_bytes(data[len(self.mark):])\n",
    ),
    "errors of the parser get out": (
        "test_foreign_bytes[HTML]",
        "RecordError",
        "import json\nclass Format(Serializer):\n    name = 'mine'\n"
        "    def encode(self, value): return json.dumps(value).encode(), b''\n"
        "    def decode(self, head, body): return json.loads(head)\n",
    ),
    "keeps the last value": (
        "test_threads_share_it",
        "keep nothing of a value",
        _COMPACT.replace(
            "        return json.dumps(document)",
            "        self.last = document\n        time.sleep(0)\n"
            "        return json.dumps(self.last)",
        ),
    ),
    "says splits": (
        "test_splits_is_what_is_declared",
        "declare `splits`",
        _COMPACT + "    splits = True\n",
    ),
    "says streams": (
        "test_streams_is_what_is_declared",
        "declare `streams`",
        _COMPACT + "    streams = True\n",
    ),
    "a body beside the head": (
        "test_splits_is_what_is_declared",
        "has to be in the head",
        _COMPACT + "    def encode(self, value):\n        return super().encode(value)[0], b'x'\n",
    ),
    "changes what it writes": (
        "test_writing_changes_nothing",
        "leave the value",
        _COMPACT
        + "    def encode(self, value):\n        value.set_expiration(None)\n"
        + "        return super().encode(value)\n",
    ),
    "no serializer": (
        "test_is_a_serializer",
        "derive from requests_cache.serializers.DocumentSerializer",
        "class Format:\n    def dumps(self, value): return b''\n",
    ),
}


HARMLESS = but((", **self.storage_options", ""))


@pytest.fixture(scope="module")
def said(run_all: Any, case: Any) -> dict[str, Any]:
    """Give what a run says of each mistake, and of each test over what is right."""
    cases = {name: case(test, code, "cache") for name, (test, _, code) in CACHES.items()}
    cases |= {name: case(test, code, "format") for name, (test, _, code) in FORMATS.items()}
    cases |= {test: case(test, _RIGHT, "cache") for test, _, _ in CACHES.values()}
    cases |= {test: case(test, _COMPACT, "format") for test, _, _ in FORMATS.values()}
    cases["harmless"] = case("test_both_storages_have_the_serializer", HARMLESS, "cache")
    return run_all(cases)  # type: ignore[no-any-return]  # a fixture of conftest


@pytest.mark.parametrize("name", [*CACHES, *FORMATS])
def test_mistake_is_caught_and_the_remedy_named(said: dict[str, Any], name: str) -> None:
    passed, text = said[name]
    assert not passed
    assert re.search({**CACHES, **FORMATS}[name][1], text), text


def test_what_is_right_passes(said: dict[str, Any]) -> None:
    tests = {test for test, _, _ in (*CACHES.values(), *FORMATS.values())}
    assert {test: said[test].text for test in tests if not said[test].passed} == {}


def test_forgotten_storage_options_do_no_harm(said: dict[str, Any]) -> None:
    assert said["harmless"].passed, said["harmless"].text
