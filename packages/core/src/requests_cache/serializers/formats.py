"""JSON, YAML and BSON: a response as a document that a person can read."""

from __future__ import annotations

import json
import re
from collections.abc import Hashable
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zlib import crc32

from ..errors import RecordError
from .base import mismatch
from .documents import DocumentSerializer, TextSerializer, not_installed

if TYPE_CHECKING:
    from bson.codec_options import TypeDecoder

# JSON

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
        text = json.dumps(document, ensure_ascii=False, indent=1).encode(*_ESCAPED)
        rest = text.lstrip(b"{")
        start = f'{{"format": "requests-cache/json", "version": 1, "crc32": "{crc32(rest):08x}",'
        return start.encode("ascii") + rest

    def parse(self, data: bytes) -> dict[str, Any]:
        try:
            document = json.loads(data.decode(*_ESCAPED))
        except (ValueError, RecursionError) as error:
            if data.lstrip()[:1] == b"{":
                raise RecordError("the JSON document is damaged") from error
            raise mismatch(data, self.name) from error
        if not isinstance(document, dict):
            raise mismatch(data, self.name)
        return document


# YAML

# libyaml composes nested nodes by calling itself, and ends the process when that goes too deep.
_DEEPEST: Final = 100
# What we write has 64 bits.
_LONGEST_NUMBER: Final = 100
_UNUSUAL_ENDS: Final = frozenset("\r\x85\u2028\u2029")


class YamlSerializer(TextSerializer):
    """Write one YAML mapping; only YAML's own plain types are read, and no aliases.

    Raises:
        NotInstalledError: PyYAML or cattrs is missing.
    """

    name = form = "yaml"
    extension = ".yaml"
    start: ClassVar[re.Pattern[bytes]] = re.compile(
        rb'format: requests-cache/yaml\nversion: 1\ncrc32: "([0-9a-f]{8})"\n'
    )

    def __init__(self) -> None:
        try:
            import yaml
            from cattrs.preconf.pyyaml import make_converter
        except ImportError as error:
            raise not_installed(self.name, "yaml") from error
        super().__init__(make_converter())
        self._yaml = yaml
        self._loader: Any = _make_loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        self._dumper = _make_dumper(yaml)

    def write(self, document: dict[str, Any]) -> bytes:
        text = self._yaml.dump(
            document, Dumper=self._dumper, allow_unicode=True, sort_keys=False, width=100
        )
        rest = text.encode("utf-8")
        start = f'format: requests-cache/yaml\nversion: 1\ncrc32: "{crc32(rest):08x}"\n'
        return start.encode("ascii") + rest

    def parse(self, data: bytes) -> dict[str, Any]:
        if not data.startswith(b"format: "):
            raise mismatch(data, self.name)
        depth = 0
        events = self._yaml
        for event in events.parse(data, Loader=self._loader):
            if isinstance(event, events.CollectionStartEvent):
                depth += 1
            elif isinstance(event, events.CollectionEndEvent):
                depth -= 1
            elif isinstance(event, events.AliasEvent):
                # A few aliases of aliases make a document of any size.
                raise RecordError("the YAML document has an alias")
            if depth > _DEEPEST:
                raise RecordError("the YAML document is nested too deeply")
        # What begins with a key is a mapping.
        document: dict[str, Any] = self._yaml.load(data, Loader=self._loader)
        return document


def _make_loader(base: Any) -> Any:
    class Loader(base):  # type: ignore[misc]  # the class is known when it is imported
        pass

    def construct(loader: Any, node: Any) -> Any:
        # To base 60, or to base 10, the time that a number takes grows with the square of its size.
        if len(node.value) > _LONGEST_NUMBER:
            raise RecordError("the YAML document has a number that is too long")
        return base.yaml_constructors[node.tag](loader, node)

    for kind in ("int", "float"):
        Loader.add_constructor(f"tag:yaml.org,2002:{kind}", construct)
    return Loader


def _make_dumper(yaml: Any) -> Any:
    class Dumper(yaml.SafeDumper):  # type: ignore[misc]  # the class is known when it is imported
        def ignore_aliases(self, data: Hashable) -> bool:
            return True

    def represent(dumper: Any, text: str) -> Any:
        # A literal block shows the lines of a body. Some line ends would come back as others,
        # unless they are escaped.
        style = "|" if "\n" in text else None
        if not _UNUSUAL_ENDS.isdisjoint(text):
            style = '"'
        return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)

    Dumper.add_representer(str, represent)
    return Dumper


# BSON


class BsonSerializer(DocumentSerializer):
    """Write a mark, a CRC-32 and a BSON document.

    Raises:
        NotInstalledError: PyMongo or cattrs is missing.
    """

    name = "bson"
    extension = ".bson"
    binary = True
    mark = b"RQD\x01"

    def __init__(self) -> None:
        try:
            import bson
            from bson.codec_options import CodecOptions, TypeRegistry
            from cattrs.preconf.bson import make_converter
        except ImportError as error:
            raise not_installed(self.name, "bson") from error
        super().__init__(make_converter())
        self._bson = bson
        self._options: CodecOptions[dict[str, Any]] = CodecOptions(
            type_registry=TypeRegistry([_long_integer()])
        )

    def to_bytes(self, document: dict[str, Any]) -> bytes:
        return self._bson.encode(document)

    def from_bytes(self, data: bytes) -> dict[str, Any]:
        return self._bson.decode(data, self._options)


def _long_integer() -> TypeDecoder:
    """Give a decoder that gives an integer of 64 bits as any other: PyMongo has a type for it."""
    from bson.codec_options import TypeDecoder
    from bson.int64 import Int64

    class LongInteger(TypeDecoder):
        bson_type = Int64

        def transform_bson(self, value: int) -> int:
            return int(value)

    return LongInteger()
