"""Plain requests, a miss and a hit are the same in everything that a program can see.

What differs is listed in `undocumented`, with the reason. `hatch run differential` tries many.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import requests
import requests_mock
from hypothesis import given, settings
from requests.adapters import HTTPAdapter
from requests_cache import BaseCache, CachedSession, CacheMixin
from requests_cache.backends.sqlite import SQLiteCache
from requests_cache.testing.origin import Origin

# Tests are imported by file, not through a path; the others are beside this file.
sys.path.insert(0, str(Path(__file__).parent))

from calls import Call, calls
from origins import DATE, Site, sites
from seeing import see

OF_SOME = ("Age", "Connection", "Transfer-Encoding")
SECRET = ("Authorization", "Cookie")
# A profile of its own tries many; see the fixtures of core's tests.
_TRIED = settings().max_examples
EXAMPLES = 25 if _TRIED <= 100 else _TRIED


class Adapter(HTTPAdapter):
    """An adapter of a program's own."""

    def send(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        request.headers["X-Adapter"] = "1"
        return super().send(request, *args, **kwargs)


class Signing(requests.Session):
    """A session class of a program's own, which has a say in what is sent."""

    def prepare_request(self, request: requests.Request) -> requests.PreparedRequest:
        prepared = super().prepare_request(request)
        prepared.headers["X-Signed"] = "yes"
        return prepared


class CachedSigning(CacheMixin, Signing):
    """The same with a cache."""


class Mounted(requests.Session):
    """A session with another adapter."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self.mount("http://", Adapter())


class CachedMounted(CacheMixin, Mounted):
    """The same with a cache."""


KINDS = {
    "session": (requests.Session, CachedSession),
    "subclass": (Signing, CachedSigning),
    "adapter": (Mounted, CachedMounted),
}


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def undocumented(seen: dict[str, Any]) -> dict[str, Any]:
    """Give what was seen without what the documentation says is different.

    With the rules of HTTP a hit has an `Age` (RFC 9111, section 5.1), and no fields of the
    connection that it came over (section 3.1). The request at the end of a redirect, and those on
    the way, are as they were stored: without their secrets (docs/security.md). What an adapter adds
    to a request is not in that of a hit, for it was not sent.
    """
    seen = dict(seen)
    if "headers" in seen:
        seen["headers"] = _of_any_hit(seen["headers"])
        *others, lines = seen["raw"]
        seen["raw"] = (*others, _of_any_hit(lines))
        method, url, headers, body = seen["request"]
        shown = [(n, n in SECRET or v) for n, v in headers if n != "X-Adapter"]
        seen["request"] = (method, url, shown, body)
        seen["history"] = [undocumented(hop) for hop in seen.get("history", ())]
    return seen


def _of_any_hit(lines: list[tuple[str, str]]) -> list[tuple[str, str]]:
    return [line for line in lines if line[0] not in OF_SOME]


def differences(plain: dict[str, Any], other: dict[str, Any]) -> dict[str, Any]:
    """Give what differs, by name."""
    one, two = undocumented(plain), undocumented(other)
    return {
        name: (one.get(name), two.get(name))
        for name in {**one, **two}
        if one.get(name) != two.get(name)
    }


def without_readings(found: dict[str, Any]) -> dict[str, Any]:
    """Leave out what requests says of a body that was read as a stream: a hit gives it again."""
    return {name: pair for name, pair in found.items() if pair[0] != "builtins.RuntimeError"}


def compare(
    origin: Origin, site: Site, call: Call, cache: BaseCache, rules: bool, kind: str
) -> None:
    origin.answers = site.answers()
    play(*KINDS[kind], call, origin.url(site.start), cache, rules, lambda session: None)


def play(
    plain_class: type[requests.Session],
    cached_class: type[CacheMixin],
    call: Call,
    url: str,
    cache: BaseCache,
    rules: bool,
    prepare: Callable[[requests.Session], None],
) -> None:
    """Make a call by requests, then three times with a cache, and compare what is seen."""
    with plain_class() as session:
        session.trust_env = False
        prepare(session)
        plain = see(session, call, url)
    for turn in ("miss", "hit", "second hit"):
        with cached_class(backend=cache, cache_control=rules, autoclose=False) as session:
            session.trust_env = False
            prepare(session)
            seen = see(session, call, url)
        found = differences(plain, seen)
        assert (found if turn == "miss" else without_readings(found)) == {}, turn


@pytest.mark.parametrize("kind", sorted(KINDS))
@pytest.mark.parametrize("rules", [False, True])
@given(site=sites, call=calls)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_hit_is_what_requests_gives_in_memory(
    origin: Origin, rules: bool, kind: str, site: Site, call: Call
) -> None:
    compare(origin, site, call, BaseCache(), rules, kind)


@pytest.mark.parametrize("rules", [False, True])
@given(site=sites, call=calls)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_hit_is_what_requests_gives_in_sqlite(
    origin: Origin,
    tmp_path_factory: pytest.TempPathFactory,
    rules: bool,
    site: Site,
    call: Call,
) -> None:
    cache = SQLiteCache(tmp_path_factory.mktemp("differential") / "cache")
    compare(origin, site, call, cache, rules, "session")
    cache.close()


@pytest.mark.parametrize("rules", [False, True])
@given(site=sites, call=calls)
@settings(max_examples=EXAMPLES, deadline=None)
def test_a_hit_is_what_a_mock_gives(rules: bool, site: Site, call: Call) -> None:
    def prepare(session: requests.Session) -> None:
        adapter = requests_mock.Adapter()
        # A mock has cookies in its responses, but fills no jar.
        fields = [line for line in site.fields if line[0] != "Set-Cookie"]
        adapter.register_uri(
            "GET",
            requests_mock.ANY,
            status_code=site.status,
            headers={"Date": DATE, **dict(fields)},
            # An origin sends no body with these (RFC 9110, section 6.4.1).
            content=b"" if site.status in (204, 304) else site.body,
        )
        session.mount("http://", adapter)

    play(
        requests.Session, CachedSession, call, "http://mock.example/x", BaseCache(), rules, prepare
    )
