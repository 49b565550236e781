"""The JSON serializer: a response as a document that a person can read."""

from __future__ import annotations

import json
import re
from typing import Any, Final
from zlib import crc32

from ..errors import RecordError
from .origin import mismatch
from .readable import ReadableSerializer, not_installed

__all__ = ["JsonSerializer"]

_FORMAT: Final = "requests-cache/json"
_VERSION: Final = 1
_START: Final = re.compile(
    rb'\{"format": "requests-cache/json", "version": 1, "crc32": "([0-9a-f]{8})",\s'
)
_ESCAPED: Final = "utf-8", "surrogatepass"


class JsonSerializer(ReadableSerializer):
    """Write one JSON object; a body that is text stays readable.

    The checksum covers what follows it. A document without one is read too, so a person who
    edits a document takes it out.

    Raises:
        NotInstalledError: cattrs is missing.
    """

    name = "json"
    extension = ".json"

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
        start = f'{{"format": "{_FORMAT}", "version": {_VERSION}, "crc32": "{crc32(rest):08x}",'
        return start.encode("ascii") + rest

    def read(self, data: bytes) -> dict[str, Any]:
        """Give back the document that `write` took."""
        start = _START.match(data)
        if start is not None and int(start[1], 16) != crc32(data[start.end() - 1 :]):
            raise RecordError("the JSON document is damaged, or was edited: take out its crc32")
        document = _parse(data)
        if document.pop("format", None) != _FORMAT:
            raise mismatch(data, self.name)
        version = document.pop("version", None)
        if version != _VERSION:
            raise RecordError(f"the document has version {version!r:.20}, not {_VERSION}")
        if document.pop("crc32", None) is not None and start is None:
            raise RecordError("the JSON document was edited: take out its crc32")
        return document


def _parse(data: bytes) -> dict[str, Any]:
    try:
        document = json.loads(data.decode(*_ESCAPED))
    except (ValueError, RecursionError) as error:
        if data.lstrip()[:1] == b"{":
            raise RecordError("the JSON document is damaged") from error
        raise mismatch(data, "json") from error
    if not isinstance(document, dict):
        raise mismatch(data, "json")
    return document
