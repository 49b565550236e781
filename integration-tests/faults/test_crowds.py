"""Many threads, in one process and in several, that want one new page at the same moment."""

from __future__ import annotations

from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
import requests
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin

from faults.figures import report
from faults.processes import run_crowd, server_of

CROWD = 200


@pytest.mark.parametrize("leader_fails", [False, True])
def test_200_threads_on_a_new_url_send_one_request(origin: Origin, leader_fails: bool) -> None:
    start, results = Barrier(CROWD), list[str]()
    with CachedSession("crowd", backend="memory") as session:
        send, failing = session.send_to_origin, iter([leader_fails])

        def send_or_fail(*arguments: Any) -> requests.Response:
            if next(failing, False):
                raise requests.ConnectionError("the leader has no luck")
            return send(*arguments)

        session.send_to_origin = send_or_fail  # type: ignore[method-assign,assignment]  # a fault of the network

        def run() -> None:
            start.wait(60)
            try:
                results.append(str(session.get(origin.url("/bytes/1000")).status_code))
            except requests.ConnectionError:
                results.append("failed")

        threads = [Thread(target=run, daemon=True) for _ in range(CROWD)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
    asked = origin.count("/bytes/1000")
    report(
        f"{CROWD} threads on a new URL, leader {'fails' if leader_fails else 'succeeds'}",
        origin_requests=asked,
        answered=results.count("200"),
        failed=results.count("failed"),
    )
    assert len(results) == CROWD
    assert results.count("failed") == leader_fails
    assert asked == 1 if not leader_fails else asked < CROWD


@pytest.mark.parametrize("kind", ["sqlite", "filesystem"])
def test_of_several_processes_one_sends_the_request(
    kind: str, tmp_path: Path, origin: Origin
) -> None:
    run_crowd(kind, str(tmp_path / "store"), origin)


@pytest.mark.parametrize("kind", ["redis", "mongodb", "dynamodb"])
def test_of_several_processes_on_a_server_one_sends_the_request(
    kind: str, request: pytest.FixtureRequest, origin: Origin
) -> None:
    service = request.getfixturevalue(f"{kind}_service")
    run_crowd(kind, server_of(kind, service), origin)
