"""A long list in portions, for what a store is asked at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

__all__ = ["portions"]

_T = TypeVar("_T")


def portions(items: Iterable[_T], size: int) -> Iterator[list[_T]]:
    """Split into lists of at most `size` items."""
    iterator = iter(items)
    while portion := list(islice(iterator, size)):
        yield portion
