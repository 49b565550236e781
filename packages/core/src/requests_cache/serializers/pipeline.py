"""Stages after a format: compression, signature, encryption."""

from __future__ import annotations

from abc import ABC, abstractmethod

from ..errors import ConfigurationError
from .base import Serializer

__all__ = ["SerializerPipeline", "Stage"]


class Stage(ABC):
    """Changes the bytes that a format gave, and changes them back.

    A stage begins the head with its own mark. An empty body stays empty, and a body that was
    empty is ignored when it is read: the alias of a redirect keeps something else there.
    """

    name: str
    binds_body: bool = False
    """Whether the head says which body belongs to it."""
    varies_body: bool = False
    """Whether the same body may become other bytes the next time."""

    @abstractmethod
    def encode(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Change a head and a body."""

    @abstractmethod
    def decode(self, head: bytes, body: bytes | None) -> tuple[bytes, bytes | None]:
        """Change them back; `body=None` stands for a body that is not read now.

        Raises:
            RecordError: they cannot be changed back.
        """


class SerializerPipeline(Serializer):
    """A format with stages after it, in the order of writing.

    Example:
        >>> from requests_cache.serializers import Compression, Signature, init_serializer
        >>> (init_serializer("default") | Compression("zlib") | Signature("secret")).name
        'default|zlib|signature'
    """

    def __init__(self, serializer: Serializer, *stages: Stage) -> None:
        for stage in stages:
            if not isinstance(stage, Stage):
                raise ConfigurationError(
                    f"{stage!r} is not a stage: give Compression, Signature, Encryption,"
                    " or a subclass of requests_cache.serializers.Stage"
                )
        self.format: Serializer = serializer
        self.stages: tuple[Stage, ...] = stages
        if isinstance(serializer, SerializerPipeline):
            self.format = serializer.format
            self.stages = (*serializer.stages, *stages)
        self.name = "|".join((serializer.name, *(stage.name for stage in stages)))
        self.extension = serializer.extension if not stages else ".bin"
        self.splits = serializer.splits

    @property
    def keeps_body(self) -> bool:
        """Whether a new head goes with the body as it was stored before."""
        varies = False
        for stage in self.stages:
            if varies and stage.binds_body:
                return False
            varies = varies or stage.varies_body
        return self.splits

    @property
    def heads_alone(self) -> bool:
        """Whether a new head can be made without the body; a stage may look at both."""
        return self.splits and not self.stages

    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give the head and the body of a value, after all stages."""
        head, body = self.format.encode(value)
        for stage in self.stages:
            head, body = stage.encode(head, body)
        return head, body

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Undo all stages, the last one first, and give the value back."""
        if not self.splits:
            body = b""
        for stage in reversed(self.stages):
            head, body = stage.decode(head, body)
        return self.format.decode(head, body)
