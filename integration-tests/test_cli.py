"""The command on the stores that need a server, named by a URL; installed from its wheel."""

from __future__ import annotations

import json
import subprocess
import sysconfig
from collections.abc import Callable
from itertools import count
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from click.testing import CliRunner
from requests_cache import BaseCache, CachedSession
from requests_cache.cli.address import open_cache
from requests_cache.cli.main import command
from requests_cache.testing.origin import Origin
from services.dynamodb import DynamoDbService
from services.mongodb import MongoService
from services.redis import RedisService

PROGRAM = Path(sysconfig.get_path("scripts"), "requests-cache")


def run_installed(*arguments: str) -> str:
    """Run the installed command; give what it wrote."""
    done = subprocess.run([PROGRAM, *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def run_here(*arguments: str, status: int = 0) -> str:
    """Run the command in this process: in a new one a driver takes long to be imported."""
    done = CliRunner().invoke(command, arguments)
    assert done.exit_code == status, done.output
    return done.stdout


def listed(address: str, *options: str, status: int = 0) -> dict[str, Any]:
    rows = json.loads(run_here("ls", address, "--json", *options, status=status))
    return {row["key"]: row for row in rows}


def runner(turn: int) -> Callable[..., str]:
    """Give what runs every fourth verb as it is installed, the first one after `turn` others.

    There are four stores, with a turn each: every verb is a process of its own on one of them.
    """
    numbers = count(-turn)

    def run(*arguments: str) -> str:
        run_one = run_here if next(numbers) % 4 else run_installed
        return run_one(*arguments)

    return run


def use(address: str, folder: Path, turn: int) -> None:
    """Go through the verbs."""
    run = runner(turn)
    with Origin() as origin:
        cache = open_cache(address, create=True, keep_statistics=True)
        with CachedSession(backend=cache, expire_after=3600) as session:
            for path in ("/json", "/image", "/bytes/3000", "/redirect/1"):
                session.get(origin.url(path))
        rows = listed(address)
        assert {row["url"] for row in rows.values()} >= {origin.url("/json"), origin.url("/image")}
        assert [row["size"] for row in listed(address, "--larger-than", "2kB").values()] == [3000]
        assert run("ls", address, "--urls", "--type", "image/*").split() == [origin.url("/image")]
        totals = json.loads(run("stats", address, "--json"))
        assert (totals["responses"], totals["redirects"]) == (len(rows), 1)
        assert (totals["kept"]["misses"], totals["kept"]["hit_rate"]) == (4, 0.2)
        assert run("get", address, origin.url("/json")).startswith("{")
        assert origin.url("/json") in run("show", address, origin.url("/json"))
        assert "be answered from the cache" in run("explain", address, origin.url("/json"))
        run("check", address)
        run("report", address, "-o", str(folder / "report.html"))
        run("export", address, "-o", str(folder / "all.har"))
        run("refresh", address, "--match", "*/json", "--force")
        run("migrate", address, f"sqlite:///{folder}/copy.sqlite")
        assert set(listed(f"{folder}/copy.sqlite")) == set(rows)
        run("delete", address, "--type", "image/*", "--yes")
        assert set(rows) - set(listed(address)) == {
            key for key, row in rows.items() if row["content_type"] == "image/png"
        }
        run("prune", address, "--yes")
        run("compact", address)
        run("doctor", address)
        run_here("delete", address, "--all", "--yes")
        assert listed(address, status=1) == {}
        run("import", address, str(folder / "all.har"))
        assert set(listed(address)) == set(rows)


def test_redis(redis_service: RedisService, tmp_path: Path) -> None:
    use(f"{redis_service.url}?namespace={redis_service.fresh_name()}", tmp_path, 0)


@pytest.mark.parametrize(("scheme", "turn"), [("mongodb", 1), ("gridfs", 2)])
def test_mongodb(mongodb_service: MongoService, tmp_path: Path, scheme: str, turn: int) -> None:
    place = mongodb_service.url.removeprefix("mongodb:").rstrip("/")
    use(f"{scheme}:{place}/{mongodb_service.fresh_name()}", tmp_path, turn)


def test_dynamodb(dynamodb_service: DynamoDbService, tmp_path: Path) -> None:
    options = dict(dynamodb_service.connection)
    query = urlencode({"region": options.pop("region_name"), **options})
    use(f"dynamodb://{dynamodb_service.fresh_name()}?{query}", tmp_path, 3)


def test_a_server_that_is_not_there_is_status_3() -> None:
    run_here("ls", "redis://127.0.0.1:9/0?socket_timeout=1", status=3)
    assert issubclass(open_cache("memory://x").__class__, BaseCache)
