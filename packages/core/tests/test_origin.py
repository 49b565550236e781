"""The origin that tests, demo and benchmarks ask; asked here by requests, without a cache."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
import requests
from requests_cache.testing.origin import PNG, Answer, Origin


@pytest.fixture(scope="module")
def origin() -> Iterator[Origin]:
    with Origin({"/own": lambda request: Answer(request.body, (("X-Own", "yes"),), 201)}) as origin:
        yield origin


def test_counts_requests(origin: Origin) -> None:
    """It counts by path, whatever the query."""
    for query in ("", "?a=1"):
        assert requests.get(origin.url(f"/json{query}"), timeout=10).json()["path"] == "/json"
    assert origin.count("/json") == 2
    assert origin.requests[-1].query == {"a": "1"}


def test_bodies(origin: Origin) -> None:
    """It sends images, coded bodies, chunks, and any number of bytes."""
    bodies = {
        "/image": PNG,
        "/gzip": "grüße ".encode() * 500,
        "/chunked": b"".join(b"piece %d\n" % i for i in range(10)),
        "/bytes/1000": (bytes(range(256)) * 4)[:1000],
    }
    for path, body in bodies.items():
        assert requests.get(origin.url(path), timeout=10).content == body


def test_redirects(origin: Origin) -> None:
    """It redirects as often as the path says."""
    response = requests.get(origin.url("/redirect/3"), timeout=10)
    assert len(response.history) == 3
    assert response.url == origin.url("/json")


@pytest.mark.parametrize(
    ("path", "field", "condition"),
    [("/etag", "ETag", "If-None-Match"), ("/last-modified", "Last-Modified", "If-Modified-Since")],
)
def test_validators(origin: Origin, path: str, field: str, condition: str) -> None:
    """It answers 304 to whoever has the response already."""
    first = requests.get(origin.url(path), timeout=10)
    again = requests.get(origin.url(path), headers={condition: first.headers[field]}, timeout=10)
    assert (again.status_code, again.content) == (304, b"")


def test_fails_on_demand(origin: Origin) -> None:
    """While it is failing, every answer is a 500."""
    origin.failing = True
    assert requests.get(origin.url("/json"), timeout=10).status_code == 500
    origin.failing = False
    assert requests.get(origin.url("/json"), timeout=10).status_code == 200


def test_own_answers(origin: Origin) -> None:
    """Answers of one's own go before its resources; other paths are 404."""
    response = requests.post(origin.url("/own"), data=b"sent", timeout=10)
    assert (response.status_code, response.content) == (201, b"sent")
    assert requests.get(origin.url("/nothing/here"), timeout=10).status_code == 404


@pytest.mark.parametrize(("error", "is_shown"), [(ValueError, True), (BrokenPipeError, False)])
def test_answers_that_fail(
    error: type[Exception], is_shown: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """An answer that raises breaks the connection and is shown; a client that is gone is not."""

    def answer(request: object) -> Answer:
        raise error("this went wrong")

    with Origin({"/broken": answer}) as origin, pytest.raises(requests.ConnectionError):
        requests.get(origin.url("/broken"), timeout=10)
    assert ("this went wrong" in capsys.readouterr().err) is is_shown
