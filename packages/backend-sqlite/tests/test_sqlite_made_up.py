"""Rows that somebody else wrote: each is one miss, and the others stay as they are."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.errors import ConfigurationError
from requests_cache.testing.origin import Origin

VALUES = {
    "integer": "5",
    "negative": "-9223372036854775808",
    "real": "1e300",
    "text": "'abc'",
    "place": "'1 5 0'",
    "place that is too far": "'8796093022208 5 5'",
    "long place": "'1 1000000000000000000 1'",
    "not UTF-8": "CAST(x'ff00fe' AS TEXT)",
    "empty": "x''",
    "bytes": "x'00ff'",
    "null": "NULL",
}
CASES = [(column, value) for column in ("head", "body") for value in VALUES]
CASES += [
    (column, value)
    for column in ("expires", "keep_until", "size", "segment")
    for value in ("text", "not UTF-8", "real")
]


@pytest.fixture(scope="module")
def site() -> Iterator[Origin]:
    with Origin() as server:
        yield server


@pytest.mark.parametrize(
    ("path", "options"),
    [("/json", {}), ("/bytes/300000", {}), ("/json", {"max_entries": 100})],
    ids=["small", "large", "bounded"],
)
@pytest.mark.parametrize(("column", "value"), CASES)
def test_a_row_of_another_type_is_one_miss(
    column: str,
    value: str,
    path: str,
    options: dict[str, Any],
    tmp_path: Path,
    site: Origin,
) -> None:
    with CachedSession(tmp_path / "c", backend="sqlite", **options) as session:
        first = session.get(site.url(path))
        session.get(site.url("/image"))
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        changed = f"UPDATE OR IGNORE responses SET {column} = {VALUES[value]} WHERE id = 1"
        try:
            connection.execute(changed)
        except sqlite3.IntegrityError:
            pytest.skip("SQLite itself refuses it")
    connection.close()
    for stream in (False, True):
        with CachedSession(tmp_path / "c", backend="sqlite", **options) as session:
            assert session.get(site.url("/image")).from_cache
            assert len(list(session.cache.urls)) in (1, 2)
            list(session.cache.filter())
            session.cache.response_count()
            response = session.get(site.url(path), stream=stream)
            assert response.content == first.content
            assert not session.breaker.is_troubled
            session.cache.delete(expired=True, invalid=True)
            assert session.get(site.url("/image")).from_cache
    with CachedSession(tmp_path / "c", backend="sqlite", **options) as session:
        assert session.get(site.url(path)).from_cache
        session.cache.clear()
        assert not session.get(site.url(path)).from_cache


@pytest.mark.parametrize(
    "made",
    [
        "ALTER TABLE responses RENAME TO kept;"
        " CREATE VIEW Responses AS WITH RECURSIVE c(x) AS"
        " (SELECT 1 UNION ALL SELECT x + 1 FROM c) SELECT kept.* FROM kept, c WHERE x < 0",
        "CREATE TRIGGER more AFTER UPDATE ON responses BEGIN SELECT 1; END",
        "CREATE TRIGGER more AFTER DELETE ON responses_bodies BEGIN SELECT 1; END",
        "DROP TRIGGER responses_deleted;"
        " CREATE TRIGGER responses_deleted AFTER DELETE ON responses"
        " BEGIN SELECT 2; END",
        "CREATE TRIGGER more AFTER INSERT ON redirects BEGIN SELECT 1; END",
    ],
)
def test_views_and_triggers_of_others_are_refused(made: str, tmp_path: Path, site: Origin) -> None:
    """They would run when the table is used, and may run for ever."""
    with CachedSession(tmp_path / "c", backend="sqlite") as session:
        session.get(site.url("/json"))
    with sqlite3.connect(tmp_path / "c.sqlite") as connection:
        connection.executescript(made)
    connection.close()
    with pytest.raises(ConfigurationError, match="a view or a trigger"):
        CachedSession(tmp_path / "c", backend="sqlite")
