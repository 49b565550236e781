"""A store is a mutable mapping."""

from __future__ import annotations

from collections.abc import MutableMapping
from difflib import get_close_matches

import pytest

from ...backends.base import BaseStorage
from ..contract import advises
from .base import StoreTests

__all__ = ["MappingTests"]


class MappingTests(StoreTests):
    """The protocol of `MutableMapping`."""

    advice = (
        "these come from `read`, `write`, `discard` and `__iter__`: let `read` give an Entry or"
        " None, `discard` say by True or False whether the key was there, and `__iter__` give"
        " each key once"
    )

    def test_is_a_mutable_mapping(self, storage: BaseStorage) -> None:
        """A store can be given to whatever takes a mapping."""
        assert isinstance(storage, MutableMapping)

    @advises("name the method as the verb that it is meant to be, or quite differently")
    def test_no_verb_is_misspelt(self, storage: BaseStorage) -> None:
        """No method has nearly the name of a verb: it would never be called."""
        verbs = [name for name in dir(BaseStorage) if not name.startswith("_")]
        own = {name for cls in type(storage).__mro__ for name in vars(cls)} - {*verbs}
        near = {name: get_close_matches(name, verbs, n=1, cutoff=0.9) for name in own}
        assert {name: verb for name, verb in near.items() if verb} == {}

    def test_is_empty_at_first(self, storage: BaseStorage) -> None:
        """A new store has no keys, and is false."""
        assert list(storage) == []
        assert len(storage) == 0
        assert not storage

    def test_get_item(self, storage: BaseStorage) -> None:
        """A stored value is read back."""
        storage["key"] = "value"
        assert storage["key"] == "value"

    def test_get_missing_item(self, storage: BaseStorage) -> None:
        """Reading a missing key raises KeyError with that key."""
        with pytest.raises(KeyError) as raised:
            storage["missing"]
        assert raised.value.args == ("missing",)

    def test_get(self, storage: BaseStorage) -> None:
        """`get` gives the value, the default, or None."""
        storage["key"] = "value"
        assert storage.get("key") == "value"
        assert storage.get("missing") is None
        assert storage.get("missing", 1) == 1

    def test_set_item_replaces(self, storage: BaseStorage) -> None:
        """Writing a key again replaces its value and adds no key."""
        storage["key"] = "old"
        storage["key"] = "new"
        assert storage["key"] == "new"
        assert len(storage) == 1

    def test_delete_item(self, storage: BaseStorage) -> None:
        """A deleted key is gone, others stay."""
        storage.update({"a": 1, "b": 2})
        del storage["a"]
        assert "a" not in storage
        assert storage["b"] == 2
        assert len(storage) == 1

    def test_delete_missing_item(self, storage: BaseStorage) -> None:
        """Deleting a missing key raises KeyError with that key."""
        with pytest.raises(KeyError) as raised:
            del storage["missing"]
        assert raised.value.args == ("missing",)

    def test_delete_twice(self, storage: BaseStorage) -> None:
        """A key can be deleted once."""
        storage["key"] = 1
        del storage["key"]
        with pytest.raises(KeyError):
            del storage["key"]

    def test_contains(self, storage: BaseStorage) -> None:
        """`in` says whether a key is there."""
        storage["key"] = None
        assert "key" in storage
        assert "missing" not in storage

    def test_len(self, storage: BaseStorage) -> None:
        """`len` counts keys."""
        storage.update({"a": 1, "b": 2, "c": 3})
        assert len(storage) == 3
        del storage["a"]
        assert len(storage) == 2

    def test_keys_values_items(self, storage: BaseStorage) -> None:
        """`keys`, `values` and `items` give everything once."""
        storage.update({"a": 1, "b": 2, "c": 3})
        assert sorted(storage.keys()) == ["a", "b", "c"]
        assert sorted(storage.values()) == [1, 2, 3]
        assert sorted(storage.items()) == [("a", 1), ("b", 2), ("c", 3)]

    def test_pop(self, storage: BaseStorage) -> None:
        """`pop` gives a value and deletes it; without a default a missing key raises KeyError."""
        storage["key"] = "value"
        assert storage.pop("key") == "value"
        assert "key" not in storage
        assert storage.pop("key", "default") == "default"
        with pytest.raises(KeyError):
            storage.pop("key")

    def test_popitem(self, storage: BaseStorage) -> None:
        """`popitem` takes items until there are none."""
        storage.update({"a": 1, "b": 2})
        assert sorted([storage.popitem(), storage.popitem()]) == [("a", 1), ("b", 2)]
        with pytest.raises(KeyError):
            storage.popitem()

    def test_setdefault(self, storage: BaseStorage) -> None:
        """`setdefault` stores a value where there is none."""
        assert storage.setdefault("key", 1) == 1
        assert storage.setdefault("key", 2) == 1
        assert storage["key"] == 1

    def test_update(self, storage: BaseStorage) -> None:
        """`update` takes a mapping, pairs and keyword arguments."""
        storage["a"] = 0
        storage.update({"a": 1})
        storage.update([("b", 2)], c=3)
        assert dict(storage) == {"a": 1, "b": 2, "c": 3}

    def test_clear(self, storage: BaseStorage) -> None:
        """`clear` deletes everything, twice if asked to, and the store goes on."""
        storage.update({"a": 1, "b": 2})
        storage.clear()
        storage.clear()
        assert list(storage) == []
        assert "a" not in storage
        storage["a"] = 3
        assert dict(storage) == {"a": 3}

    def test_equals_a_mapping_with_its_items(self, storage: BaseStorage) -> None:
        """A store equals a dictionary that has the same items."""
        storage.update({"a": 1, "b": [2]})
        assert storage == {"a": 1, "b": [2]}
        assert storage != {"a": 1}

    def test_repr_shows_no_values(self, storage: BaseStorage) -> None:
        """`repr` is short, for a store may hold much, and secret things."""
        storage["key"] = "a secret value " * 1000
        assert "secret value" not in repr(storage)
        assert len(repr(storage)) < 1000
