"""A table as a mapping: `DbDict`, `DbPickleDict` and what belongs to them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests_cache._store.entry import DAMAGED
from requests_cache.backends.base import Entry
from requests_cache.backends.sqlite import DbDict, DbPickleDict, chunkify, sqlite_template
from requests_cache.errors import (
    ConfigurationError,
    StorageError,
    StorageFullError,
    StorageUnavailableError,
    UnknownOptionError,
    ValueTooLargeError,
)

INLINE = 120 * 1024
SMALL, LARGE = b"s" * INLINE, b"l" * (INLINE + 1)


@pytest.fixture
def table(tmp_path: Path) -> DbDict:
    return DbDict(tmp_path / "file", "things")


def rows_of_bodies(table: DbDict) -> int:
    with table.connection() as connection:
        return int(connection.execute('SELECT count(*) FROM "things_bodies"').fetchone()[0])


# The signatures of the seed


def test_the_template_has_the_parameters_of_connect_with_their_defaults() -> None:
    from inspect import signature

    parameters = signature(sqlite_template).parameters
    assert {name: parameter.default for name, parameter in parameters.items()} == {
        "timeout": 5.0,
        "detect_types": 0,
        "isolation_level": None,
        "check_same_thread": True,
        "factory": None,
        "cached_statements": 100,
        "uri": False,
    }
    assert sqlite_template() is None


@given(st.lists(st.integers()), st.integers(1, 20))
def test_chunks_have_at_most_the_size_and_lose_nothing(items: list[int], size: int) -> None:
    chunks = list(chunkify(iter(items), size))
    assert [item for chunk in chunks for item in chunk] == items
    assert all(0 < len(chunk) <= size for chunk in chunks)
    assert all(len(chunk) == size for chunk in chunks[:-1])


def test_a_chunk_has_by_default_what_every_sqlite_takes() -> None:
    assert [len(chunk) for chunk in chunkify(range(1000))] == [999, 1]


def test_every_option_of_the_template_is_taken(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "timeout": 1.0,
        "detect_types": 0,
        "isolation_level": None,
        "check_same_thread": True,
        "factory": None,
        "cached_statements": 10,
        "uri": False,
    }
    table = DbDict(tmp_path / "file", **options)
    table["a"] = 1
    assert table["a"] == 1


@pytest.mark.parametrize(
    ("misspelt", "suggestion"),
    [("timeot", "timeout"), ("use_tmp", "use_temp"), ("use_cachedir", "use_cache_dir")],
)
def test_a_misspelt_option_suggests_the_right_one(misspelt: str, suggestion: str) -> None:
    with pytest.raises(UnknownOptionError, match=f"DbDict has no option .*'{suggestion}'"):
        DbDict("x", **{misspelt: True})  # type: ignore[arg-type]  # any option at all


# The mapping


def test_the_example_of_the_documentation_works_with_numbers_as_keys(table: DbDict) -> None:
    with table.bulk_commit():
        for i in range(1000):
            table[i] = i * 2  # type: ignore[index]  # the seed's own example has numbers as keys
    assert len(table) == 1000
    keys: list[Any] = list(table)
    assert keys == list(range(1000))
    assert {type(key) for key in keys} == {int}
    assert table[999] == 1998  # type: ignore[index]  # as above
    assert "999" not in table
    table.bulk_delete(keys[1:])
    assert dict(table) == {0: 0}


@pytest.mark.parametrize("key", ["it's", '"quoted"', "x' OR '1'='1", "%", "", "key\0key", "ключ"])
def test_a_key_is_never_taken_for_sql(key: str, table: DbDict) -> None:
    """Defect g."""
    table["other"] = 1
    assert key not in table
    table[key] = 2
    assert table[key] == 2
    assert list(table) == ["other", key]
    del table[key]
    assert dict(table) == {"other": 1}


def test_a_missing_key_is_a_key_error(table: DbDict) -> None:
    with pytest.raises(KeyError):
        _ = table["a"]
    with pytest.raises(KeyError):
        del table["a"]


def test_tables_of_one_file_are_apart_whatever_they_are_called(tmp_path: Path) -> None:
    names = ["one", 'two"; DROP TABLE one; --', "one_two", "body", "sélect"]
    tables = [DbDict(tmp_path / "file", name) for name in names]
    for number, table in enumerate(tables):
        table["key"] = number
        table["large"] = bytes([number]) * len(LARGE)
    assert [table["key"] for table in tables] == list(range(len(names)))
    tables[0].clear()
    for number, table in enumerate(tables[1:], 1):
        assert dict(table) == {"key": number, "large": bytes([number]) * len(LARGE)}
        assert [key for key, _ in table.scan(bodies=True)] == ["key", "large"]
    assert [path.name for path in tmp_path.glob("*.sqlite")] == ["file.sqlite"]


def test_a_name_of_a_table_cannot_contain_nul(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match=r"table_name='a.x00' contains NUL"):
        DbDict(tmp_path / "file", "a\0")


def test_a_table_of_another_layout_is_left_alone(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "file.sqlite") as connection:
        connection.execute("CREATE TABLE responses (key PRIMARY KEY, value BLOB)")
    connection.close()
    with pytest.raises(ConfigurationError, match=r"'responses' of another layout.*migrate"):
        DbDict(tmp_path / "file", "responses")
    assert len(DbDict(tmp_path / "file", "mine")) == 0


def test_any_value_can_be_pickled_but_only_plain_ones_are_stored_otherwise(
    tmp_path: Path, table: DbDict
) -> None:
    from fractions import Fraction

    pickled = DbPickleDict(tmp_path / "file", "pickles")
    pickled["half"] = Fraction(1, 2)
    assert pickled["half"] == Fraction(1, 2)
    with pytest.raises(TypeError, match="Fraction"):
        table["half"] = Fraction(1, 2)
    assert DbPickleDict(tmp_path / "x", serializer="default").serializer.name == "default"


# A table that somebody has taken away


@pytest.mark.parametrize(
    "look",
    [
        lambda table: table["a"],
        lambda table: table.read("a"),
        lambda table: "a" in table,
        lambda table: len(table),
        lambda table: table.write("a", Entry(b"head")),
        lambda table: table.discard("a"),
    ],
)
def test_a_table_that_is_gone_is_an_error_of_ours(
    look: Callable[[DbDict], object], table: DbDict
) -> None:
    table["a"] = 1
    with table.connection() as connection:
        connection.execute("DROP TABLE things")
    with pytest.raises(StorageError, match="no such table"):
        look(table)


# Large bodies


@pytest.mark.parametrize("body", [b"", SMALL, LARGE, LARGE * 20])
def test_a_body_of_any_size_is_read_as_it_was_written(body: bytes, table: DbDict) -> None:
    table["a"] = body
    assert table["a"] == body
    assert dict(table.scan(bodies=True))["a"].body == body
    assert dict(table.scan())["a"].body == b""
    assert dict(table.read_many(["a", "b"]))["a"].body == body


@pytest.mark.parametrize(
    "remove",
    [
        lambda table: table.__delitem__("a"),
        lambda table: table.update(a=b"small"),
        lambda table: table.update(a=LARGE),
        lambda table: table.bulk_delete(["a"]),
        lambda table: table.bulk_delete(values=[LARGE * 2]),
        lambda table: table.delete_expired(100.0),
        lambda table: table.clear(),
    ],
)
def test_a_large_body_goes_with_its_value(
    remove: Callable[[DbDict], object], table: DbDict
) -> None:
    table["other"] = LARGE
    table.write("a", Entry(*table.serializer.encode(LARGE * 2), expires=50.0))
    assert rows_of_bodies(table) == 2
    remove(table)
    assert rows_of_bodies(table) == sum(len(body) > INLINE for body in table.values())
    assert table.get("a") in (None, b"small", LARGE)


def test_a_body_larger_than_a_blob_is_kept_in_several(
    table: DbDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests_cache.backends.sqlite import storage

    monkeypatch.setattr(storage, "_LARGEST_BLOB", 100_000)
    body = bytes(range(256)) * 1000
    table["a"] = body
    assert rows_of_bodies(table) == 3
    assert table["a"] == body
    del table["a"]
    assert rows_of_bodies(table) == 0


def test_a_body_that_an_earlier_version_kept_apart_is_read_listed_and_deleted(
    table: DbDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    from requests_cache.backends.sqlite import storage

    body = b"b" * 70_000
    with monkeypatch.context() as earlier:
        earlier.setattr(storage, "_INLINE", 64 * 1024)
        table["a"] = body
    assert rows_of_bodies(table) == 1
    assert table["a"] == body
    assert dict(table.scan(bodies=True))["a"].body == body
    opened = table.open_body("a")
    assert opened is not None
    with opened[1] as file:
        assert file.read() == body
    table.bulk_delete(values=[body])
    assert len(table) == rows_of_bodies(table) == 0


def test_rewriting_a_head_leaves_the_body(table: DbDict) -> None:
    table["a"] = LARGE
    head = table.serializer.encode(LARGE)[0]
    table.rewrite_head("a", Entry(head, b"", 5.0, 6.0))
    assert table.read("a") == Entry(head, LARGE, 5.0, 6.0)
    table.rewrite_head("missing", Entry(head, b""))
    assert list(table) == ["a"]


def test_a_body_that_was_replaced_between_two_reads_is_read_anew(
    table: DbDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    table["a"] = LARGE
    read = table._body

    def replace_first(place: str) -> bytes | None:
        monkeypatch.setattr(table, "_body", read)
        table["a"] = b"new" * INLINE
        return read(place)

    monkeypatch.setattr(table, "_body", replace_first)
    assert table["a"] == b"new" * INLINE


def test_a_value_that_has_lost_its_body_is_damaged(table: DbDict) -> None:
    table["a"] = LARGE
    with table.connection() as connection:
        connection.execute('DELETE FROM "things_bodies"')
    assert table.read("a") is DAMAGED
    assert list(table.scan(bodies=True)) == []


def test_a_value_over_the_limit_of_sqlite_is_too_large_and_leaves_the_table_usable(
    table: DbDict,
) -> None:
    """Defect c: no transaction stays open."""
    with table.connection() as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, 100_000)
    for body in (b"x" * 200_000, b"x" * (INLINE - 1)):
        head = b"h" * 100_001
        with pytest.raises(ValueTooLargeError, match=r"too big|too large"):
            table.write("a", Entry(head, body))
    assert not connection.in_transaction
    table["b"] = 1
    assert dict(table) == {"b": 1}


# What it costs


def statements_of(table: DbDict, action: Callable[[], object]) -> list[str]:
    """Give the first words of the statements that an action runs, each once."""
    statements: list[str] = []
    with table.connection() as connection:
        connection.set_trace_callback(statements.append)
        action()
        connection.set_trace_callback(None)
    return list(dict.fromkeys(statement.split()[0] for statement in statements))


def test_looking_for_a_key_and_getting_its_value_are_one_select_each(table: DbDict) -> None:
    table["a"] = 1
    assert statements_of(table, lambda: "a" in table) == ["SELECT"]
    assert statements_of(table, lambda: table["a"]) == ["SELECT"]


def test_a_new_value_is_one_statement_and_in_a_transaction_no_replace(table: DbDict) -> None:
    assert statements_of(table, lambda: table.update(a=1)) == ["REPLACE"]
    with table.bulk_commit():
        assert statements_of(table, lambda: table.update(b=1)) == ["INSERT"]
        assert statements_of(table, lambda: table.update(a=2)) == ["INSERT", "REPLACE"]
    assert list(table.items()) == [("b", 1), ("a", 2)]


def test_values_of_a_transaction_are_replaced_with_their_bodies(table: DbDict) -> None:
    with table.bulk_commit():
        for body in (LARGE, LARGE * 2, b"small", LARGE):
            table["a"] = body
    assert table["a"] == LARGE
    assert rows_of_bodies(table) == 1


def test_work_on_the_whole_file_takes_memory_only_while_it_lasts(table: DbDict) -> None:
    def memory() -> list[int]:
        with table.connection() as connection:
            names = ("mmap_size", "cache_size")
            return [abs(connection.execute(f"PRAGMA {name}").fetchone()[0]) for name in names]

    table.update(a=1, b=2)
    before, keys = memory(), iter(table)
    next(keys)
    assert all(now > then for now, then in zip(memory(), before, strict=True))
    del keys
    assert memory() == before
    table.delete_expired(1.0)
    assert memory() == before


def test_what_is_deleted_is_not_overwritten_with_zeros(table: DbDict) -> None:
    with table.connection() as connection:
        assert connection.execute("PRAGMA secure_delete").fetchone()[0] == 0


# Deleting by value, counting, listing


def test_values_are_deleted_wherever_they_are(table: DbDict) -> None:
    table.update({"a": 1, "b": 2, "c": 1, "d": LARGE, "e": LARGE, "f": LARGE[1:] + b"x"})
    table.bulk_delete(values=[1, LARGE, "missing"])
    assert list(table) == ["b", "f"]
    table.bulk_delete()
    assert len(table) == 2


def test_more_keys_than_a_statement_takes_are_read_and_deleted(table: DbDict) -> None:
    table.write_many((str(n), Entry(*table.serializer.encode(n))) for n in range(2500))
    assert len(list(table.read_many(map(str, range(3000))))) == 2500
    table.bulk_delete(str(n) for n in range(1, 3000))
    assert dict(table) == {"0": 0}


def test_expired_values_are_counted_and_deleted_without_the_others(table: DbDict) -> None:
    for name, expires in (("past", 99.0), ("now", 100.0), ("future", 101.0), ("never", None)):
        table.write(name, Entry(b"h", b"b", expires))
    assert table.count_unexpired(100.0) == 2
    assert table.delete_expired(100.0) == 2
    assert list(table) == ["future", "never"]


def test_writing_and_deleting_while_listing_breaks_nothing(table: DbDict) -> None:
    with table.bulk_commit():
        for number in range(1500):
            table[str(number)] = number
    keys = [str(number) for number in range(1500)]
    seen = []
    for key in table:
        seen.append(key)
        table[key] = "again"
        table.pop(f"{1499 - int(key)}", None) if int(key) < 100 else None
    assert len(seen) == len(set(seen)) == 1400
    assert set(seen) <= set(keys)
    assert all(value == "again" for value in table.values())


def test_the_space_of_deleted_values_is_given_back(tmp_path: Path, table: DbDict) -> None:
    for number in range(20):
        table[str(number)] = LARGE * 4
    path = tmp_path / "file.sqlite"
    table.vacuum()
    full = path.stat().st_size
    table.bulk_delete([str(number) for number in range(19)])
    table.vacuum()
    assert path.stat().st_size < full / 5
    table.clear()
    assert path.stat().st_size < 100_000


# Transactions


class BrokenOffError(Exception):
    """What a caller raises in the middle of a transaction."""


def break_off(table: DbDict, work: Callable[[], object]) -> None:
    """Do something in a transaction, and fail."""
    with table.bulk_commit():
        work()
        raise BrokenOffError


def test_an_error_inside_bulk_commit_rolls_back_and_leaves_the_table_usable(
    table: DbDict,
) -> None:
    """Defect c."""
    table["kept"] = 1
    with pytest.raises(BrokenOffError):
        break_off(table, lambda: table.update(a=1, b=LARGE))
    assert dict(table) == {"kept": 1}
    assert rows_of_bodies(table) == 0
    table["c"] = 2
    assert DbDict(table.db_path, "things")["c"] == 2


def test_bulk_commits_within_one_another_are_one(table: DbDict) -> None:

    def within() -> None:
        with table.bulk_commit():
            table["a"] = LARGE
        assert "a" in table

    with pytest.raises(BrokenOffError):
        break_off(table, within)
    assert len(table) == 0


def test_a_connection_can_commit_a_block_of_statements(table: DbDict) -> None:

    def write() -> None:
        with table.connection(commit=True) as connection:
            table["a"] = 1
            connection.execute("INSERT INTO nowhere VALUES (1)")

    with pytest.raises(StorageError, match="no such table"):
        write()
    assert "a" not in table


def test_clearing_is_part_of_the_transaction_that_it_is_in(table: DbDict) -> None:
    table["a"] = LARGE
    with pytest.raises(BrokenOffError):
        break_off(table, table.clear)
    assert table["a"] == LARGE


def test_an_error_of_sqlite_is_ours_with_its_cause(table: DbDict) -> None:
    with pytest.raises(StorageError, match="see the cause") as raised, table.connection() as con:
        con.execute("SELECT * FROM nowhere")
    assert isinstance(raised.value.__cause__, sqlite3.OperationalError)


@pytest.mark.parametrize("body", [SMALL, LARGE])
def test_a_full_disk_is_reported_and_changes_nothing(body: bytes, table: DbDict) -> None:
    """Defect d."""
    table["a"] = "old"
    with table.connection() as connection:
        (pages,) = connection.execute("PRAGMA page_count").fetchone()
        connection.execute(f"PRAGMA max_page_count={pages + 2}")
    with pytest.raises(StorageFullError, match="the disk is full"):
        table["a"] = body
    assert dict(table) == {"a": "old"}
    with table.connection() as connection:
        assert not connection.in_transaction
        connection.execute("PRAGMA max_page_count=1000000")
    table["a"] = body
    assert table["a"] == body


def test_a_file_that_can_only_be_read_is_read_and_says_so_when_written(
    tmp_path: Path, table: DbDict
) -> None:
    table["a"] = 1
    table.close()
    uri = f"{(tmp_path / 'file.sqlite').as_uri()}?mode=ro"
    read_only = DbDict(uri, "things", uri=True)
    assert read_only["a"] == 1
    with pytest.raises(StorageUnavailableError, match="cannot be written to"):
        read_only["b"] = 2
    with pytest.raises(StorageUnavailableError, match="cannot be written to"):
        read_only["b"] = LARGE
