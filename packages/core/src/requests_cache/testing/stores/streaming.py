"""Bodies that are written and read in pieces."""

from __future__ import annotations

import gc
import os
import tracemalloc
from io import SEEK_END

import pytest

from ..._store.entry import WHOLE_LIMIT
from ...backends.base import BaseStorage, Entry
from ...errors import ValueTooLargeError
from ..children import run_in_child
from ..contract import advises, slow
from ..tasks import (
    MEGABYTE,
    STREAMED,
    fork_while_reading,
    fork_while_writing,
    piece,
    write_pieces,
)
from .base import MakeStorage, StoreTests, assert_same
from .threads import in_threads

__all__ = ["StreamingTests"]

# What a store that streams may hold of a body, in bytes: two pieces, and what its driver makes of
# them.
_IN_HAND = 10 * MEGABYTE


class StreamingTests(StoreTests):
    """Every store takes and gives bodies in pieces; one that streams does not hold them."""

    advice = (
        "leave `create_body` and `open_body` as they are, or keep the pieces apart from what"
        " `read` finds until `commit` puts them in the place of the old value in one step"
    )

    @pytest.mark.parametrize("sizes", [[], [0], [1], [3, 0, 5], [70_000], [600_000] * 5])
    def test_written_in_pieces(self, storage: BaseStorage, sizes: list[int]) -> None:
        """A body that was written in pieces is read like any other."""
        pieces = [piece(n, size * 4)[:size] for n, size in enumerate(sizes)]
        write_pieces(storage, "key", *pieces)
        assert_same(storage, storage.read("key"), STREAMED._replace(body=b"".join(pieces)))
        assert list(storage) == ["key"]
        assert len(storage) == 1
        assert [(key, entry.head) for key, entry in storage.scan()] == [("key", b"head")]

    @pytest.mark.parametrize("size", [0, 10, 100_000, 3_000_001])
    @pytest.mark.parametrize("in_pieces", [True, False])
    def test_read_in_pieces(self, storage: BaseStorage, size: int, in_pieces: bool) -> None:
        """The body is a file of exactly its bytes, at any position."""
        body = (piece(1, size + 4) + b"tail")[-size:] if size else b""
        if in_pieces:
            write_pieces(storage, "key", body)
        else:
            storage.write("key", STREAMED._replace(body=body))
        opened = storage.open_body("key")
        assert opened is not None
        entry, file = opened
        with file:
            assert_same(storage, entry, STREAMED)
            assert file.read(7) == body[:7]
            assert file.read() == body[7:]
            assert file.read(1) == b""
            assert file.seek(0, SEEK_END) == size
            assert file.seek(size // 2) == size // 2
            assert file.read(10) == body[size // 2 :][:10]

    def test_open_missing_body(self, storage: BaseStorage) -> None:
        """There is nothing to open under a key that is not stored."""
        assert storage.open_body("missing") is None

    def test_nothing_is_seen_before_the_end(self, storage: BaseStorage) -> None:
        """A body that is being written hides nothing, and is not there; then it is, whole."""
        storage.write("key", Entry(b"old", b"old body"))
        writer = storage.create_body()
        writer.write(piece(1, 3 * MEGABYTE))
        assert_same(storage, storage.read("key"), Entry(b"old", b"old body"))
        assert len(storage) == 1
        writer.commit("key", STREAMED)
        assert_same(storage, storage.read("key"), STREAMED._replace(body=piece(1, 3 * MEGABYTE)))

    @pytest.mark.parametrize("how", ["abort", "forget", "abort twice", "abort after commit"])
    def test_given_up(self, storage: BaseStorage, how: str) -> None:
        """What is aborted or forgotten leaves nothing; what is committed stays."""
        writer = storage.create_body()
        writer.write(piece(1, 3 * MEGABYTE))
        if how == "abort after commit":
            writer.commit("key", STREAMED)
        if how != "forget":
            writer.abort()
        if how == "abort twice":
            writer.abort()
        del writer
        gc.collect()
        assert list(storage) == (["key"] if how == "abort after commit" else [])

    def test_written_by_another_thread(self, storage: BaseStorage) -> None:
        """A body is written by a thread of its own while another one reads it, and commits it."""
        writer = storage.create_body()
        pieces = [piece(number, 700_000) for number in range(4)]
        in_threads(lambda _: [writer.write(piece) for piece in pieces], threads=1)
        writer.commit("key", STREAMED)
        assert_same(storage, storage.read("key"), STREAMED._replace(body=b"".join(pieces)))

    def test_many_writers(self, storage: BaseStorage) -> None:
        """Bodies that are written side by side do not mix, and others can write meanwhile."""
        writers = [storage.create_body() for _ in range(5)]
        for part in range(3):
            for number, writer in enumerate(writers):
                writer.write(piece(10 * part + number, 700_000))
            storage.write(f"other{part}", STREAMED)
        for number, writer in enumerate(writers):
            writer.commit(f"key{number}", STREAMED)
        for number in range(5):
            body = b"".join(piece(10 * part + number, 700_000) for part in range(3))
            assert_same(storage, storage.read(f"key{number}"), STREAMED._replace(body=body))
        assert len(storage) == 8

    def test_replaced_while_it_is_read(self, storage: BaseStorage) -> None:
        """Whoever reads a body reads one version of it to the end."""
        pieces = [piece(number) for number in range(4)]
        write_pieces(storage, "key", *pieces)
        opened = storage.open_body("key")
        assert opened is not None
        with opened[1] as file:
            assert file.read(100) == pieces[0][:100]
            write_pieces(storage, "key", *reversed(pieces))
            assert file.read() == b"".join(pieces)[100:]
        changed = storage.read("key")
        assert_same(storage, changed, STREAMED._replace(body=b"".join(reversed(pieces))))

    def test_read_on_after_a_jump(self, storage: BaseStorage) -> None:
        """Small pieces in a row are those of one version, from any position, to the end."""
        count = 9 if storage.capabilities.streaming else 2
        body = b"".join(piece(number) for number in range(count))
        write_pieces(storage, "key", body)
        opened = storage.open_body("key")
        assert opened is not None
        with opened[1] as file:
            for start in (0, 3 * len(body) // 4, len(body) // 4):
                assert file.seek(start) == start
                for position in range(start, len(body) * 7 // 8, 65_537):
                    same = file.read(65_537) == body[position : position + 65_537]
                    assert same
                write_pieces(storage, "key", b"another version")

    def test_deleted_while_it_is_read(self, storage: BaseStorage) -> None:
        """A body that is deleted can still be read by whoever has opened it."""
        write_pieces(storage, "key", piece(1, 3 * MEGABYTE))
        opened = storage.open_body("key")
        assert opened is not None
        with opened[1] as file:
            storage.discard("key")
            assert file.read() == piece(1, 3 * MEGABYTE)
        assert storage.read("key") is None

    def test_new_head(self, storage: BaseStorage) -> None:
        """A body that was written in pieces stays as it is when its head is replaced."""
        write_pieces(storage, "key", piece(1, 2 * MEGABYTE))
        new = Entry(b"a longer head than before", b"", 2_100_000_000.0, None)
        storage.rewrite_head("key", new)
        expected = new._replace(body=piece(1, 2 * MEGABYTE))
        assert_same(storage, storage.read("key"), expected)

    @pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork")
    @advises(
        "let what a forked child closes, aborts or forgets touch nothing on a connection or a"
        " file that it has from its parent; BodyWriter and BodyReader see to `abort` and"
        " `release`"
    )
    @pytest.mark.parametrize("what", ["writer", "reader"])
    def test_fork_with_an_open_body(self, storage: BaseStorage, what: str) -> None:
        """A child that forgets or closes its copy leaves the body of its parent alone."""
        fork = fork_while_writing if what == "writer" else fork_while_reading
        wrong = run_in_child(fork, storage)
        assert wrong is None, wrong

    def test_opened_again(self, open_storage: MakeStorage) -> None:
        """Opening the store again leaves a body alone that is still being written."""
        storage = open_storage("one")
        writer = storage.create_body()
        writer.write(piece(1, 2 * MEGABYTE))
        if storage.capabilities.persistent:
            open_storage("one")
        writer.commit("key", STREAMED)
        assert_same(storage, storage.read("key"), STREAMED._replace(body=piece(1, 2 * MEGABYTE)))

    @slow
    @advises(
        "declare `streaming` if `create_body` and `open_body` hold a few pieces at most, else"
        " not: without it BaseStorage keeps the body in memory, up to WHOLE_LIMIT"
    )
    def test_memory(self, storage: BaseStorage) -> None:
        """A store that streams holds a part of the body; another one refuses what is too large."""
        limit = storage.capabilities.max_value_size
        if limit is not None and limit < WHOLE_LIMIT:
            pytest.skip("this store takes no large values at all")
        if storage.capabilities.streaming:
            peak = _peak(storage, 40)
            assert peak < _IN_HAND, f"declared as streaming, but holds {peak:,} bytes of 40 MB"
        else:
            count = WHOLE_LIMIT // MEGABYTE
            with pytest.raises(ValueTooLargeError):
                write_pieces(storage, "key", *[piece(1)] * (count + 1))
            assert storage.read("key") is None


def _peak(storage: BaseStorage, megabytes: int) -> int:
    """Give the most memory that writing and reading a body takes, in bytes."""
    one = piece(7)
    tracemalloc.start()
    try:
        write_pieces(storage, "key", *[one] * megabytes)
        opened = storage.open_body("key")
        assert opened is not None
        with opened[1] as file:
            for _ in range(megabytes):
                same = file.read(MEGABYTE) == one
                assert same
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
