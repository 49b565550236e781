"""Caches that requests-cache 0.7 to 1.3 made on servers arrive in ours.

What these versions stored is in `earlier/stored`, and is loaded into a server. With `EARLIER=1` it
is made anew, by the real packages in environments of their own; that needs the registry.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bson import json_util
from click.testing import CliRunner
from earlier.dumps import KINDS
from requests_cache import BaseCache, CachedSession
from requests_cache.cli.main import command
from requests_cache.errors import ConfigurationError, StorageUnavailableError
from requests_cache.migrate import migrate
from services import DynamoDbService, MongoService, RedisService

HERE = Path(__file__).parent / "earlier"
NEEDS = ("redis<5", "pymongo", "boto3", "pyyaml", "itsdangerous", "ujson")
# What each needs of its time; version 0 also Python 3.8.
VERSIONS = {
    "0.7.0": ("cattrs==1.7.1", "attrs==21.2.0"),
    "0.7.5": ("cattrs==1.8.0", "attrs==21.2.0"),
    "0.8.1": ("cattrs==1.8.0", "attrs==21.2.0"),
    "0.9.8": ("cattrs==22.2.0", "attrs==22.2.0"),
    "1.0.1": ("requests<2.32",),
    "1.1.1": ("requests<2.32",),
    "1.2.1": ("requests<2.32",),
    "1.3.3": (),
}
URLLIB3 = {"": "urllib3<2", "+urllib3.2": "urllib3>=2,<2.7"}
# In version 1 the default of two is a document.
SERIALIZERS = {
    "redis": ("pickle", "json"),
    "mongodb": ("default", "pickle"),
    "gridfs": ("default", "json"),
    "dynamodb": ("default", "pickle"),
}
CASES = [
    (version + urllib3, backend, serializer)
    for version in VERSIONS
    for urllib3 in URLLIB3
    for backend, serializers in SERIALIZERS.items()
    # Version 0 pickles for all servers, or cannot write a redirect.
    for serializer in serializers[: 1 + int(version[0])]
    # It refuses urllib3 2.
    if version + urllib3 != "0.8.1+urllib3.2"
]
BASE = "http://127.0.0.1:28766"


@pytest.fixture(scope="session")
def make_python(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Give what makes an environment with an older version, once for each."""
    made: dict[str, Path] = {}

    def make(version: str) -> Path:
        if version not in made:
            place = tmp_path_factory.mktemp("env") / version
            number = version.partition("+")[0]
            python = "3.8" if number[0] == "0" else sys.executable
            subprocess.run(["uv", "venv", "--quiet", "--python", python, str(place)], check=True)
            made[version] = next(place.glob("*/python"))
            command = ["uv", "pip", "install", "--quiet", "--python", str(made[version])]
            line = URLLIB3[version.removeprefix(number)]
            needs = [f"requests-cache=={number}", line, *NEEDS, *VERSIONS[number]]
            subprocess.run([*command, *needs], check=True)
        return made[version]

    return make


@pytest.fixture
def clients(
    redis_service: RedisService, mongodb_service: MongoService, dynamodb_service: DynamoDbService
) -> Iterator[Any]:
    """Give client and URL of each kind of server."""
    with mongodb_service.client() as mongo, redis_service.client() as redis:
        yield {
            "redis": (redis, redis_service.url),
            "mongodb": (mongo, mongodb_service.url),
            "gridfs": (mongo, mongodb_service.url),
            "dynamodb": (dynamodb_service.client(), dynamodb_service.url),
        }


@pytest.fixture(params=CASES, ids="-".join)
def old(
    request: pytest.FixtureRequest, clients: Any, mongodb_service: MongoService, make_python: Any
) -> tuple[str, str, Any]:
    """Give backend, name and client of a cache that an older version filled."""
    version, backend, serializer = request.param
    client, url = clients[backend]
    name = mongodb_service.fresh_name()
    stored = HERE / "stored" / f"{version}-{backend}-{serializer}.json"
    if os.environ.get("EARLIER"):
        command = [str(make_python(version)), str(HERE / "fill.py"), backend, serializer, url, name]
        subprocess.run(command, check=True)
        stored.parent.mkdir(exist_ok=True)
        stored.write_text(json_util.dumps(KINDS[backend].dump(client, name), indent=1) + "\n")
    else:
        KINDS[backend].load(client, name, json_util.loads(stored.read_text()))
    return backend, name, client


