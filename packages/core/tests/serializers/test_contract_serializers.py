"""The contract of serializers, for each of ours, for pipelines, and for one of somebody else's."""

from __future__ import annotations

import json
from typing import Any

import pytest
from requests_cache.errors import ConfigurationError, FormatMismatchError
from requests_cache.serializers import (
    Compression,
    DocumentSerializer,
    Serializer,
    Stage,
    init_serializer,
)
from requests_cache.testing import SerializerContract


class TestSerializer(SerializerContract):
    """Every one that `conftest` knows, by its fixture `serializer`."""

    @pytest.fixture
    def make_serializer(self, serializer: Serializer) -> Any:
        return lambda: serializer

    @pytest.fixture(params=["default", "json", "yaml", "bson", "pickle", "signed", "compressed"])
    def serializer(self, request: pytest.FixtureRequest) -> Serializer:
        """Each of ours in turn."""
        if request.param == "signed":
            return init_serializer("default", secret_key="key")
        if request.param == "compressed":
            return init_serializer("default") | Compression("zlib", smallest=0)
        return init_serializer(request.param)


class CompactSerializer(DocumentSerializer):
    """A format of somebody else's."""

    name = "compact"
    extension = ".compact"

    def to_bytes(self, document: dict[str, Any]) -> bytes:
        return json.dumps(document, separators=(",", ":")).encode("ascii")

    def from_bytes(self, data: bytes) -> dict[str, Any]:
        found: dict[str, Any] = json.loads(data)
        return found


class TestCompactSerializer(SerializerContract):
    @pytest.fixture
    def make_serializer(self) -> Any:
        return CompactSerializer


@pytest.mark.parametrize("name", [None, "", "naïve", "x" * 256, 7])
def test_a_format_has_a_name(name: Any) -> None:
    with pytest.raises(ConfigurationError, match="give the name of the format"):
        type("Mine", (CompactSerializer,), {"name": name})()


def test_another_format_names_who_wrote() -> None:
    class Other(CompactSerializer):
        name = "other"

    written = CompactSerializer().encode("value")
    for reader in (Other(), init_serializer(), init_serializer("json"), init_serializer("bson")):
        with pytest.raises(FormatMismatchError, match="serializer='compact'"):
            reader.decode(*written)


def test_a_stage_that_changes_heads_itself_needs_no_functions() -> None:
    class Reversing(Stage):
        name = "reversing"

        def encode(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
            return head[::-1], body

        def decode(self, head: bytes, body: bytes | None) -> tuple[bytes, bytes | None]:
            return head[::-1], body

    pipeline = init_serializer() | Reversing()
    assert pipeline.loads(pipeline.dumps("value")) == "value"
