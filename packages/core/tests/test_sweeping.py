"""What need not be kept goes by itself, a little whenever something is stored."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from requests import Request
from requests_cache import CachedSession
from requests_cache.backends.base import BaseCache, BaseStorage, Capabilities, DictStorage, Entry
from requests_cache.expiration import VALIDATION_GRACE
from requests_cache.testing.origin import Origin

OVER = Entry(b"h", b"b", 100.0, 200.0)


class FourVerbs(BaseStorage):
    """A store that implements what it has to, and no more."""

    def __init__(self) -> None:
        super().__init__()
        self.data: dict[str, Entry] = {}

    def read(self, key: str) -> Entry | None:
        return self.data.get(key)

    def write(self, key: str, entry: Entry) -> None:
        self.data[key] = entry

    def discard(self, key: str) -> bool:
        return self.data.pop(key, None) is not None

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.data))


@pytest.mark.parametrize("count", [1, 64, 65, 1000])
def test_a_store_of_four_verbs_sheds_what_is_over(count: int) -> None:
    """Repeated sweeps come to all of it, and never to more than they may delete at once."""
    storage = FourVerbs()
    storage.write_many((f"over{number}", OVER) for number in range(count))
    storage.write_many((f"kept{number}", Entry(b"h")) for number in range(count))
    swept = [storage.sweep(300.0, 7) for _ in range(count + 32)]
    assert max(swept) <= 7
    assert sum(swept) == count
    assert sorted(storage) == sorted(f"kept{number}" for number in range(count))


def test_a_sweep_keeps_few_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of very many keys a part is looked at, and another part the next time."""
    monkeypatch.setattr("requests_cache.backends.storage._MOST_LISTED", 100)
    storage = FourVerbs()
    storage.write_many((f"over{number}", OVER) for number in range(1000))
    assert storage.sweep(300.0, 1000) == 64
    assert len(storage._unswept) <= 100
    for _ in range(100):
        storage.sweep(300.0, 1000)
    assert not list(storage)


def test_a_store_that_expires_by_itself_is_not_listed() -> None:
    """Its sweep has nothing to do."""
    storage = FourVerbs()
    storage.capabilities = Capabilities(native_expiry=60.0)
    storage.write("over", OVER)
    assert storage.sweep(300.0, 5) == 0
    assert storage.read("over") == OVER


@pytest.fixture(params=[None, 1000], ids=["unbounded", "bounded"])
def storage(request: pytest.FixtureRequest) -> DictStorage:
    """Memory, with bounds and without."""
    storage = BaseCache(max_entries=request.param).responses
    assert isinstance(storage, DictStorage)
    return storage


def test_a_sweep_deletes_a_few_of_what_need_not_be_kept(storage: DictStorage) -> None:
    storage.write_many((f"over{number}", OVER) for number in range(100))
    storage.write("kept", OVER._replace(keep_until=400.0))
    storage.write("kept for ever", OVER._replace(keep_until=None))
    storage["never"] = "a value without times"
    assert storage.sweep(300.0, 5) == 5
    assert sum(storage.sweep(300.0, 200) for _ in range(4)) == 95
    assert sorted(storage) == ["kept", "kept for ever", "never"]
    assert storage.sweep(300.0, 200) == 0


def test_a_sweep_of_nothing(storage: DictStorage) -> None:
    assert storage.sweep(300.0, 5) == 0


def test_what_is_replaced_while_it_is_swept_stays(storage: DictStorage) -> None:
    storage.write("key", OVER)
    fresh = OVER._replace(keep_until=400.0)

    class Replacing(float):
        """A time that lets another thread write whenever it is looked at."""

        def __ge__(self, other: object) -> bool:
            storage.write("key", fresh)
            return True

    assert storage.sweep(Replacing(300.0), 5) == 0
    assert storage.read("key") == fresh
    storage.write("key", OVER)
    assert not storage.discard_expired("key", Replacing(300.0))
    assert storage.read("key") == fresh


def redirect_key(cache: BaseCache, url: str) -> str:
    return cache.create_key(Request("GET", url))


@pytest.fixture
def redirected(
    make_session: Callable[..., CachedSession], origin: Origin, set_time: Callable[[float], None]
) -> CachedSession:
    """A session that has followed a redirect to a page that expires after a minute."""
    session = make_session(expire_after=60)
    session.get(origin.url("/redirect/2"))
    assert session.get(origin.url("/redirect/2")).from_cache
    assert len(session.cache.redirects) == 2
    return session


def store_pages(session: CachedSession, origin: Origin, first: int = 0) -> None:
    for number in range(first, first + 200):
        session.get(origin.url(f"/bytes/{number}"))


def test_redirects_go_with_the_response_they_lead_to(
    redirected: CachedSession, origin: Origin, set_time: Callable[[float], None]
) -> None:
    set_time(1000 + 60 + VALIDATION_GRACE - 1)
    store_pages(redirected, origin)
    assert len(redirected.cache.redirects) == 2
    set_time(1000 + 60 + VALIDATION_GRACE + 1)
    store_pages(redirected, origin, first=200)
    assert len(redirected.cache.redirects) == 0
    assert redirected.cache.stats.purged


def test_a_new_lifetime_holds_for_redirects_too(
    redirected: CachedSession, origin: Origin, set_time: Callable[[float], None]
) -> None:
    redirected.cache.reset_expiration(-1)
    set_time(1e9)
    store_pages(redirected, origin)
    assert redirected.get(origin.url("/redirect/2")).from_cache


def test_saved_redirects_end_with_their_response(redirected: CachedSession, origin: Origin) -> None:
    cache = BaseCache()
    response = redirected.get(origin.url("/redirect/1"))
    cache.save_response(response, expires=2000)
    alias = cache.redirects.read(redirect_key(cache, origin.url("/redirect/1")))
    assert alias is not None
    assert alias.keep_until == 2000 + VALIDATION_GRACE


@pytest.mark.parametrize(
    ("window", "lifetime", "kept"),
    [
        (False, 500, 500 + VALIDATION_GRACE),
        (10 * VALIDATION_GRACE, 500, 500 + 10 * VALIDATION_GRACE),
        (True, 500, None),
        (False, None, None),
        (10 * VALIDATION_GRACE, -1, None),
    ],
)
def test_a_new_lifetime_leaves_how_long_a_response_is_kept_after_it(
    origin: Origin,
    set_time: Callable[[float], None],
    window: float,
    lifetime: float | None,
    kept: float | None,
) -> None:
    set_time(1000)
    with CachedSession(backend="memory", expire_after=60, stale_if_error=window) as session:
        session.get(origin.url("/redirect/1"))
        session.cache.reset_expiration(lifetime)
        until = None if kept is None else 1000 + kept
        stored = (*session.cache.responses.scan(), *session.cache.redirects.scan())
        assert [entry.keep_until for _, entry in stored] == [until, until]


def test_what_has_a_new_lifetime_is_swept_in_the_end(
    redirected: CachedSession, origin: Origin, set_time: Callable[[float], None]
) -> None:
    before = len(redirected.cache.responses)
    redirected.cache.reset_expiration(10)
    set_time(1000 + 60 + VALIDATION_GRACE + 1)
    store_pages(redirected, origin, first=200)
    assert redirected.cache.stats.purged >= before
    assert len(redirected.cache.redirects) == 0
