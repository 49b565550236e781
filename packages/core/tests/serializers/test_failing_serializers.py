"""A serializer that fails concerns one response: the store is well, and is asked as before."""

from __future__ import annotations

import json
import logging
import pickle
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.errors import StorageError, UnsupportedValueError
from requests_cache.serializers import DocumentSerializer, Serializer, Stage, init_serializer
from requests_cache.testing.origin import Origin

ERRORS = (ValueError, KeyError, OSError, MemoryError, RecursionError, AttributeError, TimeoutError)
_mode: dict[str, Any] = {}


@pytest.fixture(autouse=True)
def _healthy() -> Iterator[None]:
    yield
    _mode.clear()


def _stumble(verb: str, value: Any) -> Any:
    """Raise or give what the test wants of this verb, else the right value."""
    if verb not in _mode:
        return value
    if isinstance(_mode[verb], type) and issubclass(_mode[verb], BaseException):
        raise _mode[verb]("boom")
    return _mode[verb]


class Dumps:
    """An object with `dumps` and `loads`."""

    def dumps(self, value: object) -> Any:
        return _stumble("write", pickle.dumps(value))

    def loads(self, data: bytes) -> object:
        return _stumble("read", pickle.loads(data))


class Document(DocumentSerializer):
    """A format of plain data."""

    name = "document"

    def to_bytes(self, document: dict[str, Any]) -> Any:
        return _stumble("write", json.dumps(document).encode("ascii"))

    def from_bytes(self, data: bytes) -> Any:
        return _stumble("read", json.loads(data))


class Whole(Serializer):
    """A subclass of the base itself."""

    name = "whole"

    def encode(self, value: object) -> Any:
        return _stumble("write", init_serializer("pickle").encode(value))

    def decode(self, head: bytes, body: bytes | None) -> Any:
        return _stumble("read", init_serializer("pickle").decode(head, body))


class Shift(Stage):
    """A stage of somebody else's."""

    name = "shift"

    def encode(self, head: bytes, body: bytes) -> Any:
        return _stumble("write", (head, body))

    def decode(self, head: bytes, body: bytes | None) -> Any:
        return _stumble("read", (head, body))


MAKERS: dict[str, Callable[[], Any]] = {
    r"'custom' \(Dumps\)": Dumps,
    "'document'": Document,
    "'whole'": Whole,
    r"'default\|shift'": lambda: init_serializer() | Shift(),
}
# What each may give of what follows.
_RIGHT = {r"'custom' \(Dumps\)": (str, bytes), "'document'": (bytes,)}
WRONG = (None, 3, "text", b"bytes alone", ("head", "body"), (b"head", None), (b"head",))


@pytest.fixture(params=[False, True], ids=["keep", "http"])
def make(request: pytest.FixtureRequest, make_session: Callable[..., CachedSession]) -> Any:
    """Give what makes a session with a serializer."""
    return lambda serializer, **options: make_session(
        serializer=serializer, cache_control=request.param, **options
    )


@pytest.mark.parametrize("title", MAKERS)
@pytest.mark.parametrize("error", ERRORS)
def test_what_cannot_be_written_is_not_stored_and_the_store_is_not_blamed(
    make: Any, origin: Origin, caplog: pytest.LogCaptureFixture, title: str, error: type
) -> None:
    session = make(MAKERS[title]())
    _mode["write"] = error
    for _ in range(2):
        response = session.get(origin.url("/max-age/60"))
        assert response.status_code == 200
        assert response.cache_status.detail == "serializer-failed"
    assert not session.breaker.is_troubled
    assert session.cache.stats.bypassed == 0
    [warning] = [each for each in caplog.records if each.levelno >= logging.WARNING]
    assert "the store failed" not in warning.getMessage()
    with pytest.raises(
        UnsupportedValueError, match=f"the serializer {title} failed on a value of type Cach"
    ):
        session.cache.save_response(response)
    _mode.clear()
    session.get(origin.url("/max-age/60"))
    assert session.get(origin.url("/max-age/60")).from_cache


@pytest.mark.parametrize("title", MAKERS)
@pytest.mark.parametrize("wrong", WRONG, ids=repr)
def test_what_is_no_bytes_is_an_error_of_the_serializer(title: str, wrong: Any) -> None:
    made = init_serializer(MAKERS[title]())
    _mode["write"] = wrong
    if type(wrong) in _RIGHT.get(title, ()):
        assert made.encode("value")
    else:
        with pytest.raises(UnsupportedValueError, match=f"the serializer {title} failed"):
            made.encode("value")


@pytest.mark.parametrize("title", MAKERS)
@pytest.mark.parametrize("error", [*ERRORS, StorageError])
def test_what_cannot_be_read_is_a_miss_and_the_store_is_not_blamed(
    make: Any, origin: Origin, caplog: pytest.LogCaptureFixture, title: str, error: type
) -> None:
    session = make(MAKERS[title]())
    session.get(origin.url("/max-age/60"))
    _mode["read"] = error
    assert not session.get(origin.url("/max-age/60")).from_cache
    assert not session.breaker.is_troubled
    assert "the store failed" not in caplog.text
    assert session.cache.stats.invalid
    _mode.clear()
    assert session.get(origin.url("/max-age/60")).from_cache


@pytest.mark.parametrize("title", MAKERS)
def test_a_session_that_shall_raise_does_so(make: Any, origin: Origin, title: str) -> None:
    session = make(MAKERS[title](), on_error="raise")
    _mode["write"] = ValueError
    with pytest.raises(UnsupportedValueError, match=f"the serializer {title} .*ValueError: boom"):
        session.get(origin.url("/max-age/60"))
