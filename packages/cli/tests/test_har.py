"""HTTP Archives: written as the specification has it, and read into the same responses."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from program import Run, contents, run_here
from requests_cache import BaseCache, init_backend
from requests_cache.cli.har import import_har
from requests_cache.errors import RecordError
from requests_cache.testing.origin import Origin

# Fields that http://www.softwareishard.com/blog/har-12-spec/ requires, and their types.
NUMBER = (int, float)
TEXT = str
ENTRY: dict[str, Any] = {
    "startedDateTime": TEXT,
    "time": NUMBER,
    "request": {
        "method": TEXT,
        "url": TEXT,
        "httpVersion": TEXT,
        "cookies": list,
        "headers": [{"name": TEXT, "value": TEXT}],
        "queryString": [{"name": TEXT, "value": TEXT}],
        "headersSize": int,
        "bodySize": int,
    },
    "response": {
        "status": int,
        "statusText": TEXT,
        "httpVersion": TEXT,
        "cookies": list,
        "headers": [{"name": TEXT, "value": TEXT}],
        "content": {"size": int, "mimeType": TEXT},
        "redirectURL": TEXT,
        "headersSize": int,
        "bodySize": int,
    },
    "cache": dict,
    "timings": {"send": NUMBER, "wait": NUMBER, "receive": NUMBER},
}
LOG = {"version": TEXT, "creator": {"name": TEXT, "version": TEXT}, "entries": [ENTRY]}


def conform(value: Any, shape: Any, where: str = "log") -> None:
    if isinstance(shape, dict):
        for name, inner in shape.items():
            assert name in value, f"{where}.{name} is missing"
            conform(value[name], inner, f"{where}.{name}")
    elif isinstance(shape, list):
        for item in value:
            conform(item, shape[0], where)
    else:
        assert isinstance(value, shape), f"{where} is {value!r}"


def test_an_archive_has_what_the_specification_requires(run: Run, filled: str) -> None:
    done = run("export", filled)
    log = done.json["log"]
    conform(log, LOG)
    assert log["version"] == "1.2"
    assert len(log["entries"]) == len(run("ls", filled, "--json").json)
    own = {name for entry in log["entries"] for name in entry} - set(ENTRY)
    assert all(name.startswith("_") for name in own)


@pytest.mark.parametrize("file", ["cache.har", "cache.warc", "cache.warc.gz"])
def test_what_was_exported_comes_back_the_same(
    run: Run, filled: str, backend: str, tmp_path: Path, origin: Origin, file: str
) -> None:
    assert run("export", filled, "-o", file).status == 0
    other = "sqlite:///copy.sqlite" if backend == "filesystem" else "filesystem:///copy"
    assert run("import", other, file).status == 0
    kind, name = ("sqlite", "copy.sqlite") if backend == "filesystem" else ("filesystem", "copy")
    ours, copy = init_backend(backend, filled), init_backend(kind, tmp_path / name)
    assert contents(ours) == contents(copy)
    assert copy.contains(url=origin.url("/redirect/2"))
    key = copy.create_key(method="GET", url=origin.url("/redirect/2"))
    assert [hop.url for hop in copy.get_response(key).history] == [
        hop.url for hop in ours.get_response(key).history
    ]
    ours.close()
    copy.close()


def test_an_archive_of_a_browser_is_read_with_secrets_replaced(run: Run, tmp_path: Path) -> None:
    entry = {
        "startedDateTime": "2026-11-28T12:00:00.000Z",
        "time": 5,
        "request": {
            "method": "GET",
            "url": "https://site.test/page?api_key=hidden&q=1",
            "httpVersion": "h2",
            "headers": [
                {"name": ":authority", "value": "site.test"},
                {"name": "Authorization", "value": "Bearer hidden"},
            ],
            "queryString": [],
            "cookies": [],
        },
        "response": {
            "status": 200,
            "statusText": "",
            "httpVersion": "h2",
            "headers": [{"name": "content-type", "value": "text/plain"}],
            "cookies": [],
            "content": {"size": 3, "mimeType": "text/plain", "text": "aGVs", "encoding": "base64"},
            "redirectURL": "",
        },
        "cache": {},
        "timings": {},
    }
    blocked = {**entry, "response": {**entry["response"], "status": 0}}  # type: ignore[dict-item]  # plain values
    archive = {"log": {"version": "1.2", "entries": [entry, blocked, {"nothing": 1}]}}
    (tmp_path / "browser.har").write_text(json.dumps(archive))
    done = run("import", "new.sqlite", "browser.har", "--expire-after", "1h")
    assert "imported 1, not stored 2" in done.err
    assert done.status == 1
    (row,) = run("ls", "new.sqlite", "--json").json
    assert row["created_at"] == "2026-11-28T12:00:00+00:00"
    assert row["expires"] == "2026-11-28T13:00:00+00:00"
    assert run("get", "new.sqlite", row["key"]).out == "hel"
    assert b"hidden" not in (tmp_path / "new.sqlite").read_bytes()
    assert "hidden" not in done.out


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"log": {}}', '{"log": {"entries": 1}}'])
def test_what_is_no_archive_is_refused(text: str) -> None:
    with pytest.raises(RecordError, match="not an HTTP Archive"):
        import_har(BaseCache(), io.StringIO(text), lambda received: None, lambda url, why: None)


@pytest.mark.parametrize(
    "damage",
    [
        {"url": 1},
        {"fields": {}},
        {"created": "soon"},
        {"flags": "many"},
        {"request": None},
        {"key": None, "fields": {"reason": []}},
    ],
)
def test_a_made_up_entry_is_left_out(filled: str, damage: dict[str, Any]) -> None:
    archive = run_here("export", filled).json
    entry = archive["log"]["entries"][0]
    entry["_requestsCache"].update(damage)
    failures: list[str] = []
    cache = BaseCache()
    file = io.StringIO(json.dumps(archive))
    import_har(cache, file, lambda received: None, lambda url, why: failures.append(why))
    assert len(failures) == 1
    assert len(cache) == len(archive["log"]["entries"]) - 1
    assert len(list(cache.filter())) == len(cache)
