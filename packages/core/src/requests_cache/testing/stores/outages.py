"""What a store says when it cannot do what it is asked, and that it works again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from ...backends.base import BaseStorage, Entry
from ...errors import StorageError
from .base import BreakStorage, StoreTests

__all__ = ["OutageTests"]

_ENTRY: Final = Entry(b"head", b"body", 1.0)


def _write_body(storage: BaseStorage) -> None:
    """Write a body in pieces, from the beginning to the end."""
    writer = storage.create_body()
    writer.write(b"body")
    writer.commit("key", _ENTRY)


_VERBS: Final[dict[str, Callable[[BaseStorage], object]]] = {
    "read": lambda storage: storage.read("key"),
    "write": lambda storage: storage.write("key", _ENTRY),
    "discard": lambda storage: storage.discard("key"),
    "__iter__": list,
    "__len__": len,
    "__contains__": lambda storage: "key" in storage,
    "read_many": lambda storage: list(storage.read_many(["key", "other"])),
    "write_many": lambda storage: storage.write_many([("key", _ENTRY)]),
    "bulk_delete": lambda storage: storage.bulk_delete(["key", "other"]),
    "scan": lambda storage: list(storage.scan()),
    "scan(bodies=True)": lambda storage: list(storage.scan(bodies=True)),
    "rewrite_head": lambda storage: storage.rewrite_head("key", _ENTRY),
    "count_unexpired": lambda storage: storage.count_unexpired(0.0),
    "delete_expired": lambda storage: storage.delete_expired(2.0),
    "discard_expired": lambda storage: storage.discard_expired("key", 2.0),
    "open_body": lambda storage: storage.open_body("key"),
    "create_body": _write_body,
}
# These may have nothing to ask the store for.
_OTHERS: Final[dict[str, Callable[[BaseStorage], object]]] = {
    "sweep": lambda storage: storage.sweep(2.0, 3),
    "lease": lambda storage: storage.lease("key", 10.0),
    "release": lambda storage: storage.release("key", "token"),
    "close": lambda storage: storage.close(),
}


def _what_it_raises(storage: BaseStorage, verb: str) -> str | None:
    """Say what is wrong with how a verb fails; None if nothing is."""
    try:
        {**_VERBS, **_OTHERS}[verb](storage)
    except NotImplementedError:
        return None if verb in ("lease", "release") else "raises NotImplementedError"
    except StorageError as error:
        return None if error.__cause__ is not None else "raises StorageError without its cause"
    except Exception as error:  # noqa: BLE001  # a driver may raise anything, and that is told
        return f"raises {type(error).__name__}"
    return None if verb in _OTHERS else "raises nothing"


class OutageTests(StoreTests):
    """A session goes on without a store that raises StorageError, so that is what it raises."""

    advice = (
        "map the errors of the driver in each verb, also in those that are iterated over:"
        " `raise StorageError(...) from error`, or one of its kin in requests_cache.errors"
    )

    def test_a_broken_store_raises_our_errors(
        self, storage: BaseStorage, break_storage: BreakStorage
    ) -> None:
        """Each verb raises StorageError, with the error of the driver as its cause."""
        storage.write("key", _ENTRY)
        with break_storage(storage):
            found = {verb: _what_it_raises(storage, verb) for verb in (*_VERBS, *_OTHERS)}
        wrong = [f"`{verb}` {what}" for verb, what in found.items() if what is not None]
        assert not wrong, ", ".join(wrong)

    def test_a_store_that_is_back_works_again(
        self, storage: BaseStorage, break_storage: BreakStorage
    ) -> None:
        """After an outage the same object works, whatever failed meanwhile."""
        storage.write("key", _ENTRY)
        with break_storage(storage):
            for verb in ("read", "write"):
                assert _what_it_raises(storage, verb) is None, f"`{verb}` has to raise StorageError"
        storage.write("new", _ENTRY)
        assert storage.read("new") == _ENTRY
        assert "new" in list(storage)
