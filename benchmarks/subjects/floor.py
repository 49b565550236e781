"""What cannot be beaten: the raw statement, command or read that gives the same bytes."""

# Two of the imports are of an environment that the checker does not see:
# mypy: disable-error-code="import-not-found,import-untyped"

from __future__ import annotations

import os
import pickle
import sqlite3
import time
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from subjects.base import Library, Shelf, Subject

if TYPE_CHECKING:
    from requests import Response
    from row import Place

_LARGE = 64 * 1024
_HEAD = bytes(700)
"""As much as is to be kept of a response beside its body."""


class Floor(Subject):
    """No cache at all: URL -> bytes."""

    name = "floor"
    title = "floor"
    requirements = ("requests", "redis")
    statement = "import requests"
    openings: ClassVar[dict[str, str]] = {"sqlite": "session = requests.Session()"}

    def session(self, store: str, place: Place) -> Any:
        """Give an object whose `get(url)` reads bytes and nothing else."""
        stores: dict[str, Callable[[Place], MutableMapping[str, bytes]]] = {
            "memory": lambda place: {},
            "sqlite": _Table,
            "filesystem": _Files,
            "redis": _Redis,
        }
        return _Session(stores[store](place))

    def shelf(self, place: Place, response: Response) -> Shelf:
        """Open a table that takes and gives bytes."""
        table = _Table(place)
        return Shelf(table, pickle.dumps(response), table.transaction)

    def fill(
        self, place: Place, response: Response, count: int, lifetime: Callable[[int], float]
    ) -> None:
        """Save the bytes of responses in one transaction."""
        execute = _open(place, "library").execute
        execute("CREATE TABLE library (url TEXT PRIMARY KEY, data BLOB, expires REAL)")
        execute("CREATE INDEX by_time ON library (expires)")
        data, now = _HEAD + response.content, time.time()
        execute("BEGIN")
        for number in range(count):
            row = (place.url("json", number), data, now + lifetime(number))
            execute("INSERT INTO library VALUES (?, ?, ?)", row)
        execute("COMMIT")
        execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

    def library(self, place: Place) -> Library:
        """Open the table."""
        connection = _open(place, "library")
        execute = connection.execute

        def count(statement: str, *values: float) -> int:
            return int(execute(statement, values).fetchone()[0])

        def delete() -> None:
            execute("DELETE FROM library WHERE expires <= ?", (time.time(),))

        def delete_and_shrink() -> None:
            delete()
            execute("VACUUM")
            execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()

        return Library(
            close=connection.close,
            count_all=lambda: count("SELECT count(*) FROM library"),
            count_unexpired=lambda: count(
                "SELECT count(*) FROM library WHERE expires > ?", time.time()
            ),
            urls=lambda: execute("SELECT url FROM library"),
            values=lambda: execute("SELECT data FROM library"),
            delete_expired=delete,
            delete_and_keep_size=delete,
            delete_and_shrink=delete_and_shrink,
        )


class _Answer(NamedTuple):
    """As much of a response as a benchmark reads."""

    content: bytes
    status_code: int = 200


class _Session:
    """Asks the origin for what is not in the store."""

    def __init__(self, store: MutableMapping[str, bytes]) -> None:
        import requests

        self.store = store
        self.origin = requests.Session()

    def get(self, url: str) -> _Answer:
        try:
            return _Answer(self.store[url])
        except KeyError:
            body = self.store[url] = self.origin.get(url).content
            return _Answer(body)

    def close(self) -> None:
        self.origin.close()


class _Bytes(MutableMapping[str, bytes]):
    """What the three stores below do not need."""

    def __delitem__(self, key: str) -> None:
        raise NotImplementedError

    def __iter__(self) -> Iterator[str]:
        raise NotImplementedError

    def __len__(self) -> int:
        raise NotImplementedError


def _open(place: Place, name: str) -> sqlite3.Connection:
    """Open a file in WAL mode, memory-mapped."""
    path = place.folder / f"{name}.sqlite"
    connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    for pragma in (
        "page_size=8192",
        "journal_mode=WAL",
        "synchronous=NORMAL",
        "secure_delete=OFF",
    ):
        connection.execute(f"PRAGMA {pragma}").fetchone()
    connection.execute(f"PRAGMA mmap_size={1024 * 1024 * 1024}").fetchone()
    return connection


class _Table(_Bytes):
    """A table whose rows are found by row id; the ids are in memory."""

    def __init__(self, place: Place) -> None:
        self.connection = _open(place, "floor")
        self.connection.execute("CREATE TABLE bodies (id INTEGER PRIMARY KEY, body BLOB)")
        self.ids: dict[str, int] = {}
        self.large: set[int] = set()

    def __getitem__(self, key: str) -> bytes:
        row = self.ids[key]
        if row in self.large:
            with self.connection.blobopen("bodies", "body", row, readonly=True) as blob:
                return blob.read()
        select = self.connection.execute("SELECT body FROM bodies WHERE id = ?", (row,))
        body: bytes = select.fetchone()[0]
        return body

    def __contains__(self, key: object) -> bool:
        row = self.ids.get(str(key), 0)
        select = self.connection.execute("SELECT 1 FROM bodies WHERE id = ?", (row,))
        return select.fetchone() is not None

    def __setitem__(self, key: str, body: bytes) -> None:
        row = self.ids.setdefault(key, len(self.ids) + 1)
        self.connection.execute("REPLACE INTO bodies VALUES (?, ?)", (row, body))
        if len(body) > _LARGE:
            self.large.add(row)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        yield
        self.connection.execute("COMMIT")


class _Files(_Bytes):
    """A file for each body, in one folder."""

    def __init__(self, place: Place) -> None:
        self.folder = place.folder
        self.paths: dict[str, str] = {}

    def __getitem__(self, key: str) -> bytes:
        file = os.open(self.paths[key], os.O_RDONLY)
        try:
            return os.read(file, os.fstat(file).st_size)
        finally:
            os.close(file)

    def __setitem__(self, key: str, body: bytes) -> None:
        path = self.paths.setdefault(key, str(self.folder / str(len(self.paths))))
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        try:
            os.write(file, body)
        finally:
            os.close(file)


class _Redis(_Bytes):
    """A `GET` or `SET` of redis-py."""

    def __init__(self, place: Place) -> None:
        import redis

        self.client = redis.Redis.from_url(f"redis://{place.services['redis']}")
        self.prefix = place.lane

    def __getitem__(self, key: str) -> bytes:
        body: Any = self.client.get(self.prefix + key)
        if body is None:
            raise KeyError(key)
        return bytes(body)

    def __setitem__(self, key: str, body: bytes) -> None:
        self.client.set(self.prefix + key, body)
