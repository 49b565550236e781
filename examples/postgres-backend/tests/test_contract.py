"""The contract of requests-cache for PostgreSQL, on the server that POSTGRES_URL names."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import psycopg
import pytest
from requests_cache import CachedSession, clock
from requests_cache.backends.base import Entry
from requests_cache.testing import CacheContract, Origin, StorageContract
from requests_cache_postgres import PostgresCache, PostgresDict

ADMIN = os.environ.get("POSTGRES_URL", "postgresql://postgres@127.0.0.1:5432/postgres")


@pytest.fixture(scope="session")
def database() -> Iterator[str]:
    """Give a database of our own, and drop it after the tests."""
    name = f"requests_cache_{uuid4().hex[:12]}"
    with psycopg.connect(ADMIN, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name}")
        yield psycopg.conninfo.make_conninfo(ADMIN, dbname=name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@contextmanager
def locked_out(url: str) -> Iterator[None]:
    """End all connections to a database, and refuse others."""
    name = psycopg.conninfo.conninfo_to_dict(url)["dbname"]
    with psycopg.connect(ADMIN, autocommit=True) as admin:
        admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        admin.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s", [name]
        )
        try:
            yield
        finally:
            admin.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")


class TestPostgresDict(StorageContract):
    @pytest.fixture
    def make_storage(self, database: str) -> Any:
        own = uuid4().hex
        return lambda name="one": PostgresDict(database, f"{own}:{name}")

    @pytest.fixture
    def break_storage(self, database: str) -> Any:
        return lambda storage: locked_out(database)


class TestPostgresCache(CacheContract):
    @pytest.fixture
    def make_cache(self, database: str) -> Any:
        own = uuid4().hex
        return lambda name="one", **options: PostgresCache(f"{own}:{name}", database, **options)


def test_found_by_name(database: str) -> None:
    """The backend is found by its name."""
    with (
        Origin() as origin,
        CachedSession(uuid4().hex, backend="postgres", url=database) as session,
    ):
        assert not session.get(origin.url("/json")).from_cache
        assert session.get(origin.url("/json")).from_cache
        assert isinstance(session.cache, PostgresCache)


def test_a_session_lives_through_an_outage(database: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """While the server is gone, requests go without the cache; afterwards there are hits again."""
    with (
        Origin() as origin,
        CachedSession(uuid4().hex, backend="postgres", url=database) as session,
    ):
        session.get(origin.url("/json"))
        with locked_out(database):
            assert not session.get(origin.url("/json")).from_cache
            assert session.get(origin.url("/json")).status_code == 200
        # A store that has failed is left alone for some seconds.
        now = clock.monotonic()
        monkeypatch.setattr(clock, "monotonic", lambda: now + 60)
        assert session.get(origin.url("/json")).from_cache


def test_no_pieces_are_left(database: str) -> None:
    """Whatever replaces or deletes a value takes the pieces of its body along."""
    storage = PostgresDict(database, uuid4().hex)
    before = pieces_in(database)
    deletions = (storage.clear, lambda: storage.discard("key"), lambda: storage.delete_expired(2))
    for delete in deletions:
        for _ in range(2):
            writer = storage.create_body()
            writer.write(b"x" * 3_000_000)
            writer.commit("key", Entry(b"head", b"", 1.0))
        assert pieces_in(database) == before + 3
        delete()
        assert pieces_in(database) == before
    storage.close()


def pieces_in(database: str) -> int:
    with psycopg.connect(database) as connection:
        (count,) = connection.execute("SELECT count(*) FROM requests_cache_pieces").fetchone() or ()
    return int(count)
