"""Saying what the cache did (RFC 9211)."""

from __future__ import annotations

import subprocess
import sys

import pytest
from requests_cache.policy import CacheStatus, parse_cache_status


@pytest.mark.parametrize(
    ("status", "text"),
    [
        (CacheStatus(hit=True, ttl=30), "requests-cache; hit; ttl=30"),
        (CacheStatus(hit=True, ttl=-5), "requests-cache; hit; ttl=-5"),
        (
            CacheStatus(fwd="stale", fwd_status=304, stored=True, collapsed=True),
            "requests-cache; fwd=stale; fwd-status=304; stored; collapsed",
        ),
        (
            CacheStatus(fwd="uri-miss", key='a"\\b', detail="no room"),
            r'requests-cache; fwd=uri-miss; key="a\"\\b"; detail="no room"',
        ),
        (CacheStatus(detail="offline", cache="My Cache"), '"My Cache"; detail=offline'),
        (CacheStatus(key="é\n"), 'requests-cache; key="%C3%A9%0A"'),
        (CacheStatus(ttl=10**20), "requests-cache; ttl=999999999999999"),
    ],
)
def test_status_is_written_as_a_member_with_parameters(status: CacheStatus, text: str) -> None:
    assert str(status) == text


def test_our_member_comes_last() -> None:
    status = CacheStatus(hit=True)
    assert status.appended_to("Edge; hit") == "Edge; hit, requests-cache; hit"
    assert status.appended_to(None) == "requests-cache; hit"


def test_field_is_read_from_the_origin_to_the_user() -> None:
    assert parse_cache_status('Origin; fwd=miss;x=1, "CDN 1"; hit; ttl=545; key="k"') == [
        CacheStatus(fwd="miss", cache="Origin"),
        CacheStatus(hit=True, ttl=545, key="k", cache="CDN 1"),
    ]


@pytest.mark.parametrize("field", ["", "a b", "a;", "1", "(a)", "a; ttl=1.2345", "a,"])
def test_malformed_field_says_nothing(field: str) -> None:
    assert parse_cache_status(field) == []


def test_parameter_of_another_type_is_passed_over() -> None:
    found = parse_cache_status("a; hit=1; ttl=x; fwd=5; fwd-status=?1; stored=?0; key=1.5")
    assert found == [CacheStatus(cache="a")]


def test_status_is_imported_without_the_rest_of_the_policy() -> None:
    """Every response may have one, so it must cost little."""
    code = (
        "import sys; before = set(sys.modules); "
        "from requests_cache.policy.cache_status import CacheStatus; "
        "print(*sorted({m for m in sys.modules if 'requests_cache.policy.' in m}"
        " | {'dataclasses', 'inspect'} & (set(sys.modules) - before)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    policy = [f"requests_cache.policy.{name}" for name in ("cache_status", "fields", "structured")]
    assert done.stdout.split() == policy
