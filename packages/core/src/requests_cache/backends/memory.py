"""The store in memory: a dictionary."""

from __future__ import annotations

from collections import UserDict
from collections.abc import Iterator
from typing import Any

from .._store.entry import Capabilities, Entry, is_expired, is_over
from ..models.response import CachedResponse
from .storage import BaseStorage


class DictStorage(UserDict[str, Any], BaseStorage):
    """A dictionary as a store; what it holds ends with the process.

    Responses are kept as bytes, so that no caller can change what the next one gets. Other values
    are kept as they are. As with `dict`, keyword arguments become items.
    """

    capabilities: Capabilities = Capabilities(bounded=True)

    def __init__(self, dict: Any = None, /, **kwargs: Any) -> None:  # noqa: A002  # UserDict's name
        BaseStorage.__init__(self)
        UserDict.__init__(self, dict, **kwargs)

    def read(self, key: str) -> Entry | None:
        value = self.data.get(key)
        if value is None or type(value) is Entry:
            return value
        return Entry(*self.serializer.encode(value))

    def write(self, key: str, entry: Entry) -> None:
        self.data[key] = entry

    def discard(self, key: str) -> bool:
        return self.data.pop(key, self) is not self

    def discard_expired(self, key: str, now: float) -> bool:
        entry = self.data.get(key)
        return type(entry) is Entry and is_expired(entry, now) and self._discard_same(key, entry)

    def discard_over(self, key: str, now: float) -> bool:
        entry = self.data.get(key)
        return type(entry) is Entry and is_over(entry, now) and self._discard_same(key, entry)

    def _discard_same(self, key: str, entry: Entry) -> bool:
        """Delete an entry, unless another thread has replaced it."""
        found = self.data.pop(key, entry)
        if found is entry:
            return True
        self.data.setdefault(key, found)
        return False

    def __getitem__(self, key: str) -> Any:
        """Give the value of `key`; a response is a new object each time."""
        value = self.data[key]
        if type(value) is Entry:
            return self._shown(key, self.serializer.decode(value.head, value.body))
        return value

    def __setitem__(self, key: str, value: Any) -> None:
        if isinstance(value, CachedResponse):
            BaseStorage.__setitem__(self, key, value)
        else:
            self.data[key] = value

    def __iter__(self) -> Iterator[str]:
        return iter(list(self.data))

    def __contains__(self, key: object) -> bool:
        return key in self.data

    def __len__(self) -> int:
        return len(self.data)

    def clear(self) -> None:
        """Delete everything."""
        self.data.clear()

    # UserDict's would show the values.
    def __repr__(self) -> str:
        return BaseStorage.__repr__(self)
