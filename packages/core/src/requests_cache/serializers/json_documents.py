"""The JSON serializer: a response as a document that a person can read."""

from __future__ import annotations

import json
import re
from typing import Any, ClassVar, Final
from zlib import crc32

from ..errors import RecordError
from .origin import mismatch
from .readable import TextSerializer, not_installed

__all__ = ["JsonSerializer"]

_ESCAPED: Final = "utf-8", "surrogatepass"


class JsonSerializer(TextSerializer):
    """Write one JSON object; a body that is text stays readable.

    Raises:
        NotInstalledError: cattrs is missing.
    """

    name = form = "json"
    extension = ".json"
    start: ClassVar[re.Pattern[bytes]] = re.compile(
        rb'\{"format": "requests-cache/json", "version": 1, "crc32": "([0-9a-f]{8})",(?=\s)'
    )

    def __init__(self) -> None:
        try:
            from cattrs.preconf.json import make_converter
        except ImportError as error:
            raise not_installed(self.name, "json") from error
        super().__init__(make_converter())

    def write(self, document: dict[str, Any]) -> bytes:
        """Give the document as it is stored."""
        text = json.dumps(document, ensure_ascii=False, indent=1).encode(*_ESCAPED)
        rest = text.lstrip(b"{")
        start = f'{{"format": "requests-cache/json", "version": 1, "crc32": "{crc32(rest):08x}",'
        return start.encode("ascii") + rest

    def parse(self, data: bytes) -> dict[str, Any]:
        """Give the JSON object."""
        try:
            document = json.loads(data.decode(*_ESCAPED))
        except (ValueError, RecursionError) as error:
            if data.lstrip()[:1] == b"{":
                raise RecordError("the JSON document is damaged") from error
            raise mismatch(data, self.name) from error
        if not isinstance(document, dict):
            raise mismatch(data, self.name)
        return document
