"""Groups that are invalidated together (RFC 9875)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from requests_cache.policy import StoredHead, groups_of, in_groups
from requests_cache.policy.invalidation import invalidated_groups

if TYPE_CHECKING:
    from .conftest import SimulatedCache

Build = Callable[..., StoredHead]
FRESH = "Cache-Control: max-age=60"


@pytest.mark.parametrize(
    ("value", "groups"),
    [
        ('"a", "B";p=1', ("a", "B")),
        ("a", ()),
        ('"a", 5', ()),
        ('"a",', ()),
        ("", ()),
        (", ".join(f'"{n:032}"' for n in range(32)), tuple(f"{n:032}" for n in range(32))),
    ],
)
def test_groups_are_a_list_of_strings(stored: Build, value: str, groups: tuple[str, ...]) -> None:
    assert groups_of(stored(f"Cache-Groups: {value}").headers) == groups
    headers = stored(f"Cache-Group-Invalidation: {value}").headers
    assert invalidated_groups(headers) == groups


def test_group_belongs_to_one_origin_and_has_a_case(stored: Build) -> None:
    head = stored('Cache-Groups: "a"')
    assert in_groups(head, "https://example.org/other", ("b", "a"))
    assert not in_groups(head, "https://example.org/other", ("A",))
    assert not in_groups(head, "https://example.com/", ("a",))


def test_unsafe_request_invalidates_groups(cache: SimulatedCache) -> None:
    for name in ("a", "b"):
        cache.origin(200, FRESH, f'Cache-Groups: "{name}"')
        cache.fetch(url=f"https://example.org/{name}")
    cache.origin(204, 'Cache-Group-Invalidation: "a"')
    cache.fetch(method="POST", url="https://example.org/c")
    assert [head.url for head, _ in cache.entries.values()] == ["https://example.org/b"]


def test_safe_request_invalidates_no_groups(cache: SimulatedCache) -> None:
    cache.origin(200, FRESH, 'Cache-Groups: "a"')
    cache.fetch()
    cache.origin(200, 'Cache-Group-Invalidation: "a"')
    cache.fetch("Cache-Control: no-cache", url="https://example.org/c")
    assert len(cache.entries) == 1
