"""Bodies of a gigabyte (64 MB in the bounded form) through the stores that stream."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from requests_cache import CachedSession
from services import RedisService

from faults.blocks import MEGABYTE, serving_blocks
from faults.breaking import breaking_origin
from faults.figures import IS_LONG, report
from faults.places import STREAMING, make_place

SIZE = 1024 if IS_LONG else 64
ROUNDS = 3 if IS_LONG else 1
CUTS = 10
MOST_MEMORY = 32


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with serving_blocks() as url:
        yield url


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nothing tells the memory")
@pytest.mark.parametrize("kind", sorted(STREAMING))
def test_a_large_body_streams_both_ways_within_32_megabytes(
    kind: str, server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    for place in make_place(kind, tmp_path, request):
        found = measure(place.kind, place.name, json.dumps(place.options), server)
        report(
            f"{SIZE} MB through {kind}, in ms per MB",
            miss=f"{found['miss']:.2f} ({found['miss'] / found['plain']:.1f} x plain)",
            hit=f"{found['hit']:.2f} ({found['hit'] / found['copy']:.1f} x copy)",
            plain=f"{found['plain']:.2f}",
            copy=f"{found['copy']:.2f}",
            store_alone=f"{found['written']:.2f} written, {found['read']:.2f} read",
            added_memory=f"{found['added']} MB",
        )
        assert found["bodies"] == 1
        assert found["added"] < MOST_MEMORY


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="nothing tells the memory")
@pytest.mark.parametrize("kind", sorted(STREAMING))
def test_a_large_body_that_breaks_off_ten_times_is_fetched_once_within_32_megabytes(
    kind: str, server: str, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    cuts = random.Random(SIZE).sample(range(1, SIZE * MEGABYTE), CUTS)
    for place in make_place(kind, tmp_path, request):
        with breaking_origin(SIZE, cuts) as (origin, url):
            options = json.dumps(place.options)
            found = run("faults.resuming", place.kind, place.name, options, url, f"{server}/2")
            report(
                f"{SIZE} MB through {kind}, broken off {CUTS} times",
                fetched=f"{origin.sent / origin.octets:.4f} times its size",
                added_memory=f"{found['added']} MB",
            )
            assert origin.asked == [0, *sorted(cuts)]
            assert origin.sent == origin.octets
            assert found["miss"] == found["hit"] == origin.digest()
            assert found["broken"] == CUTS
            assert found["added"] < MOST_MEMORY


def measure(*arguments: str) -> Any:
    """Have another process measure."""
    return run("faults.gigabyte", *arguments, str(SIZE), str(ROUNDS))


def run(*command: str) -> Any:
    """Give what another process prints."""
    command = (sys.executable, "-m", *command)
    done = subprocess.run(
        command, check=True, stdout=subprocess.PIPE, cwd=Path(__file__).parents[1], timeout=1200
    )
    return json.loads(done.stdout)


def test_100_megabytes_on_redis_are_stored_at_once_and_refused_in_pieces(
    redis_service: RedisService, server: str
) -> None:
    """Redis takes whole values of up to 512 MB; of a stream at most 64 MB are kept in memory."""
    options: dict[str, Any] = {"host": redis_service.host, "port": redis_service.port}
    with CachedSession(redis_service.fresh_name(), backend="redis", **options) as session:
        with session.get(f"{server}/100", stream=True) as response:
            assert sum(map(len, response.iter_content(MEGABYTE))) == 100 * MEGABYTE
        assert "detail=too-large" in str(response.cache_status)
        assert session.cache.response_count() == 0
        stored = session.get(f"{server}/100")
        assert str(stored.cache_status).endswith("; stored")
        hit = session.get(f"{server}/100", stream=True)
        assert hit.from_cache
        same = hit.content == stored.content
        assert same
        session.cache.clear()
