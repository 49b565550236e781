"""Downloads that never come to their end leave nothing, on any store."""

from __future__ import annotations

import gc
import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests
from requests_cache import CachedSession, clock
from requests_cache.testing.origin import Answer, Origin
from urllib3.exceptions import HTTPError

from faults.figures import IS_LONG, KILLS, report
from faults.places import KINDS, STREAMING, Place, make_place

# More than the connections that urllib3 keeps of a host (10).
TIMES = 100 if IS_LONG else 12
# More than is kept in memory, and than a store keeps in one piece.
PART = bytes(1_500_000)


@pytest.fixture(params=KINDS)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Place]:
    """A cache of each kind."""
    yield from make_place(request.param, tmp_path, request)


def break_off() -> Iterator[bytes]:
    yield PART
    yield PART
    raise ConnectionAbortedError


@pytest.fixture
def origin(capsys: pytest.CaptureFixture[str]) -> Iterator[Origin]:
    """Serve a body that is whole, one that breaks off, and one that is announced longer."""
    with Origin() as server:
        server.answers |= {
            "/whole": lambda request: Answer(PART * 3),
            "/chunks": lambda request: Answer(iter([PART] * 3)),
            "/broken": lambda request: Answer(break_off()),
            "/short": lambda request: Answer(PART * 2, length=len(PART) * 2 + 1),
        }
        yield server


def read_all(session: CachedSession, url: str, stream: bool) -> None:
    with pytest.raises((requests.RequestException, HTTPError)):
        _ = session.get(url, stream=stream).content


def server_drops(session: CachedSession, origin: Origin) -> None:
    read_all(session, origin.url("/broken"), stream=True)


def server_drops_at_once(session: CachedSession, origin: Origin) -> None:
    read_all(session, origin.url("/broken"), stream=False)


def wrong_length(session: CachedSession, origin: Origin) -> None:
    read_all(session, origin.url("/short"), stream=True)


def wrong_length_at_once(session: CachedSession, origin: Origin) -> None:
    read_all(session, origin.url("/short"), stream=False)


def client_closes_half_way(session: CachedSession, origin: Origin) -> None:
    with session.get(origin.url("/whole"), stream=True) as response:
        assert response.raw.read(3_000_000)


def client_forgets_it_half_way(session: CachedSession, origin: Origin) -> None:
    pieces = session.get(origin.url("/chunks"), stream=True).iter_content(None)
    assert len(next(pieces)) + len(next(pieces)) == 3_000_000


def client_never_reads(session: CachedSession, origin: Origin) -> None:
    assert session.get(origin.url("/whole"), stream=True).ok


INTERRUPTIONS = [
    server_drops,
    server_drops_at_once,
    wrong_length,
    wrong_length_at_once,
    client_closes_half_way,
    client_forgets_it_half_way,
    client_never_reads,
]


# requests, too, leaves the socket of a response that is forgotten to the garbage collector.
@pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")
@pytest.mark.parametrize("interrupt", INTERRUPTIONS)
def test_an_interrupted_download_leaves_nothing(
    interrupt: Callable[[CachedSession, Origin], None], place: Place, origin: Origin
) -> None:
    with place.open() as session:
        for _ in range(TIMES):
            interrupt(session, origin)
        gc.collect()
        assert session.cache.response_count() == 0
        assert place.look() == []
        assert str(session.get(origin.url("/whole")).cache_status).endswith("; stored")


@pytest.mark.skipif(sys.platform == "win32", reason="nothing forks or kills there")
def test_a_killed_download_leaves_nothing(
    place: Place, origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite and files have forgotten it when they are opened again, GridFS after an hour."""
    if place.kind == "memory":
        pytest.skip("it ends with its process")
    # The others write nothing before the end, and boto3 takes long to start.
    times = KILLS if place.kind in STREAMING else 10
    options = json.dumps(place.options)
    arguments = [place.kind, place.name, options, origin.url("/whole"), str(times)]
    command = [sys.executable, "-m", "faults.kills", *arguments]
    subprocess.run(command, check=True, cwd=Path(__file__).parents[1], timeout=300)
    left = len(place.look())
    assert bool(left) == (place.kind in STREAMING)
    later = clock.now() + (3700 if place.kind in ("mongodb", "gridfs") else 0)
    monkeypatch.setattr(clock, "now", lambda: later)
    with place.open() as session:
        session.cache.delete(expired=True)
        assert session.cache.response_count() == 0
    bounded = ", with bounds" if "max_size" in place.options else ""
    report(f"{times} downloads killed half-way on {place.kind}{bounded}", left=left, left_later=0)
    assert place.look() == []
