"""In a forked child the bodies that its parent reads and writes are left alone."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.backends.base import BodyReader, BodyWriter, Entry
from requests_cache.testing.origin import Answer, Origin

BLOCK = bytes(range(256)) * 4096
COUNT = 6

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="this platform cannot fork"),
    pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning"),
]


def in_a_child(work: Callable[[], object]) -> int:
    """Do something in a forked child; give its exit code, 1 after an exception."""
    child = os.fork()
    if not child:
        try:
            work()
        except BaseException:  # noqa: BLE001  # only this child must not go on with the tests
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


class Writer(BodyWriter):
    """Says into a file when it is aborted, and calls no `__init__` of ours."""

    def __init__(self, said: Path) -> None:
        self.said = said

    def write(self, data: bytes) -> None:
        """Take nothing."""

    def commit(self, key: str, entry: Entry) -> None:
        """Store nothing."""

    def abort(self) -> None:
        with self.said.open("a") as file:
            file.write(f"abort {os.getpid()}\n")


@pytest.mark.parametrize("ending", ["forgotten", "closed"])
@pytest.mark.parametrize("ahead", [0, 1])
def test_a_body_is_aborted_and_released_by_its_own_process_alone(
    ahead: int, ending: str, tmp_path: Path
) -> None:
    said = tmp_path / "said"

    def release() -> None:
        with said.open("a") as file:
            file.write(f"release {os.getpid()}\n")

    kept: list[Any] = [Writer(said), BodyReader(9, lambda at, count: b"abc", release, ahead)]
    kept[1].read(3)

    def end() -> None:
        if ending == "closed":
            kept[1].close()
        kept.clear()
        gc.collect()

    assert in_a_child(end) == 0
    assert not said.exists()
    end()
    assert sorted(said.read_text().split()) == sorted(["abort", "release", *[str(os.getpid())] * 2])


@pytest.mark.parametrize("backend", ["sqlite", "filesystem"])
@pytest.mark.parametrize("read", [0, 1, 4])
@pytest.mark.parametrize("ending", ["forgotten", "closed"])
def test_what_a_child_does_with_a_stream_does_not_harm_what_its_parent_stores(
    ending: str, read: int, backend: str, tmp_path: Path, origin: Origin
) -> None:
    """After some megabytes a thread writes it, which the child does not have."""
    origin.answers["/large"] = lambda request: Answer(BLOCK for _ in range(COUNT))
    with CachedSession(str(tmp_path / "cache"), backend) as session:
        kept = [session.get(origin.url("/large"), stream=True)]
        pieces = kept[0].iter_content(len(BLOCK))
        begun = b"".join(next(pieces) for _ in range(read))

        def end() -> None:
            if ending == "closed":
                kept[0].close()
            kept.clear()
            gc.collect()

        assert in_a_child(end) == 0
        is_same = begun + b"".join(pieces) == BLOCK * COUNT
        assert is_same
        hit = session.get(origin.url("/large"), stream=True)
        assert hit.from_cache
        is_same = hit.content == BLOCK * COUNT
        assert is_same
