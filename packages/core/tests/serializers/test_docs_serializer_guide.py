"""The serializer that the guide shows is one: its code is run, and passes the contract."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from requests_cache.testing import SerializerContract

GUIDE = Path(__file__).parents[4] / "docs" / "writing-a-serializer.md"


def shown() -> dict[str, Any]:
    """Give the names of the first piece of code."""
    code = re.search(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
    assert code is not None
    names: dict[str, Any] = {"__name__": "guide"}
    exec(code[1], names)
    return names


class TestMsgpackSerializer(SerializerContract):
    @pytest.fixture
    def make_serializer(self) -> Any:
        return shown()["MsgpackSerializer"]


def test_it_is_short() -> None:
    text = GUIDE.read_text("utf-8")
    start = text.index("class MsgpackSerializer")
    assert len(text[start : text.index("```", start)].splitlines()) <= 20
