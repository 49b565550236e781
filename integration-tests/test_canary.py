"""A secret that is sent with requests is found nowhere in a store, nor in the logs."""

from __future__ import annotations

import logging
from base64 import b64encode
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from requests_cache import CachedSession
from requests_cache.testing.origin import Answer, Origin

CANARY = "c4nary-Zx9"
_AUTHORIZATION = b64encode(f"user:{CANARY}".encode()).decode()
# As it was sent, as parts of it would look in Base64 at each offset, and as Basic authentication.
TRACES = [
    CANARY,
    quote(CANARY),
    _AUTHORIZATION,
    *(b64encode(b"x" * n + CANARY.encode())[4:-4].decode() for n in range(3)),
]

# Gives a session, and what reads every byte of its store.
Store = tuple[CachedSession, Callable[[], bytes]]


def _memory(tmp_path: Path) -> Store:
    session: Any = _session(backend="memory")
    stores = (session.cache.responses, session.cache.redirects)
    return session, lambda: repr([dict(store.data) for store in stores]).encode()


def _folder_bytes(folder: Path) -> Callable[[], bytes]:
    """Read every file, its name and, with a database that is still open, its write-ahead log."""
    return lambda: b"".join(
        str(path).encode() + path.read_bytes() for path in folder.rglob("*") if path.is_file()
    )


def _sqlite(tmp_path: Path) -> Store:
    return _session(tmp_path / "cache.sqlite", backend="sqlite"), _folder_bytes(tmp_path)


def _filesystem(tmp_path: Path) -> Store:
    return _session(tmp_path / "cache", backend="filesystem"), _folder_bytes(tmp_path)


def _redis(service: Any) -> Store:
    name = service.fresh_name()

    def values(client: Any) -> Iterator[bytes]:
        for key in client.keys("*"):
            yield key
            if client.type(key) == b"hash":
                yield from (part for pair in client.hgetall(key).items() for part in pair)
            elif client.type(key) == b"string":
                yield client.get(key)

    def read() -> bytes:
        with service.client() as client:
            return b"".join(values(client))

    return _session(name, backend="redis", url=service.url), read


def _mongo(service: Any) -> Store:
    from bson.codec_options import CodecOptions
    from bson.raw_bson import RawBSONDocument

    name = service.fresh_name()
    raw: Any = CodecOptions(document_class=RawBSONDocument)

    def read() -> bytes:
        with service.client() as client:
            database = client.get_database(name, codec_options=raw)
            found = (database[one].find() for one in client[name].list_collection_names())
            return b"".join(document.raw for documents in found for document in documents)

    return _session(name, backend="mongo", host=service.url), read


def _dynamodb(service: Any) -> Store:
    name = service.fresh_name()
    scan = service.client().get_paginator("scan")

    def read() -> bytes:
        pages = scan.paginate(TableName=name)
        items = pages.search("Items[]")
        return b"".join(_binary_of(value) for item in items for value in item.values())

    return _session(name, backend="dynamodb", **service.connection), read


def _binary_of(value: dict[str, Any]) -> bytes:
    ((_, content),) = value.items()
    return content if isinstance(content, bytes) else repr(content).encode()


# Of a file or folder, and of a service; the latter by the name of its fixture.
FILES: dict[str, Callable[[Path], Store]] = {
    "memory": _memory,
    "sqlite": _sqlite,
    "filesystem": _filesystem,
}
SERVICES: dict[str, Callable[[Any], Store]] = {
    "redis_service": _redis,
    "mongodb_service": _mongo,
    "dynamodb_service": _dynamodb,
}


def _session(name: Any = "canary", **options: Any) -> Any:
    return CachedSession(str(name), allowable_methods=("GET", "POST"), **options)


@pytest.fixture(params=[*FILES, *SERVICES])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    if request.param in FILES:
        session, read = FILES[request.param](tmp_path)
    else:
        session, read = SERVICES[request.param](request.getfixturevalue(request.param))
    yield session, read
    session.close()


@pytest.fixture
def origin() -> Iterator[Origin]:
    def redirect(request: Any) -> Answer:
        target = f"/etag?access_token={CANARY}"
        page = f'<a href="{target}">moved</a>'.encode()
        return Answer(page, (("Location", target), ("Content-Type", "text/html")), 302)

    with Origin({"/moved": redirect}) as server:
        yield server


def send_everywhere(session: Any, url: Callable[[str], str]) -> None:
    """Send the canary in every place where credentials are sent; this origin does not echo it."""
    session.get(url("/etag"), headers={"Authorization": f"Bearer {CANARY}", "X-API-Key": CANARY})
    session.get(url("/etag"), params={"api_key": CANARY, "page": 1})
    session.get(url(f"/etag?user%5Bpassword%5D={CANARY}"))
    session.get(url("/etag"), auth=("user", CANARY))
    session.get(url("/etag").replace("//", f"//user:{CANARY}@"))
    session.get(url("/etag"), cookies={"session": CANARY})
    session.get(url("/moved"))
    session.get(url("/etag"), headers={"Referer": url(f"/?token={CANARY}")})
    session.post(url("/etag"), data={"password": CANARY, "name": "x"})
    session.post(url("/etag"), json={"a": [{"client_secret": CANARY}]})
    session.post(url("/etag"), data=f'{{"token": "{CANARY}"}}')
    session.post(url("/etag"), files={"password": (None, CANARY), "b": ("b.txt", b"text")})


def test_canary_is_found_nowhere(
    store: Store, origin: Origin, caplog: pytest.LogCaptureFixture
) -> None:
    session: Any = store[0]
    read = store[1]
    with caplog.at_level(logging.DEBUG):
        send_everywhere(session, origin.url)
        asked = origin.count()
        send_everywhere(session, origin.url)
    assert session.cache.stats.hits > 0
    assert session.cache.response_count() >= 10
    assert origin.count() < 2 * asked
    stored = read()
    assert b"REDACTED" in stored
    for trace in TRACES:
        assert trace.encode() not in stored
        assert trace not in caplog.text
    session.close()
    assert CANARY.encode() not in read()
