"""licensecheck: its session keeps what it has asked the registry, in the user's cache folder."""

from __future__ import annotations

from typing import Any


def test_what_the_registry_says_is_kept(server: Any) -> None:
    from licensecheck.session import session

    answers = [session.get(server.url("/pypi/a/json"), timeout=60) for _ in range(2)]
    assert [answer.from_cache for answer in answers] == [False, True]
    assert answers[0].json() == answers[1].json()
    assert len(server.paths) == 1
