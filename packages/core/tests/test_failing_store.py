"""A store that fails is no reason for a request to fail."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from requests_cache import BaseCache, CachedSession, DictStorage
from requests_cache.backends.base import Entry
from requests_cache.errors import StorageBusyError, StorageError
from requests_cache.testing.origin import Origin

Sessions = Callable[..., CachedSession]
Time = Callable[[float], None]


class BrokenStorage(DictStorage):
    """A dictionary that can be made to fail."""

    reading = writing = False

    def read(self, key: str) -> Entry | None:
        if self.reading:
            raise OSError("cannot be read")
        return super().read(key)

    def write(self, key: str, entry: Entry) -> None:
        if self.writing:
            raise OSError("cannot be written")
        super().write(key, entry)

    def rewrite_head(self, key: str, entry: Entry) -> None:
        if self.writing:
            raise OSError("cannot be written")
        super().rewrite_head(key, entry)


class BusyStorage(DictStorage):
    """A dictionary that can be in use by others, as a pool of connections can."""

    is_busy = False
    asked = 0

    def read(self, key: str) -> Entry | None:
        if self.is_busy:
            self.asked += 1
            raise StorageBusyError("all connections are in use")
        return super().read(key)


@pytest.fixture
def cache() -> BaseCache:
    made = BaseCache("mine")
    made.responses, made.redirects = BrokenStorage(), BrokenStorage()
    return made


@pytest.fixture
def break_it(cache: BaseCache) -> Callable[[bool, bool], None]:
    def break_both(reading: bool, writing: bool) -> None:
        for storage in (cache.responses, cache.redirects):
            assert isinstance(storage, BrokenStorage)
            storage.reading, storage.writing = reading, writing

    return break_both


Break = Callable[[bool, bool], None]


@pytest.mark.parametrize("params", [None, {"a": "b"}])
@pytest.mark.parametrize("cache_control", [True, False])
def test_a_store_that_is_busy_is_passed_by_without_a_warning_and_asked_again(
    cache_control: bool,
    params: dict[str, str] | None,
    origin: Origin,
    make_session: Sessions,
    caplog: pytest.LogCaptureFixture,
) -> None:
    cache = BaseCache("mine")
    cache.responses = busy = BusyStorage()
    session = make_session(backend=cache, cache_control=cache_control, expire_after=60)
    url = origin.url("/json")
    for is_busy, is_hit in ((False, False), (True, False), (False, True), (True, False)):
        busy.is_busy, busy.asked = is_busy, 0
        assert session.get(url, params=params).from_cache is is_hit
        assert busy.asked == int(is_busy)
    assert cache.stats.bypassed
    assert [record for record in caplog.records if record.levelname == "WARNING"] == []


@pytest.mark.parametrize(("reading", "writing"), [(True, True), (True, False), (False, True)])
@pytest.mark.parametrize("path", ["/json", "/redirect/2", "/etag", "/vary"])
@pytest.mark.parametrize("cache_control", [True, False])
def test_requests_go_on_with_one_warning(
    reading: bool,
    writing: bool,
    path: str,
    cache_control: bool,
    cache: BaseCache,
    break_it: Break,
    origin: Origin,
    make_session: Sessions,
    set_time: Time,
    caplog: pytest.LogCaptureFixture,
) -> None:
    session = make_session(backend=cache, cache_control=cache_control, expire_after=100)
    break_it(reading, writing)
    for _ in range(5):
        assert session.get(origin.url(path)).status_code == 200
    warnings = [record for record in caplog.records if record.levelname == "WARNING"]
    assert len(warnings) == 1
    assert "the store failed, requests go on without it" in caplog.text
    assert cache.stats.bypassed >= 5


def test_the_cache_comes_back_by_itself(
    cache: BaseCache,
    break_it: Break,
    origin: Origin,
    make_session: Sessions,
    set_time: Time,
) -> None:
    session = make_session(backend=cache)
    session.get(origin.url("/json"))
    break_it(True, True)
    assert not session.get(origin.url("/json")).from_cache
    break_it(False, False)
    assert not session.get(origin.url("/json")).from_cache
    set_time(1001)
    assert session.get(origin.url("/json")).from_cache


def test_a_store_that_can_be_read_but_not_written_is_warned_about_once(
    cache: BaseCache,
    break_it: Break,
    origin: Origin,
    make_session: Sessions,
    set_time: Time,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """A full disk: what is stored is still of use, and reading it is no sign of recovery."""
    session = make_session(backend=cache)
    session.get(origin.url("/image"))
    break_it(False, True)
    for seconds in range(20):
        set_time(1000 + seconds * 10)
        assert not session.get(origin.url("/json")).from_cache
        assert session.get(origin.url("/image")).from_cache
    assert len(caplog.records) == 1


def test_errors_are_raised_on_request(
    cache: BaseCache, break_it: Break, origin: Origin, make_session: Sessions
) -> None:
    session = make_session(backend=cache, on_error="raise")
    break_it(False, True)
    with pytest.raises(OSError, match="cannot be written"):
        session.get(origin.url("/json"))
    break_it(True, False)
    with pytest.raises(OSError, match="cannot be read"):
        session.get(origin.url("/json"))


def test_a_304_that_cannot_be_written_is_an_answer_all_the_same(
    cache: BaseCache, break_it: Break, origin: Origin, make_session: Sessions, set_time: Time
) -> None:
    session = make_session(backend=cache, expire_after=10)
    session.get(origin.url("/etag"))
    set_time(2000)
    break_it(False, True)
    response = session.get(origin.url("/etag"))
    assert response.revalidated
    assert response.content == b"the body behind a validator"


def test_a_damaged_response_is_fetched_anew(
    cache: BaseCache, origin: Origin, make_session: Sessions, caplog: pytest.LogCaptureFixture
) -> None:
    session = make_session(backend=cache)
    key = session.get(origin.url("/json")).cache_key
    assert key is not None
    cache.responses.write(key, Entry(b"RQC\1 damaged", b""))
    assert not session.get(origin.url("/json")).from_cache
    assert session.get(origin.url("/json")).from_cache
    assert cache.stats.invalid >= 1
    assert "cannot be read" in caplog.text


def test_a_cache_whose_store_fails_says_so_where_it_is_printed() -> None:
    class Unreadable(DictStorage):
        def __len__(self) -> int:
            raise StorageError("no route")

    cache = BaseCache("mine")
    cache.responses = Unreadable()
    assert "not readable: no route" in str(cache)
