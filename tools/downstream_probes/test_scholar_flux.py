"""scholar-flux: sessions from a factory, with an encrypting and signing serializer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest


def test_a_factory_makes_sessions_of_each_backend(tmp_path: Path, server: Any) -> None:
    from scholar_flux.sessions import CachedSessionManager

    for backend in ("memory", "sqlite", "filesystem"):
        made = CachedSessionManager(
            cache_name=f"cache_{backend}", cache_directory=tmp_path, backend=backend
        )
        session = made.configure_session()
        path = f"/{backend}"
        assert [session.get(server.url(path)).from_cache for _ in range(2)] == [False, True]


@pytest.mark.parametrize("backend", ["sqlite", "filesystem"])
def test_what_is_stored_is_encrypted(backend: str, tmp_path: Path, server: Any) -> None:
    from requests_cache import CachedSession
    from scholar_flux.sessions import EncryptionPipelineFactory

    serializer = EncryptionPipelineFactory()()
    session = CachedSession(str(tmp_path / "c"), backend=backend, serializer=serializer)
    assert [session.get(server.url("/secret-path")).from_cache for _ in range(2)] == [False, True]
    stored = b"".join(path.read_bytes() for path in tmp_path.rglob("*") if path.is_file())
    assert b"total_results" not in stored


def test_a_search_takes_a_cached_session(server: Any) -> None:
    from requests_cache import CachedSession
    from scholar_flux import SearchAPI

    session = CachedSession(backend="memory")
    api = SearchAPI.from_defaults(query="a", provider_name="plos", session=session)
    assert api.cache is session.cache
