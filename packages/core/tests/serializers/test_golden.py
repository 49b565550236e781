"""What an earlier version of this library wrote is read by every later one.

The files in `golden` are written once for each version of a format, and never again:

    python test_golden.py        # writes those that do not exist yet
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from requests_cache.models.record import Flag, Record
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import (
    Compression,
    Encryption,
    Serializer,
    Signature,
    init_serializer,
)

GOLDEN = Path(__file__).parent / "golden"
# A key for these files alone: 32 zeros in Base64.
KEY = "A" * 43 + "="

WRITERS: dict[str, Callable[[], Serializer]] = {
    "default-1": init_serializer,
    "json-1": lambda: init_serializer("json"),
    "yaml-1": lambda: init_serializer("yaml"),
    "bson-1": lambda: init_serializer("bson"),
    "pickle-1": lambda: init_serializer("pickle"),
    "zlib-1": lambda: init_serializer() | Compression("zlib", smallest=0),
    "zstd-1": lambda: init_serializer() | Compression("zstd", smallest=0),
    "brotli-1": lambda: init_serializer() | Compression("brotli", smallest=0),
    "signed-1": lambda: init_serializer(secret_key="key", salt="salt"),
    "encrypted-1": lambda: init_serializer() | Encryption(KEY),
    "signed-json-1": lambda: init_serializer("json") | Signature("key"),
}
BODY = "caf\xe9\n".encode() * 40
VALUE = {
    "text": ["caf\xe9", None, True, 2**70, -1, 0.1],
    ("a", b"\xff"): {1, 2},
    "when": (datetime(2026, 1, 2, 3, 4, 5, 6, tzinfo=UTC), timedelta(days=1, seconds=2)),
}


def make_response() -> CachedResponse:
    cookie = [0, "name", "value", None, False, "origin.test", False, False, "/", True, True]
    request = {
        "method": "POST",
        "url": "http://origin.test/path?q=1",
        "headers": [["Content-Type", "text/plain"], ["X-Latin", "caf\xe9"]],
        "body": {"base64": "AP8="},
    }
    hop = {
        "url": "http://origin.test/first",
        "reason": "Found",
        "headers": [["Location", "/path?q=1"]],
        "encoding": None,
        "elapsed": 0.25,
        "version": 11,
        "request": {"method": "GET", "url": "http://origin.test/first", "headers": []},
        "status": 302,
        "body": "",
    }
    fields: Any = {
        **hop,
        "url": "http://origin.test/path?q=1",
        "reason": "OK",
        "headers": [["Set-Cookie", "name=value"], ["set-cookie", "b=2"], ["Vary", "X-Latin"]],
        "encoding": "utf-8",
        "request": request,
        "cookies": [[*cookie, 1800000000, False, None, None, {"HttpOnly": None}, False]],
        "history": [hop],
        "vary": [["x-latin", "caf\xe9"]],
    }
    del fields["status"], fields["body"]
    flags = Flag.VARY | Flag.COOKIES | Flag.HISTORY
    return CachedResponse.from_record(Record(200, 1700000000.5, 1800000000.25, fields, BODY, flags))


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_response_of_an_earlier_version_is_read(name: str) -> None:
    response: Any = WRITERS[name]().loads((GOLDEN / f"{name}.response").read_bytes())
    assert (response.status_code, response.reason, response.content) == (200, "OK", BODY)
    assert response.created_at == datetime.fromtimestamp(1700000000.5, UTC)
    assert response.expires == datetime.fromtimestamp(1800000000.25, UTC)
    assert response.elapsed == timedelta(seconds=0.25)
    assert response.raw.headers.getlist("Set-Cookie") == ["name=value", "b=2"]
    assert response.raw.version == 11
    assert response.encoding == "utf-8"
    assert (response.request.method, response.request.body) == ("POST", b"\x00\xff")
    assert response.request.headers["x-latin"] == "caf\xe9"
    (cookie,) = response.cookies
    assert (cookie.name, cookie.secure, cookie.expires) == ("name", True, 1800000000)
    assert cookie.has_nonstandard_attr("HttpOnly")
    assert [(hop.status_code, hop.url) for hop in response.history] == [
        (302, "http://origin.test/first")
    ]
    assert response.record.fields["vary"] == [["x-latin", "caf\xe9"]]
    assert response.record.flags == Flag.VARY | Flag.COOKIES | Flag.HISTORY


@pytest.mark.parametrize("name", sorted(WRITERS))
def test_value_of_an_earlier_version_is_read(name: str) -> None:
    assert WRITERS[name]().loads((GOLDEN / f"{name}.value").read_bytes()) == VALUE


def test_default_record_is_written_as_before() -> None:
    """If this fails, the format has changed: it needs a new version and a new golden file."""
    assert init_serializer().dumps(make_response()) == (GOLDEN / "default-1.response").read_bytes()


def test_record_of_a_later_version_says_so(samples: list[CachedResponse]) -> None:
    cache_value = init_serializer().encode(samples[0])
    head = b"RQC\x02" + cache_value[0][4:]
    with pytest.raises(Exception, match="version 2, this library reads version 1"):
        init_serializer().decode(head, cache_value[1])


def test_record_of_a_small_json_response_is_hardly_larger_than_its_parts() -> None:
    """2 KB of JSON: at most 1.15 times the body, the header lines and the request line."""
    body = (b'{"name": "value", "number": 12345, "list": [1, 2, 3]}' * 40)[:2048]
    lines = [
        ("Date", "Tue, 01 Jul 2026 12:00:00 GMT"),
        ("Content-Type", "application/json; charset=utf-8"),
        ("Content-Length", "2048"),
        ("Connection", "keep-alive"),
        ("Server", "nginx/1.27.0"),
        ("ETag", '"33a64df551425fcc55e4d42a148795d9f25f89d4"'),
        ("Cache-Control", "public, max-age=3600"),
        ("Vary", "Accept-Encoding"),
    ]
    sent = [
        ("User-Agent", "python-requests/2.32.3"),
        ("Accept-Encoding", "gzip, deflate, br, zstd"),
        ("Accept", "*/*"),
        ("Connection", "keep-alive"),
    ]
    url = "https://api.example.com/v1/items?page=1&per_page=50"
    request = {"method": "GET", "url": url, "headers": sent}
    fields: Any = {
        "url": url,
        "reason": "OK",
        "headers": lines,
        "encoding": "utf-8",
        "elapsed": 0.123456,
        "version": 11,
        "request": request,
    }
    stored = init_serializer().dumps(
        CachedResponse.from_record(Record(200, 1e9, 2e9, fields, body))
    )
    head = "HTTP/1.1 200 OK\r\n" + f"GET {url} HTTP/1.1\r\n"
    head += "".join(f"{name}: {value}\r\n" for name, value in (*lines, *sent)) + "\r\n"
    assert len(stored) <= 1.15 * (len(body) + len(head))


def write() -> None:
    """Write the golden files that do not exist."""
    GOLDEN.mkdir(exist_ok=True)
    for name, make in WRITERS.items():
        for kind, value in (("response", make_response()), ("value", VALUE)):
            path = GOLDEN / f"{name}.{kind}"
            if not path.exists():
                path.write_bytes(make().dumps(value))


if __name__ == "__main__":
    write()
