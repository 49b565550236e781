"""Caches that the real requests-cache 0.7 to 1.3 made arrive in ours (see make_caches.py)."""

from __future__ import annotations

import json
import pickle
import shutil
import sqlite3
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from requests import Request
from requests_cache import CachedSession
from requests_cache.backends.base import BaseCache
from requests_cache.errors import ConfigurationError, NotInstalledError, StorageError
from requests_cache.migrate import Migrated, migrate, take_over
from requests_cache.migrate.legacy import holds_cache, parse_stored, read_pickle, read_source

CACHES = Path(__file__).parent / "caches"
BASE = "http://127.0.0.1:28765"
NAMES = sorted(path.name for path in CACHES.iterdir())


def test_there_are_caches_of_every_version() -> None:
    assert {name.split("-")[0] for name in NAMES} == {
        *("0.8.0", "0.8.1", "0.9.0", "1.0.0", "1.2.0"),
        *(
            old + urllib3
            for old in ("0.7.0", "0.7.5", "0.9.8", "1.0.1", "1.1.1", "1.2.1", "1.3.3")
            for urllib3 in ("", "+urllib3.2")
        ),
    }


@pytest.mark.parametrize("name", NAMES)
def test_responses_of_an_older_cache_are_hits_of_ours(
    name: str, make_session: Callable[..., CachedSession]
) -> None:
    session: Any = make_session(allowable_methods=("GET", "POST"), only_if_cached=True)
    report = migrate(CACHES / name, session.cache, trust_pickle=True)
    assert _only_empty_files(name, report)
    assert report.copied >= 6
    json = session.get(f"{BASE}/json", params={"a": 1, "b": 2})
    assert json.from_cache
    assert json.json()["path"].startswith("/json?")
    assert json.headers["content-type"] == "application/json"
    assert session.cache.get_response(json.cache_key).request.headers["X-Test"] == "value"
    assert json.created_at.year == 2026
    assert json.expires.year == 2126
    assert json.elapsed.total_seconds() > 0
    assert session.get(f"{BASE}/binary").content == bytes(range(256))
    assert session.get(f"{BASE}/gzip").text == "plain text\n" * 20
    assert session.post(f"{BASE}/post", json={"question": [1, 2]}).from_cache
    assert session.post(f"{BASE}/post", json={"question": [2, 1]}).status_code == 504
    # It set a cookie, which this session does not have.
    assert session.get(f"{BASE}/cookies").status_code == 504
    session.is_for_one_call = True
    assert session.get(f"{BASE}/cookies").text == "ok"


# 0.7 to 0.9 cannot write a response with a history in the other formats.
@pytest.mark.parametrize("name", [name for name in NAMES if name[0] != "0" or "pickle" in name])
def test_redirects_arrive_with_their_history(
    name: str, make_session: Callable[..., CachedSession]
) -> None:
    session: Any = make_session(only_if_cached=True)
    migrate(CACHES / name, session.cache, trust_pickle=True)
    response = session.get(f"{BASE}/redirect")
    assert response.url == f"{BASE}/json?from=redirect"
    assert [hop.status_code for hop in response.history] == [302]
    assert session.get(f"{BASE}/json?from=redirect").history == []


@pytest.mark.parametrize("name", [name for name in NAMES if "pickle" in name])
def test_pickles_are_not_read_unless_they_are_trusted(name: str) -> None:
    with pytest.raises(ConfigurationError, match="trust_pickle=True"):
        migrate(CACHES / name, BaseCache())


@pytest.mark.parametrize("name", [name for name in NAMES if "pickle" not in name])
def test_readable_caches_need_no_trust(name: str) -> None:
    assert _only_empty_files(name, migrate(CACHES / name, BaseCache()))


def _only_empty_files(name: str, report: Migrated) -> bool:
    """Say whether nothing failed but files that 0.9.8 left empty when it could not write them."""
    return all((CACHES / name / key).stat().st_size == 0 for key in report.failed)


class Payload:
    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> Any:
        return Path.touch, (self.path,)


def test_pickle_that_asks_for_more_than_a_response_needs_is_not_run(tmp_path: Path) -> None:
    source = tmp_path / "old.sqlite"
    shutil.copy(CACHES / "1.2.1-pickle.sqlite", source)
    marker = tmp_path / "executed"
    with sqlite3.connect(source) as connection:
        connection.execute("UPDATE responses SET value = ?", (pickle.dumps(Payload(marker)),))
    connection.close()
    report = migrate(source, BaseCache(), trust_pickle=True)
    assert report.copied == 0
    assert all("no cached response needs" in why for why in report.failed.values())
    assert not marker.exists()


def test_response_that_cannot_be_read_is_reported_by_its_key(tmp_path: Path) -> None:
    for name, text in {
        "a.json": "{",
        "b.json": '{"url": 1}',
        "c.yaml": "[" * 5000,
        "d.yaml": "!!python/object/apply:os.system [false]",
        "e.json": '{"status_code": 200, "url": "u", "request": {"method": "GET", "url": "u"},'
        ' "created_at": "no time"}',
        "f.yaml": "text",
    }.items():
        (tmp_path / name).write_text(text)
    report = migrate(tmp_path, BaseCache())
    assert report.copied == 0
    assert sorted(report.failed) == ["a.json", "b.json", "c.yaml", "d.yaml", "e.json", "f.yaml"]


