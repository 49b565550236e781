"""What the tests of the command share: how it is run, and a cache to run it on."""

from __future__ import annotations

import json
import sysconfig
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from click.testing import CliRunner
from requests_cache import BaseCache, CachedSession
from requests_cache.cli.main import command
from requests_cache.testing.origin import Origin

PROGRAM = Path(sysconfig.get_path("scripts"), "requests-cache")


class Done(NamedTuple):
    """What a run of the command gave."""

    status: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)


Run = Callable[..., Done]


def run_here(*arguments: object) -> Done:
    """Run the command in this process."""
    done = CliRunner().invoke(command, [str(each) for each in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return Done(done.exit_code, done.stdout, done.stderr)


def fill(backend: str, name: str, origin: Origin) -> str:
    options: dict[str, Any] = {"backend": backend, "allowable_codes": (200, 404)}
    with CachedSession(name, expire_after=3600, **options) as session:
        for path in ("/json", "/image", "/gzip", "/bytes/5000", "/missing", "/redirect/2"):
            session.get(origin.url(path))
        session.get(origin.url("/old"), expire_after=0.001)
    return name


def contents(cache: BaseCache) -> dict[str, Any]:
    """Give all of each response that has to come back."""
    found = {}
    for response in cache.filter():
        found[str(response.cache_key)] = (
            response.url,
            response.status_code,
            response.reason,
            dict(response.headers),
            response.content,
            response.encoding,
            response.created_at,
            response.expires,
            response.request.method,
            response.request.url,
            dict(response.request.headers),
            [hop.url for hop in response.history],
        )
    return found
