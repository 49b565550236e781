"""Every serializer, and responses to give to them."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from requests import PreparedRequest, Request, Response
from requests.adapters import HTTPAdapter
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import (
    Compression,
    Encryption,
    Serializer,
    Signature,
    init_serializer,
)
from urllib3 import HTTPHeaderDict, HTTPResponse

SERIALIZERS: dict[str, Callable[[], Serializer]] = {
    "default": lambda: init_serializer("default"),
    "json": lambda: init_serializer("json"),
    "yaml": lambda: init_serializer("yaml"),
    "bson": lambda: init_serializer("bson"),
    "pickle": lambda: init_serializer("pickle"),
    "safe_pickle": lambda: init_serializer("safe_pickle", secret_key="key"),
    "object": lambda: init_serializer(pickle),
    "zlib": lambda: init_serializer("default") | Compression("zlib", smallest=0),
    "zstd": lambda: init_serializer("default") | Compression("zstd", smallest=0),
    "brotli": lambda: init_serializer("default") | Compression("brotli", smallest=0),
    "signed": lambda: init_serializer("default", secret_key="key"),
    "encrypted": lambda: init_serializer("default") | Encryption(Encryption.new_key()),
    "all stages": lambda: (
        init_serializer("json")
        | Compression("zlib", smallest=0)
        | Signature(["old", "new"], "salt")
        | Encryption(Encryption.new_key())
    ),
}


@pytest.fixture(params=sorted(SERIALIZERS), scope="session")
def serializer(request: pytest.FixtureRequest) -> Serializer:
    """Every serializer in turn."""
    return SERIALIZERS[request.param]()


@pytest.fixture(scope="session")
def serializers() -> dict[str, Serializer]:
    """Give every serializer by its name."""
    return {name: make() for name, make in SERIALIZERS.items()}


def build_response(
    body: bytes = b'{"answer": 42}',
    headers: list[tuple[str, str]] | None = None,
    status: int = 200,
    reason: str | None = "OK",
    version: int = 11,
    request: PreparedRequest | None = None,
    elapsed: float = 0.125,
) -> Response:
    """Build a response as requests does, from what came over the wire."""
    raw = HTTPResponse(
        body=body,
        headers=HTTPHeaderDict(headers or [("Content-Type", "application/json")]),
        status=status,
        reason=reason,
        version=version,
        preload_content=True,
        decode_content=False,
    )
    sent = request or Request("GET", "http://origin.test/path?q=1").prepare()
    response = HTTPAdapter().build_response(sent, raw)
    response._content = body
    response.elapsed = timedelta(seconds=elapsed)
    return response


@pytest.fixture
def make_response() -> Callable[..., Response]:
    """Give a maker of responses."""
    return build_response


@pytest.fixture
def samples() -> list[CachedResponse]:
    """Give stored responses that differ in what they have."""
    form = Request("POST", "http://origin.test/form", data={"name": "Zoë"}).prepare()
    plain = build_response(b"text\n" * 20, [("Set-Cookie", "a=1; Path=/"), ("Set-Cookie", "b=2")])
    binary = build_response(bytes(range(256)), [("X-Latin", "caf\xe9")], 201, request=form)
    binary.history = [build_response(b"", [("Location", "/path")], 302, "Found")]
    binary.cookies.set("name", "value", domain="origin.test", path="/")
    empty = build_response(b"", status=204, reason=None)
    times: dict[str, Any] = {"created_at": 1000.5, "expires": 2000.25}
    return [CachedResponse.from_response(each, **times) for each in (plain, binary, empty)]
