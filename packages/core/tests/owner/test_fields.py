"""Many people, each with a session for each request, who say in a field of an API who they are."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
from api_fields import API_FIELDS, FIELDS
from flows import form
from requests_cache import BaseCache, CachedSession
from requests_cache.backends import init_backend
from sites import Accounts
from web import Call, QuickAdapter, Says, Site, Visitor, Web


class Told(Site):
    """A site that is told by one field whom it talks to."""

    def who(self, call: Call) -> str | None:
        return call.headers.get(call.path[1:])

    def says(self, call: Call) -> Says:
        return Says(f"page {call.path}", who=None, X_Told=(self.who(call) or "nobody")[::-1])


@pytest.fixture
def users() -> int:
    """Give how many people ask in each field."""
    return 2


def test_there_are_more_than_sixty_fields_of_as_many_apis() -> None:
    assert len({field.lower() for field in FIELDS}) > 60
    assert len(API_FIELDS) > 60


@pytest.mark.parametrize("first", range(0, len(FIELDS), 10), ids=lambda n: FIELDS[n])
@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
def test_each_has_his_own_answer(
    first: int, rules: bool, users: int, make_cache: Callable[[], BaseCache]
) -> None:
    cache, adapter = make_cache(), QuickAdapter()
    with Web(**{"a.test": Told()}) as web:
        for field in FIELDS[first : first + 10]:
            # Keys are the same by both rules.
            for name in [f"person-{number}" for number in range(2 if rules else users)]:
                assert ask(web, cache, adapter, field, name, rules) == (False, name[::-1]), field
            assert ask(web, cache, adapter, field, name, rules) == (True, name[::-1]), field
            assert ask(web, cache, adapter, field, None, rules) == (False, "ydobon"), field
    heads = b"".join(entry.head for _, entry in cache.responses.scan())
    assert b"person-" not in heads


def ask(
    web: Web, cache: BaseCache, adapter: QuickAdapter, field: str, name: str | None, rules: bool
) -> tuple[bool, str]:
    session = CachedSession(backend=cache, autoclose=False, cache_control=rules)
    session.proxies, session.trust_env = {"http": web.url("")}, False
    session.mount("http://", adapter)
    headers = {field: name} if name else {}
    answer = session.get(f"http://a.test/{field.lower()}", headers=headers)
    return answer.from_cache, answer.headers["X-Told"]


def visit(cache: BaseCache) -> Iterable[str]:
    """Have two people log in and look at pages; give all session ids that they were given."""
    with Web(**{"a.test": Accounts(home="a.test/account", private=True)}) as web:
        for rules in (False, True):
            for name in ("alice", "bob"):
                visitor = Visitor(web, cache, cache_control=rules)
                pages = ["a.test/", "a.test/account", "a.test/x"]
                visitor.hits(pages)
                form(visitor, name)
                assert visitor.hits(pages * 2) >= len(pages)
        return set(web.issued)


@pytest.mark.parametrize("backend", ["sqlite", "filesystem"])
def test_no_session_id_is_found_in_the_bytes_of_a_store(backend: str, tmp_path: Path) -> None:
    cache = init_backend(backend, str(tmp_path / "store"))
    ids = visit(cache)
    cache.close()
    stored = b"".join(file.read_bytes() for file in tmp_path.rglob("*") if file.is_file())
    assert ids
    assert stored
    assert not [each for each in ids if each.encode() in stored]
