"""Any text is a key, and no key is anything else: no path, pattern, statement or separator."""

from __future__ import annotations

import pytest

from ...backends.base import BaseStorage, Entry
from ...errors import ValueTooLargeError
from .base import MakeStorage, StoreTests

__all__ = ["KeyTests"]

ODD_KEYS = {
    "empty": "",
    "space": " ",
    "a dot": ".",
    "two dots": "..",
    "path upwards": "../../outside",
    "absolute path": "/tmp/outside",
    "slashes": "a/b//c\\d",
    "quotes": "'\"`",
    "statement": "'; DROP TABLE responses; --",
    "NUL": "a\0b",
    "line breaks": "a\r\nb\tc",
    "control characters": "\x01\x1b\x7f",
    "glob": "*",
    "glob with brackets": "[a-z]?{a,b}*",
    "percent": "%00%2f%s{}",
    "separators": "a:b|c;d,e#f",
    "dollar and dots": "$where.a.b",
    "tilde": "~",
    "device of Windows": "CON",
    "underscore": "_id",
    "number": "007",
    "other scripts": "ключ 鍵 مفتاح",
    "beyond 16 bits": "🔑",
    "URL": "https://example.org/?q=a%20b&c#d",
}
SIMILAR_KEYS: dict[str, tuple[str, ...]] = {
    "case": ("key", "KEY", "Key"),
    "a space behind": ("key", "key ", " key"),
    "a dot behind": ("key", "key."),
    "Unicode normal form": ("caf\u00e9", "cafe\u0301"),
    "NUL behind": ("key", "key\0", "key\0x"),
    "prefix": ("a", "aa", "a:a", "a/a"),
    "number": ("1", "01", "1.0"),
    "escapes": ("a/b", "a%2Fb", "a%2fb", "a_b"),
}


class KeyTests(StoreTests):
    """Keys from outside, however odd."""

    advice = (
        "take any text as a key: escape or hash what the store cannot take, and never fold,"
        " strip, cut or normalise it; a key longer than `max_key_size` raises ValueTooLargeError"
    )

    @pytest.mark.parametrize("key", ODD_KEYS.values(), ids=ODD_KEYS)
    def test_odd_key(self, storage: BaseStorage, key: str) -> None:
        """A key of any text is stored, listed, replaced and deleted as itself."""
        storage["other"] = "other"
        storage[key] = "old"
        storage[key] = "new"
        assert storage[key] == "new"
        assert key in storage
        assert sorted(storage) == sorted([key, "other"])
        assert dict(storage.read_many([key])).keys() == {key}
        del storage[key]
        assert key not in storage
        assert list(storage) == ["other"]
        storage.update({key: 1, "other": 2})
        storage.bulk_delete([key])
        assert list(storage) == ["other"], "`bulk_delete` deletes that key and no other"

    @pytest.mark.parametrize("keys", SIMILAR_KEYS.values(), ids=SIMILAR_KEYS)
    def test_similar_keys(self, storage: BaseStorage, keys: tuple[str, ...]) -> None:
        """Keys that differ a little are different."""
        storage.update({key: key for key in keys})
        assert dict(storage) == {key: key for key in keys}
        del storage[keys[0]]
        assert dict(storage) == {key: key for key in keys[1:]}

    @pytest.mark.parametrize("unit", ["k", "é"], ids=["ascii", "two bytes each"])
    @pytest.mark.parametrize("size", [64, 255, 256, 1024, 2048, 10 * 1024])
    def test_long_key(self, storage: BaseStorage, size: int, unit: str) -> None:
        """Long keys are kept apart to the last character, or refused beyond the declared size."""
        key = unit * (size // len(unit.encode()))
        limit = storage.capabilities.max_key_size
        assert limit is None or limit >= 64, "the keys of a cache have 64 bytes"
        if limit is not None and size > limit:
            self._assert_refused(storage, key)
            return
        other = key[:-1] + "x"
        storage.update({key: 1, other: 2})
        assert storage[key] == 1
        assert sorted(storage) == sorted([key, other])
        storage.bulk_delete([key])
        assert list(storage) == [other]

    @staticmethod
    def _assert_refused(storage: BaseStorage, key: str) -> None:
        with pytest.raises(ValueTooLargeError):
            storage[key] = 1
        assert key not in storage
        assert storage.read(key) is None
        assert list(storage.read_many([key, "missing"])) == []
        assert not storage.discard(key)
        storage.bulk_delete([key])
        assert list(storage) == []

    def test_all_odd_keys_together(self, open_storage: MakeStorage, storage: BaseStorage) -> None:
        """All odd keys live in one store, and leave a neighbour alone."""
        neighbour = open_storage("neighbour")
        neighbour["key"] = "here"
        storage.write_many((key, Entry(key.encode())) for key in ODD_KEYS.values())
        assert sorted(storage) == sorted(ODD_KEYS.values())
        assert {key: entry.head for key, entry in storage.scan()} == {
            key: key.encode() for key in ODD_KEYS.values()
        }
        assert len(storage) == len(ODD_KEYS)
        storage.clear()
        assert len(storage) == 0
        assert dict(neighbour) == {"key": "here"}
