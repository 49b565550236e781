"""What tests of the contract do in other processes.

It needs no pytest, which takes longer to import than all that a child does.
"""

from __future__ import annotations

import gc
from itertools import count
from typing import Final

from ..backends.base import BaseCache, BaseStorage, Entry
from ..session import CachedSession
from .children import in_fork

__all__ = [
    "MEGABYTE",
    "STREAMED",
    "fetch_across_a_fork",
    "fetch_with",
    "fork_while_fetching",
    "fork_while_reading",
    "fork_while_writing",
    "is_whole",
    "piece",
    "read_all",
    "sized",
    "write_across_a_fork",
    "write_for_ever",
    "write_pieces",
    "write_values",
]

MEGABYTE: Final = 1024 * 1024
STREAMED: Final = Entry(b"head", b"", 2_000_000_000.0, 2_000_000_100.0)


def sized(number: int, size: int) -> Entry:
    """Give an entry whose head says what its body is, so that a part of one is no whole one."""
    mark = b"%d" % (number % 10)
    return Entry(b"%s:%d" % (mark, size), mark * size)


def is_whole(entry: Entry) -> bool:
    """Say whether an entry is one that `sized` gave."""
    mark, _, size = entry.head.partition(b":")
    return len(entry.body) == int(size) and entry.body.count(mark) == int(size)


def piece(number: int, size: int = MEGABYTE) -> bytes:
    """Give a piece of a body; each number gives another one."""
    return number.to_bytes(4, "big") * (size // 4)


def write_pieces(storage: BaseStorage, key: str, *pieces: bytes) -> None:
    """Write a body in pieces."""
    writer = storage.create_body()
    for each in pieces:
        writer.write(each)
    writer.commit(key, STREAMED)


def read_all(storage: BaseStorage) -> dict[str, object]:
    """Give all values of a store."""
    return dict(storage)


def write_values(storage: BaseStorage, name: str, number: int) -> None:
    """Write so many values under keys that begin with a name."""
    for i in range(number):
        storage[f"{name}/{i}"] = i


def write_for_ever(storage: BaseStorage) -> None:  # pragma: no cover  # it is killed
    """Write large values and bodies until somebody ends this process."""
    for i in count(1):
        writer = storage.create_body()
        writer.write(b"a part of a body that is never committed" * 50_000)
        storage.write("key", sized(i, 100_000 + i % 7 * 50_000))


def write_across_a_fork(storage: BaseStorage) -> tuple[list[str], list[str]]:
    """Write before a fork, in the child, and after it; give the keys that child and parent see."""
    storage["parent"] = 1

    def be_child() -> list[str]:
        storage["child"] = 2
        return sorted(storage)

    seen_by_child: list[str] = in_fork(be_child)
    storage["again"] = 3
    return seen_by_child, sorted(storage)


def fork_while_writing(storage: BaseStorage) -> str | None:
    """Fork between two pieces; say what is wrong with the body then."""
    open_writers = [storage.create_body()]
    open_writers[0].write(piece(1, 2 * MEGABYTE))

    def forget() -> None:
        open_writers.clear()
        gc.collect()

    in_fork(forget)
    open_writers[0].write(piece(2))
    open_writers[0].commit("key", STREAMED)
    stored = storage.read("key")
    if stored is None:
        return "`commit` stored nothing after a child had forgotten its copy of the writer"
    if stored.body != piece(1, 2 * MEGABYTE) + piece(2):
        return f"{len(stored.body)} of {3 * MEGABYTE} bytes are stored"
    return None


def fork_while_reading(storage: BaseStorage) -> str | None:
    """Fork between two pieces; say what is wrong with the rest then."""
    write_pieces(storage, "key", piece(1, 3 * MEGABYTE))
    opened = storage.open_body("key")
    assert opened is not None
    with opened[1] as file:
        begin = file.read(MEGABYTE)
        in_fork(file.close)
        if begin + file.read() != piece(1, 3 * MEGABYTE):
            return "the rest of the body is another one after a child has closed its copy"
    return None


def fetch_with(cache: BaseCache, url: str) -> bool:
    """Fetch a page; say whether the cache has it."""
    with CachedSession(backend=cache, on_error="raise") as session:
        return bool(session.get(url).from_cache)


def fetch_across_a_fork(cache: BaseCache, url: str) -> list[int]:
    """Fetch before a fork, in the child, and after it; give the statuses."""
    session = CachedSession(backend=cache, on_error="raise")
    session.get(url)
    in_child = in_fork(lambda: [session.get(url).status_code, session.get(f"{url}?2").status_code])
    return [*in_child, session.get(url).status_code, session.get(f"{url}?3").status_code]


def fork_while_fetching(cache: BaseCache, url: str, size_of_piece: int) -> tuple[int, int, bool]:
    """Close a response in a child in the middle of its body; give what is fetched and stored."""
    session = CachedSession(backend=cache, on_error="raise")
    response = session.get(url, stream=True)
    pieces = response.iter_content(size_of_piece)
    size = len(next(pieces))
    in_fork(response.close)
    size += sum(map(len, pieces))
    again = session.get(url)
    return size, len(again.content), bool(again.from_cache)
