"""What a serializer does: turn a value into a head and a body, and back."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from functools import wraps
from struct import Struct
from typing import Any, Final, Protocol, TypeAlias, TypeVar

from .._store.entry import Contracted
from ..errors import (
    CacheError,
    ConfigurationError,
    FormatMismatchError,
    RecordError,
    UnsupportedValueError,
)

__all__ = ["Serializer", "join", "not_a_stage", "split"]

_Encode: TypeAlias = "Callable[[Any, object], tuple[bytes, bytes]]"

_LENGTH: Final = Struct("<I")
_Joined_co = TypeVar("_Joined_co", covariant=True)


class Follows(Protocol[_Joined_co]):
    """What may stand after a serializer: a stage."""

    def after(self, serializer: Serializer) -> _Joined_co:
        """Give both as one serializer."""


class Serializer(Contracted, ABC):
    """Base of all serializers.

    A value is stored in two parts, so that a store can list heads without reading bodies. A
    format that has no such parts puts everything into the head, and ignores the body.
    """

    name: str
    """What to give as `serializer=`."""
    extension: str = ".bin"
    """Suffix of the files that the filesystem backend writes."""
    splits: bool = False
    """Whether the head of a response can be read without its body."""

    streams: bool = False
    """Whether the body is stored as it came over the wire and the head needs no more of it than
    its length and its CRC-32, so that it can be written and read in pieces."""

    @property
    def title(self) -> str:
        """What messages call it."""
        return repr(self.name)

    @property
    def keeps_body(self) -> bool:
        """Whether a new head goes with the body as it was stored before."""
        return self.splits

    @property
    def heads_alone(self) -> bool:
        """Whether a new head can be made of a response that was read without its body."""
        return self.splits

    def __init_subclass__(cls, **kwargs: Any) -> None:
        """Have errors of a class name it.

        Whatever its `encode` raises becomes an error that names the serializer: to a session it
        would look as if the store had failed.
        """
        super().__init_subclass__(**kwargs)
        if "encode" in vars(cls):
            setattr(cls, "encode", _explained(cls.encode))  # noqa: B010  # not a method to mypy

    def check_responses(self) -> None:  # most can, and have nothing to say
        """Raise if responses cannot be written or read; a cache asks when it is made.

        Raises:
            ConfigurationError: it says what to write instead.
        """

    @abstractmethod
    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give the head and the body of a value.

        Raises:
            UnsupportedValueError: this format cannot take such a value.
        """

    @abstractmethod
    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give the value back; with `body=None` a response without its body, if `splits`.

        Raises:
            RecordError: the bytes are damaged, or were written by another serializer.
        """

    def peek(self, head: bytes, body: bytes | None) -> object:
        """Give the value as `decode` does, but check what is in it only when it is read.

        For listing many values, of which most are not read.
        """
        return self.decode(head, body)

    def url_of(self, head: bytes, body: bytes | None) -> str:
        """Give the URL of a response, and read no more of it than that takes.

        Raises:
            RecordError: the bytes are damaged, or are no response.
        """
        from ..models.response import CachedResponse

        response = self.peek(head, body)
        if not isinstance(response, CachedResponse):
            raise RecordError("it is not a response")
        return response.record.url

    def dumps(self, value: object) -> bytes:
        """Give the value as one piece."""
        head, body = self.encode(value)
        return join(head, body) if self.splits else head

    def loads(self, data: bytes) -> object:
        """Give back the value of one piece."""
        return self.decode(*split(data)) if self.splits else self.decode(data, b"")

    def __or__(self, stage: Follows[_Joined_co]) -> _Joined_co:
        """Put a stage after this serializer: `init_serializer("json") | Compression()`."""
        if not hasattr(stage, "after"):
            raise not_a_stage(stage)
        return stage.after(self)


def not_a_stage(given: object) -> ConfigurationError:
    """Make the error for what cannot stand after a serializer."""
    return ConfigurationError(
        f"{given!r} is not a stage: give Compression, Signature, Encryption,"
        " or a subclass of requests_cache.serializers.Stage"
    )


def _explained(encode: _Encode) -> _Encode:
    @wraps(encode)
    def encode_well(self: Serializer, value: object) -> tuple[bytes, bytes]:
        try:
            head, body = encode(self, value)
            if type(head) is bytes and type(body) is bytes:
                return head, body
            why = f"encode() gave {type(head).__name__} and {type(body).__name__}, not bytes"
            cause = None
        except CacheError:
            raise
        except Exception as error:  # noqa: BLE001  # somebody else's code may raise anything
            why, cause = f"{type(error).__name__}: {error}", error
        raise UnsupportedValueError(
            f"the serializer {self.title} failed on a value of type {type(value).__name__}: {why}"
        ) from cause

    return encode_well


def join(head: bytes, body: bytes) -> bytes:
    """Put a head and a body into one piece."""
    return b"".join((_LENGTH.pack(len(head)), head, body))


def split(data: bytes) -> tuple[bytes, bytes]:
    """Take apart what `join` put together.

    Raises:
        RecordError: it is too short for that.
    """
    if len(data) < _LENGTH.size:
        raise RecordError("the stored value is cut off")
    end = _LENGTH.size + _LENGTH.unpack_from(data)[0]
    if len(data) < end:
        raise RecordError("the stored value is cut off")
    return data[_LENGTH.size : end], data[end:]


# Which serializer wrote some bytes: every format begins with its own mark

NAMED: Final = b"RQX\x01"
"""Begins what a serializer of another distribution wrote; its name follows, after its length."""

# How stored values begin -> who wrote them, and what to do about it.
_MARKS: Final = (
    (b"RQC", "default", 'serializer="default"'),
    (b"RQV", "default", 'serializer="default"'),
    (b"RQB", "default", 'serializer="default"'),
    (b"RQP", "pickle", 'serializer="pickle"'),
    (b"RQD", "bson", 'serializer="bson"'),
    (b'{"format": "requests-cache/json"', "json", 'serializer="json"'),
    (b"format: requests-cache/yaml", "yaml", 'serializer="yaml"'),
    (b"RQF", "custom", "the object with dumps() and loads() that wrote it"),
    (b"RQS", "signed", "its secret_key"),
    (b"RQE", "encrypted", "an Encryption stage with its key"),
    (b"RQZ", "compressed", "a Compression stage"),
    (b"RQT", "functions", "the Stage of functions that wrote it"),
    (
        b"\x80",
        "pickle of another program",
        "requests_cache.migrate, if it is an older requests-cache",
    ),
)


def mismatch(head: bytes, reader: str) -> FormatMismatchError:
    """Give the error for a value that `reader` did not write; it says who did."""
    for mark, name, advice in (*_MARKS, *_named(head)):
        if head.startswith(mark) and name != reader:
            return FormatMismatchError(
                f"the stored value was written by another serializer ({name}) than reads it"
                f" ({reader}): open the cache with {advice}"
            )
    return FormatMismatchError(f"the stored value was not written by the serializer {reader!r}")


def mark_of(name: str) -> bytes:
    """Give the mark of a serializer of another distribution."""
    text = name.encode("ascii")
    return NAMED + bytes([len(text)]) + text


def _named(head: bytes) -> tuple[tuple[bytes, str, str], ...]:
    """Give the mark of the serializer that a head names, if it names one."""
    if not head.startswith(NAMED):
        return ()
    size = head[len(NAMED)] if len(head) > len(NAMED) else 0
    name = head[len(NAMED) + 1 :][:size].decode("ascii", "replace")
    return ((NAMED, name, f"serializer={name!r}"),)
