"""Stages after a format: compression, signature, encryption."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from typing import TYPE_CHECKING, Any, Final, Self

from ..errors import ConfigurationError, RecordError
from .base import Serializer, mismatch, not_a_stage
from .foreign import Chain, ForeignSerializer

__all__ = ["SerializerPipeline", "Stage"]

_MARK: Final = b"RQT\x01"


class Stage:
    """Changes the bytes that a format gave, and changes them back.

    A stage begins the head with its own mark. An empty body stays empty, and a body that was
    empty is ignored when it is read: the alias of a redirect keeps something else there.

    A subclass overrides `encode` and `decode`, and names its `name`.

    One of two functions is made without a subclass: `Stage(dumps=gzip.compress,
    loads=gzip.decompress)`, `Stage(bz2, "compress", "decompress")`.

    Args:
        obj: what has both functions, such as a module.
        dumps: changes bytes for writing, or its name in `obj`.
        loads: changes them back, or its name in `obj`.

    Raises:
        ConfigurationError: there is no such function.
    """

    name: str = "functions"
    binds_body: bool = False
    """Whether the head says which body belongs to it."""
    varies_body: bool = False
    """Whether the same body may become other bytes the next time."""

    dumps: Callable[..., Any]
    """Changes one value; what a stage in a list of stages has to have."""
    loads: Callable[..., Any]
    """Changes it back."""

    def __init__(
        self,
        obj: object = None,
        dumps: str | Callable[..., Any] = "dumps",
        loads: str | Callable[..., Any] = "loads",
    ) -> None:
        self.obj = obj
        if type(self).encode is not Stage.encode:
            # It changes heads and bodies itself, and needs no functions.
            return
        self.dumps = self._function(dumps)
        self.loads = self._function(loads)
        self.varies_body = True

    def _function(self, given: str | Callable[..., Any]) -> Callable[..., Any]:
        owner = self if self.obj is None else self.obj
        found = getattr(owner, given, None) if isinstance(given, str) else given
        if not callable(found):
            raise ConfigurationError(
                f"{type(self).__name__}: {given!r} is no function: give dumps= and loads=,"
                " or an object that has them"
            )
        return found

    def copy(self) -> Self:
        """Give another stage that does the same."""
        return copy(self)

    def after(self, serializer: Serializer) -> SerializerPipeline:
        """Give a serializer with this stage after it; `serializer | stage` does the same."""
        return SerializerPipeline(serializer, self)

    def encode(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        """Change a head and a body."""
        return _MARK + self.dumps(head), self.dumps(body) if body else b""

    def decode(self, head: bytes, body: bytes | None) -> tuple[bytes, bytes | None]:
        """Change them back; `body=None` stands for a body that is not read now.

        Raises:
            RecordError: they cannot be changed back.
        """
        if head[: len(_MARK)] != _MARK:
            raise mismatch(head, self.name)
        try:
            return self.loads(head[len(_MARK) :]), self.loads(body) if body else body
        except Exception as error:  # the caller's own code may raise anything
            raise RecordError(f"the stage {self.name!r} failed: {error}") from error


class SerializerPipeline(Serializer):
    """A format with stages after it, in the order of writing.

    A list of stages, each with `dumps` and `loads` for one value, is a serializer as well:
    `SerializerPipeline([pickle, Stage(dumps=gzip.compress, loads=gzip.decompress)])`.

    Args:
        serializer: the format, or a list of all stages.
        stages: what comes after the format.
        name: what to call a list of stages.
        is_binary: whether the list gives bytes; it is seen from what it gives.

    Raises:
        ConfigurationError: something is not a stage.

    Example:
        >>> from requests_cache.serializers import Compression, Signature, init_serializer
        >>> (init_serializer("default") | Compression("zlib") | Signature("secret")).name
        'default|zlib|signature'
    """

    def __init__(
        self,
        serializer: Serializer | Sequence[Any],
        *stages: Any,
        name: str | None = None,
        is_binary: bool | None = None,
    ) -> None:
        if not isinstance(serializer, Serializer):
            # Version 1 took the name of the list as the second argument.
            name = stages[0] if stages and isinstance(stages[0], str) else name
            serializer = ForeignSerializer(Chain(serializer), name)
            stages = ()
        for stage in stages:
            if not isinstance(stage, Stage):
                raise not_a_stage(stage)
        self.format: Serializer = serializer
        self.stages: tuple[Stage, ...] = stages
        if isinstance(serializer, SerializerPipeline):
            self.format = serializer.format
            self.stages = (*serializer.stages, *stages)
        self.name: str = "|".join((serializer.name, *(stage.name for stage in stages)))
        self.extension: str = serializer.extension if not stages else ".bin"
        self.splits: bool = serializer.splits

    def copy(self) -> Self:
        """Give another pipeline with the same stages."""
        return copy(self)

    if not TYPE_CHECKING:  # else every name could be read

        def __getattr__(self, name: str) -> Any:
            """Say what to use for a method of earlier versions."""
            from .._earlier.members import missing

            raise missing(type(self), name)

    def check_responses(self) -> None:
        self.format.check_responses()

    @property
    def keeps_body(self) -> bool:
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
