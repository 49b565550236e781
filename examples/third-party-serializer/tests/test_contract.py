"""The contract of requests-cache, for MsgpackSerializer."""

from typing import Any

import pytest
from requests_cache import CachedSession
from requests_cache.testing import Origin, SerializerContract
from requests_cache_msgpack import MsgpackSerializer


class TestMsgpackSerializer(SerializerContract):
    @pytest.fixture
    def make_serializer(self) -> Any:
        return MsgpackSerializer


def test_found_by_name() -> None:
    """The serializer is found by its name."""
    with Origin() as origin, CachedSession(backend="memory", serializer="msgpack") as session:
        assert not session.get(origin.url("/json")).from_cache
        assert session.get(origin.url("/json")).from_cache
        assert isinstance(session.cache.serializer, MsgpackSerializer)
