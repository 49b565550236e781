"""What the verbs of a cache are given in the place of a value or of several."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests
from requests_cache import CachedSession
from requests_cache.errors import ConfigurationError, UnknownOptionError
from requests_cache.testing.origin import Origin

CALLS: dict[str, Callable[[CachedSession, Any], object]] = {
    "keys": lambda session, value: session.cache.delete(value),
    "keys, in bulk": lambda session, value: session.cache.bulk_delete(value),
    "keys, of responses": lambda session, value: session.cache.delete_responses(value),
    "keys, read": lambda session, value: list(session.cache.read_responses(value)),
    "key": lambda session, value: session.cache.has_key(value),
    "key, to get": lambda session, value: session.cache.get_response(value),
    "key, to read": lambda session, value: session.cache.read_response(value),
    "urls": lambda session, value: session.cache.delete(urls=value),
    "urls, of a verb": lambda session, value: session.cache.delete_urls(value),
    "url": lambda session, value: session.cache.delete_url(value),
    "url, looked for": lambda session, value: session.cache.has_url(value),
    "url, contained": lambda session, value: session.cache.contains(url=value),
    "url, explained": lambda session, value: session.explain(value),
    "requests": lambda session, value: session.cache.delete(requests=value),
    "request": lambda session, value: session.cache.contains(request=value),
    "request, for a key": lambda session, value: session.cache.create_key(value),
    "response": lambda session, value: session.cache.save_response(value),
    "other": lambda session, value: session.cache.update(value),
    "original_session": lambda session, value: CachedSession.wrap(value, backend="memory"),
    "verify": lambda session, value: session.cache.delete("key", verify=value),
    "expired": lambda session, value: session.cache.delete(expired=value),
    "expired, listed": lambda session, value: list(session.cache.filter(expired=value)),
    "limit": lambda session, value: list(session.cache.sorted(limit=value)),
    "progress": lambda session, value: session.cache.delete(invalid=True, progress=value),
    "method": lambda session, value: session.cache.delete_url("http://a.example/", value),
    "method, explained": lambda session, value: session.explain("http://a/", method=value),
    "method, of a choice": lambda session, value: session.cache.delete(method=value),
    "key_prefix": lambda session, value: session.cache.delete(key_prefix=value),
    "status": lambda session, value: session.cache.delete(status=value),
    "host": lambda session, value: session.cache.delete(host=value),
}


@pytest.fixture
def session(origin: Origin) -> Iterator[CachedSession]:
    with CachedSession(backend="memory") as session:
        session.get(origin.url("/json"))
        session.get(origin.url("/bytes/3"))
        yield session


@pytest.mark.parametrize(
    "value", [5.5, object(), [[1]], [None]], ids=["number", "object", "lists", "nothing"]
)
@pytest.mark.parametrize("name", CALLS)
def test_what_is_of_a_wrong_type_is_refused_with_its_name(
    session: CachedSession, name: str, value: object
) -> None:
    with pytest.raises(ConfigurationError, match=rf"(?s)^{name.partition(',')[0]}=.*: give "):
        CALLS[name](session, value)
    assert len(session.cache) == 2


@pytest.mark.parametrize("many", [False, True], ids=["one", "several"])
@pytest.mark.parametrize("what", ["urls", "bytes", "requests", "keys", "iterator"])
def test_one_value_is_as_good_as_several(
    session: CachedSession, origin: Origin, what: str, many: bool
) -> None:
    url = origin.url("/json")
    key = session.cache.create_key(method="GET", url=url)
    values: dict[str, Any] = {
        "urls": url,
        "bytes": url.encode(),
        "requests": requests.Request("GET", url),
        "keys": key,
        "iterator": url,
    }
    given = [values[what]] if many else values[what]
    if what == "keys":
        session.cache.bulk_delete(given)
    elif what == "requests":
        session.cache.delete(requests=given)
    else:
        session.cache.delete(urls=iter(given) if what == "iterator" and many else given)
    assert not session.cache.contains(key)
    assert len(session.cache) == 1


@pytest.mark.parametrize(
    "name",
    ["host", "match", "method", "status", "content_type", "larger_than", "newer_than"],
)
def test_a_criterion_that_is_none_is_none_at_all(session: CachedSession, name: str) -> None:
    """What a program has not found out would delete everything."""
    session.cache.delete(**{name: None})  # type: ignore[arg-type]  # of no type
    assert len(session.cache) == 2
    assert len(list(session.cache.filter(**{name: None}))) == 2  # type: ignore[arg-type]  # same


@pytest.mark.parametrize("value", [None, "a.example"])
@pytest.mark.parametrize("verb", ["delete", "filter", "heads", "urls"])
def test_a_misspelt_criterion_is_refused_whatever_its_value(
    session: CachedSession, verb: str, value: str | None
) -> None:
    with pytest.raises(UnknownOptionError, match="did you mean 'host'"):
        getattr(session.cache, verb)(hosst=value)
    assert len(session.cache) == 2
