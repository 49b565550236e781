"""Whose response it is, on Redis: the matrix of packages/core/tests/owner with another store."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from requests_cache.backends.redis import RedisCache
from services.redis import RedisService

OWNER = Path(__file__).parents[1] / "packages" / "core" / "tests" / "owner"
sys.path.insert(0, str(OWNER))

for _name in ("web", "flows", "between", "signing", "test_matrix", "test_histories", "test_fields"):
    # In a run of all tests some are there already.
    if _name not in sys.modules:
        pytest.register_assert_rewrite(_name)
for _name in ("test_matrix", "test_histories", "test_fields"):
    _module = vars(import_module(_name))
    globals().update({name: _module[name] for name in _module if name.startswith("test_")})


@pytest.fixture
def users() -> int:
    """Give how many people ask in each field."""
    return 50


@pytest.fixture
def make_cache(redis_service: RedisService) -> Iterator[Callable[[], RedisCache]]:
    """Give what opens a namespace of its own on the server."""
    made: list[RedisCache] = []
    namespace = uuid4().hex

    def make() -> RedisCache:
        made.append(RedisCache(f"{namespace}{len(made)}", url=redis_service.url))
        return made[-1]

    place: tuple[str, str, dict[str, Any]] = ("redis", f"{namespace}0", {"url": redis_service.url})
    vars(make).update(place=place, urls=6)
    yield make
    for cache in made:
        cache.clear()
        cache.close()


def test_no_session_id_is_found_in_the_bytes_of_the_server(
    make_cache: Callable[[], RedisCache], redis_service: RedisService
) -> None:
    import redis

    visit = import_module("test_fields").visit
    cache = make_cache()
    ids = visit(cache)
    with redis.Redis.from_url(redis_service.url) as server:
        stored = b"".join(server.dump(key) or b"" for key in server.scan_iter("*"))
    assert ids
    assert not [each for each in ids if each.encode() in stored]
