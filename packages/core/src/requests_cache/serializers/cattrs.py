"""A stage that turns a response into a dictionary, as version 1 had it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from .. import _door
from ..models.response import CachedResponse
from .documents import ResponseDocument, not_installed, read_response, write_response
from .pipeline import Stage

if TYPE_CHECKING:
    from cattrs import Converter

__all__ = ["CattrStage"]


class CattrStage(Stage):
    """Turn a response into a dictionary of plain values, and back; what else comes, goes through.

    Its place is the first in a list of stages: `SerializerPipeline([CattrStage(), Stage(json)])`.

    Args:
        factory: makes the converter of cattrs; by default that for JSON.
        decode_content: has no effect: a body that is text is always kept as text.
        options: `convert_datetime` and the like have none either: there are no such values.

    Raises:
        NotInstalledError: cattrs is missing.
    """

    name = "cattrs"

    def __init__(
        self,
        factory: Callable[..., Converter] | None = None,
        decode_content: bool = False,
        **options: Any,
    ) -> None:
        self.converter: Any = factory() if factory is not None else _make_converter()
        self.decode_content = decode_content

    def dumps(self, value: Any) -> Any:
        """Give the dictionary of a response."""
        if not isinstance(value, CachedResponse):
            return value
        return self.converter.unstructure(write_response(value, binary=False))

    def loads(self, value: Any) -> Any:
        """Give the response of a dictionary."""
        if not isinstance(value, Mapping):
            return value
        return read_response(self.converter.structure(value, ResponseDocument))


def _make_converter() -> Converter:
    try:
        from cattrs.preconf.json import make_converter
    except ImportError as error:
        raise not_installed("CattrStage", "json") from error
    return make_converter()


if not TYPE_CHECKING:  # else every name could be imported
    __getattr__ = _door(__name__)
