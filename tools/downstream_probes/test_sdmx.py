"""sdmx1: a session that caches if it is told to, and its own tests' recorded responses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_without_options_nothing_is_cached(server: Any) -> None:
    from sdmx.session import Session

    session = Session()
    assert [session.get(server.url("/dataflow")).from_cache for _ in range(2)] == [False, False]


@pytest.mark.parametrize("backend", ["memory", "sqlite", "filesystem"])
def test_a_backend_caches(backend: str, tmp_path: Path, server: Any) -> None:
    from sdmx.session import Session

    session = Session(cache_name=str(tmp_path / "c"), backend=backend, timeout=5)
    assert [session.get(server.url("/dataflow")).from_cache for _ in range(2)] == [False, True]


def test_a_backend_that_is_unknown_is_an_error() -> None:
    from sdmx.session import Session

    with pytest.raises(ValueError, match="not_a_backend"):
        Session(backend="not_a_backend")


def test_a_client_caches(tmp_path: Path) -> None:
    import sdmx

    client = sdmx.Client("ECB", cache_name=str(tmp_path / "c"), backend="sqlite", fast_save=True)
    assert Path(client.session.cache.db_path).exists()


def test_recorded_responses_are_found_by_keys_of_their_own(server: Any) -> None:
    """As `session_with_stored_responses` of its tests does, which takes them from a repository."""
    from requests import Request, Response
    from requests_cache import create_key
    from sdmx.session import Session
    from sdmx.testing import offline

    def key_fn(request: Any, **kwargs: Any) -> str:
        copy = request.copy()
        copy.headers["Accept-Encoding"] = "gzip, deflate"
        return create_key(copy, **kwargs)

    session = Session(backend="memory", key_fn=key_fn)
    recorded = Response()
    recorded.url, recorded.status_code, recorded._content = server.url("/a"), 200, b"recorded"
    recorded.request = session.prepare_request(Request("GET", server.url("/a")))
    session.cache.save_response(recorded)
    session.cache.recreate_keys()
    offline(session)
    assert session.get(server.url("/a")).content == b"recorded"
    assert server.paths == []