def test_responses_on_a_server_are_hits_of_ours(old: tuple[str, str, Any]) -> None:
    backend, name, client = old
    session = CachedSession(backend="memory", only_if_cached=True)
    report = migrate(name, session.cache, backend=backend, connection=client, trust_pickle=True)
    assert report.failed == {}
    # What a redirect led to is there twice.
    assert (report.copied, report.left) == (3, {"Cookie": 1})
    hit = session.get(f"{BASE}/a?b=2&c=1")
    assert hit.content == b"/a?c=1&b=2" + bytes(range(256))
    assert session.cache.responses[str(hit.cache_key)].request.headers["X-Test"] == "value"
    assert hit.created_at is not None
    assert hit.expires is None
    redirected = session.get(f"{BASE}/redirect")
    assert [hop.status_code for hop in redirected.history] == [302]


@pytest.mark.parametrize("old", [CASES[0], CASES[1]], ids="-".join, indirect=True)
def test_what_our_own_version_stored_is_passed_over(old: tuple[str, str, Any]) -> None:
    backend, name, client = old
    with CachedSession(name, backend=backend, connection=client) as session:
        session.cache.save_response(_made_up())
        report = migrate(name, BaseCache(), backend=backend, connection=client, trust_pickle=True)
    assert report.copied + sum(report.left.values()) == 4


def test_pickles_on_a_server_are_not_read_unless_they_are_trusted(clients: Any) -> None:
    client, _ = clients["redis"]
    client.set("untrusted:a", b"\x80\x04N.")
    with pytest.raises(ConfigurationError, match="trust_pickle=True"):
        migrate("untrusted", BaseCache(), backend="redis", connection=client)


def test_a_server_that_is_not_there_is_a_storage_error() -> None:
    redis = pytest.importorskip("redis")
    client = redis.Redis(port=1)
    with pytest.raises(StorageUnavailableError):
        migrate("a", BaseCache(), backend="redis", connection=client)


def _made_up() -> Any:
    from requests_cache import CachedRequest, CachedResponse

    request = CachedRequest("GET", f"{BASE}/ours")
    return CachedResponse(status_code=200, url=f"{BASE}/ours", content=b"ours", request=request)


# A table of version 1 has other keys than ours, so that ours has another name.
@pytest.mark.parametrize(
    "old",
    [case for case in CASES if case[0] in ("0.7.5", "1.3.3") and case[:2] != ("1.3.3", "dynamodb")],
    ids="-".join,
    indirect=True,
)
def test_a_session_takes_over_what_is_in_its_own_place_once(old: tuple[str, str, Any]) -> None:
    backend, name, client = old
    options: dict[str, Any] = {"backend": backend, "connection": client, "only_if_cached": True}
    for _ in range(2):
        with CachedSession(name, migrate=True, **options) as session:
            assert session.get(f"{BASE}/a?b=2&c=1").from_cache
            assert session.get(f"{BASE}/cookie").status_code == 504
            assert len(list(session.cache.filter(expired=True))) == 2
    with CachedSession(name, migrate=True, **options) as session:
        session.cache.delete(urls=[f"{BASE}/a?b=2&c=1"])
    with CachedSession(name, migrate=True, **options) as session:
        assert session.get(f"{BASE}/a?b=2&c=1").status_code == 504


@pytest.mark.parametrize("old", [("0.7.5", "redis", "pickle")], ids="-".join, indirect=True)
def test_the_command_takes_over_what_is_on_a_server(
    old: tuple[str, str, Any], redis_service: RedisService, tmp_path: Path
) -> None:
    _, name, _ = old
    address = f"{redis_service.url}?namespace={name}"
    arguments = ["migrate", address, str(tmp_path / "new.sqlite"), "--trust-pickle"]
    done = CliRunner().invoke(command, arguments)
    assert (done.exit_code, "copied 3, not copied 0" in done.output) == (0, True), done.output
    assert "1 with Cookie" in done.output