def test_source_that_is_no_older_cache_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="neither a SQLite file nor a folder"):
        migrate(tmp_path / "none.sqlite", BaseCache())
    (tmp_path / "text").write_text("no database, although it is long enough for one" * 5)
    with pytest.raises(ConfigurationError, match=r"0\.7 to 1\.3"):
        migrate(tmp_path / "text", BaseCache())


def test_secrets_of_an_older_cache_are_not_copied(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '{"status_code": 200, "url": "http://a.test/?api_key=canary", "created_at":'
        ' "2026-01-01T00:00:00", "request": {"method": "GET", "headers": {"Cookie": "canary"},'
        ' "url": "http://a.test/?api_key=canary"}}'
    )
    assert migrate(tmp_path, BaseCache()).left == {"Cookie": 1}
    cache = BaseCache(match_credentials=False)
    assert migrate(tmp_path, cache).copied == 1
    ((_, entry),) = cache.responses.scan()
    assert b"canary" not in entry.head
    key = cache.create_key(
        Request("GET", "http://a.test/?api_key=canary", headers={"Cookie": "canary"}).prepare()
    )
    assert key in cache.responses


def write_response(folder: Path, **more: Any) -> None:
    """Write a response as requests-cache 0.9 wrote JSON, with other fields."""
    url = "http://a.test/"
    request = {"method": "GET", "url": url, "headers": {"Accept-Language": "de"}}
    known = {"status_code": 200, "url": url, "created_at": "2026-01-01T00:00:00"}
    (folder / "a.json").write_text(json.dumps({**known, "request": request, **more}))


def test_a_variant_stays_one(tmp_path: Path, make_session: Callable[..., CachedSession]) -> None:
    write_response(tmp_path, headers={"Vary": "Accept-Language"})
    session = make_session(only_if_cached=True)
    assert migrate(tmp_path, session.cache).copied == 1
    found = {
        language: session.get("http://a.test/", headers={"Accept-Language": language}).status_code
        for language in ("de", "fr")
    }
    assert found == {"de": 200, "fr": 504}


def test_a_body_that_was_written_as_text_arrives_as_text(tmp_path: Path) -> None:
    write_response(tmp_path, _content="plain text, in no base of bytes")
    cache = BaseCache()
    assert migrate(tmp_path, cache).copied == 1
    (response,) = cache.values()
    assert response.content == b"plain text, in no base of bytes"


def test_yaml_needs_its_library(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.yaml").write_text("url: http://a.test/")
    monkeypatch.setitem(sys.modules, "yaml", None)
    with pytest.raises(NotInstalledError, match=r"requests-cache-core\[yaml\]"):
        migrate(tmp_path, BaseCache())


def test_a_pickle_that_breaks_off_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.pkl").write_bytes(pickle.dumps({"url": "http://a.test/"})[:-5])
    report = migrate(tmp_path, BaseCache(), trust_pickle=True)
    assert report.failed == {"a.pkl": "the pickle cannot be read"}


def test_a_pickle_may_make_objects_of_classes_that_are_gone(tmp_path: Path) -> None:
    """A call of such a class gives an empty stand-in."""
    called = b"\x80\x03crequests_cache.old\nThing\n(K\x01tR."
    assert read_pickle(called) == {}


def test_bson_is_read(tmp_path: Path) -> None:
    bson = pytest.importorskip("bson")
    request = {"method": "GET", "url": "http://a.test/", "headers": {}, "body": b"None"}
    known = {"status_code": 200, "url": "http://a.test/", "_content": b"\x00", "request": request}
    times = {"created_at": datetime(2026, 1, 1, tzinfo=UTC), "expires": None, "elapsed": 0.5}
    (tmp_path / "a.bson").write_bytes(bson.encode({**known, **times}))
    (tmp_path / "b.bson").write_bytes(b"\x09\0\0\0\xff\xff\xff\xff\0")
    report = migrate(tmp_path, cache := BaseCache())
    assert report.failed == {"b.bson": "the BSON cannot be read"}
    (response,) = cache.values()
    assert response.content == b"\x00"
    assert response.created_at == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_document_is_read_as_it_is_and_a_text_as_its_bytes() -> None:
    assert parse_stored({"url": BASE}, False) == {"url": BASE}
    assert parse_stored('{"url": "x"}', False) == parse_stored(b'{"url": "x"}', False)


def test_bson_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bson", None)
    with pytest.raises(NotInstalledError, match="bson"):
        parse_stored(b"\x0e\0\0\0\x02a\0\x02\0\0\0b\0\0", False)


def test_a_server_that_is_not_there_is_an_error_of_the_store() -> None:
    redis = pytest.importorskip("redis")
    with pytest.raises(StorageError):
        list(read_source("cache", "redis", redis.Redis(port=1)))


def test_what_reads_an_old_cache_may_be_given_up_in_another_thread(tmp_path: Path) -> None:
    path = tmp_path / "old.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("CREATE TABLE responses (key TEXT, value BLOB)")
        connection.execute("INSERT INTO responses VALUES ('a', 'b')")
    reading: Any = read_source(path)
    assert next(reading) == ("a", b"b")
    with ThreadPoolExecutor(1) as pool:
        pool.submit(reading.close).result()


class Unreadable(BaseCache):
    """A cache whose store fails."""

    earlier_place = (Path("nothing"), None, None)

    def read_note(self, name: str) -> Any:
        raise StorageError("no route")


def test_what_cannot_be_taken_over_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    take_over(Unreadable())
    assert "what requests-cache left was not copied: no route" in caplog.text
    assert not holds_cache(tmp_path / "nothing")
