"""How often a session waits for its store, counted between the two: the table in the docs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest
from faults.proxies import ResettingProxy
from pymongo.monitoring import CommandListener, CommandStartedEvent
from requests_cache import CachedSession
from requests_cache.testing.origin import Origin
from services.patience import patient_options

_DOCS: Final = Path(__file__).parents[1] / "docs" / "performance.md"
_BACKENDS: Final = {
    "Redis": "redis",
    "MongoDB": "mongodb",
    "GridFS": "gridfs",
    "DynamoDB": "dynamodb",
}


class Place(NamedTuple):
    """A place for a cache, and how often it has been asked."""

    backend: str
    name: str
    options: dict[str, Any]
    trips: Callable[[], int]

    def open(self, **more: Any) -> CachedSession:
        """Open a session on it."""
        return CachedSession(self.name, backend=self.backend, **self.options, **more)

    def count(self, action: Callable[[], object]) -> int:
        """Give how many round trips something takes."""
        before = self.trips()
        action()
        return self.trips() - before


class Commands(CommandListener):
    """Counts commands, of which each is a round trip; a client also looks after the server."""

    def __init__(self) -> None:
        self.count = 0

    def started(self, event: CommandStartedEvent) -> None:
        self.count += 1

    def succeeded(self, event: object) -> None:
        pass

    def failed(self, event: object) -> None:
        pass


@pytest.fixture(params=list(_BACKENDS))
def store(request: pytest.FixtureRequest) -> str:
    """The name of a store, as in the table."""
    return str(request.param)


@pytest.fixture
def place(store: str, request: pytest.FixtureRequest) -> Iterator[Place]:
    """An empty place on a server."""
    backend = _BACKENDS[store]
    if backend in ("mongodb", "gridfs"):
        service = request.getfixturevalue("mongodb_service")
        name, commands = service.fresh_name(), Commands()
        options = {"host": service.url, "event_listeners": [commands], **patient_options(backend)}
        yield Place(backend, name, options, lambda: commands.count)
        with service.client() as client:
            client.drop_database(name)
        return
    service = request.getfixturevalue(f"{backend}_service")
    name = service.fresh_name()
    with ResettingProxy(service.host, service.port) as proxy:
        address = {"host": service.host, "port": proxy.port}
        if backend == "dynamodb":
            address = {**service.connection, "endpoint_url": f"http://127.0.0.1:{proxy.port}"}
        address |= patient_options(backend)
        place = Place(backend, name, address, lambda: proxy.trips)
        yield place
        with place.open() as session:
            session.cache.clear()


def said_in_docs(store: str) -> dict[str, str]:
    """Give the row of a store in the table."""
    lines = _DOCS.read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    start = next(n for n, row in enumerate(rows) if row[0] == "Round trips")
    found = next(row for row in rows[start:] if row[0] == store)
    return dict(zip(rows[start][1:], found[1:], strict=True))


def test_round_trips_are_those_of_the_table(store: str, place: Place) -> None:
    with Origin() as origin, place.open() as session:
        # Connections, a table and indexes are made with the first use.
        session.get(origin.url("/max-age/60?first"))
        counted = measure(place, session, lambda name: origin.url(f"/max-age/60?{name}"))
    assert counted == said_in_docs(store)


def measure(place: Place, session: CachedSession, url: Callable[[str], str]) -> dict[str, str]:
    """Count the round trips of everything in the table."""

    def get(name: str, **options: Any) -> int:
        return place.count(lambda: session.get(url(name), **options).content)

    counted = {
        "miss": get("miss"),
        "hit": get("miss"),
        "miss, streamed": get("streamed", stream=True),
        "hit, streamed": get("streamed", stream=True),
    }
    session.settings.collapse = "processes"
    get("first lease")
    counted['miss, `collapse="processes"`'] = get("lease")
    session.settings.collapse, session.settings.cache_control = True, True
    counted["miss, `cache_control=True`"] = get("rules of HTTP")
    with place.open() as another:
        counted["construction"] = place.count(lambda: place.open().close())
        another.get(url("miss"))
        counted["first hit of a session"] = place.count(lambda: another.get(url("streamed")))
    return {name: str(count) for name, count in counted.items()}
