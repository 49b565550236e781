"""How far long work on a whole cache has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from typing import Final, TypeAlias, TypeVar

__all__ = ["Progress", "watched"]

_T = TypeVar("_T")

Progress: TypeAlias = Callable[[int, int], object]
"""Is told how many responses are done, and how many there were at the beginning.

It is called a hundred times at most before the end, and at the end, when both numbers are the same:
what was stored or deleted meanwhile no longer matters then. What it raises ends the work.
"""

_STEPS: Final = 100


def watched(items: Iterable[_T], total: int, progress: Progress | bool) -> Iterator[_T]:
    """Give the items, and tell `progress` how many of `total` were worked on; True shows a bar."""
    if isinstance(progress, bool):
        progress = _make_bar(total)
    step = max(1, total // _STEPS)
    for done, item in enumerate(items):
        if done and done % step == 0 and done < total:
            progress(done, total)
        yield item
    progress(total, total)


def _make_bar(total: int) -> Progress:
    try:
        from tqdm.auto import tqdm
    except ImportError:
        return _print_percent
    bar = tqdm(total=total, unit="responses")

    def show(done: int, total: int) -> None:
        bar.update(done - bar.n)
        if done == total:
            bar.close()

    return show


def _print_percent(done: int, total: int) -> None:
    end = "\n" if done == total else ""
    print(f"\r{done} of {total} responses", end=end, file=sys.stderr, flush=True)  # noqa: T201  # asked for
