"""Serializers of others: of callers, any object with `dumps` and `loads`, and of distributions."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from struct import Struct
from typing import Any, Final, Protocol, TypeGuard
from zlib import crc32

from ..errors import CacheError, ConfigurationError, RecordError
from .base import Serializer, mismatch

_TEXT: Final = b"RQF\x01T"
_BYTES: Final = b"RQF\x01B"
_HEAD: Final = Struct("<5sI")


class DumpsLoads(Protocol):
    """What a caller's own serializer has to have."""

    def dumps(self, obj: Any, /) -> bytes | str:
        """Turn a value into bytes or text."""
        ...

    def loads(self, data: Any, /) -> Any:
        """Turn what `dumps` gave into the value."""
        ...


def has_verbs(given: object) -> TypeGuard[DumpsLoads]:
    """Say whether something has both functions."""
    return all(callable(getattr(given, verb, None)) for verb in ("dumps", "loads"))


class Chain:
    """Several objects with `dumps` and `loads`, one after the other.

    Raises:
        ConfigurationError: one of them has no such functions.
    """

    def __init__(self, stages: Iterable[Any]) -> None:
        self.stages: tuple[Any, ...] = tuple(stages)
        for stage in self.stages:
            if not has_verbs(stage):
                raise ConfigurationError(
                    f"{stage!r} is no stage of a list: give objects with dumps() and loads(),"
                    " such as Stage(dumps=, loads=)"
                )

    def dumps(self, value: Any) -> Any:
        """Give what the last one gives."""
        for stage in self.stages:
            value = stage.dumps(value)
        return value

    def loads(self, value: Any) -> Any:
        """Undo all of them, the last one first."""
        for stage in reversed(self.stages):
            if isinstance(stage, Serializer) and isinstance(value, str):
                value = value.encode()
            value = stage.loads(value)
        return value


class ForeignSerializer(Serializer):
    """Adapt a caller's own `dumps` and `loads`; text is stored as UTF-8."""

    name: str = "custom"

    def __init__(self, inner: DumpsLoads, name: str | None = None) -> None:
        self.inner = inner
        self.name = name or self.name

    @property
    def title(self) -> str:
        """Name the object, or the class of it, that has both functions."""
        return f"{self.name!r} ({getattr(self.inner, '__name__', type(self.inner).__name__)})"

    def check_responses(self) -> None:
        """Try `dumps` and `loads` on a response, before there is one that matters."""
        from ..models.response import CachedResponse

        try:
            again = self.loads(self.dumps(_example()))
        except Exception as error:  # the caller's own code may raise anything
            raise self._no_responses(f"{type(error).__name__}: {error}") from error
        if not isinstance(again, CachedResponse):
            raise self._no_responses(f"a response came back as {type(again).__name__}")

    def _no_responses(self, why: str) -> ConfigurationError:
        return ConfigurationError(
            f"serializer={self.inner!r:.80} cannot keep responses ({why}): its dumps() is given a"
            " CachedResponse, as pickle takes it; for a format of plain data write a subclass of"
            " requests_cache.serializers.DocumentSerializer"
        )

    def encode(self, value: object) -> tuple[bytes, bytes]:
        """Give what `dumps` gives, marked as text or bytes."""
        data = self.inner.dumps(value)
        if isinstance(data, str):
            return _mark(_TEXT, data.encode("utf-8", "surrogatepass")), b""
        return _mark(_BYTES, bytes(memoryview(data))), b""

    def decode(self, head: bytes, body: bytes | None) -> object:
        """Give what `loads` gives; whatever it raises means that the value cannot be read."""
        mark, data = head[: len(_TEXT)], head[_HEAD.size :]
        if mark not in (_TEXT, _BYTES):
            raise mismatch(head, ForeignSerializer.name)
        if head != _mark(mark, data):
            raise RecordError("the stored value is damaged")
        try:
            text_or_bytes = data.decode("utf-8", "surrogatepass") if mark == _TEXT else data
            return self.inner.loads(text_or_bytes)
        except Exception as error:  # the caller's own code may raise anything
            raise RecordError(f"{type(self.inner).__name__}.loads failed: {error}") from error


def _example() -> object:
    from requests import Request, Response

    from ..models.response import CachedResponse

    response = Response()
    response.status_code, response.url, response._content = 200, "http://127.0.0.1/", b"\xff"
    response.request = Request("GET", response.url).prepare()
    return CachedResponse.from_response(response)


def _mark(mark: bytes, data: bytes) -> bytes:
    return _HEAD.pack(mark, crc32(data)) + data


# Finding them

_GROUP: Final = "requests_cache.serializers"

_WANTED = "a subclass of Serializer, or a class or an object with dumps() and loads()"


def find_plugin(name: str) -> Serializer | None:
    """Give the serializer that an entry point stands for; None if there is no such name.

    Raises:
        PluginError: it cannot be loaded, is none, or two distributions offer it.
    """
    from .. import _plugins  # it imports importlib.metadata, and is for names that are not ours

    point = _plugins.only_one("serializer", _plugins.points_of(_GROUP).get(name.lower(), ()))
    if point is None:
        return None
    found = _plugins.load_plugin("serializer", point)
    serializer = adapt(found)
    if serializer is None:
        raise _plugins.wrong_kind("serializer", point, found, _WANTED)
    return serializer


def plugin_names() -> list[str]:
    """List the names that installed distributions offer."""
    from .. import _plugins

    return sorted(_plugins.points_of(_GROUP))


def adapt(given: object) -> Serializer | None:
    """Give a serializer for an object, or for a class, of which one is made; None if it is none.

    Raises:
        ConfigurationError: the class cannot be made without arguments.
    """
    made = _make(given) if has_verbs(given) and isinstance(given, type) else given
    if isinstance(made, Serializer):
        return made
    return ForeignSerializer(made) if has_verbs(made) else None


def _make(cls: Callable[[], object]) -> object:
    try:
        return cls()
    except CacheError:
        raise
    except Exception as error:  # a constructor may raise anything
        raise ConfigurationError(
            f"serializer={cls!r} is a class, and cannot be made without arguments"
            f" ({type(error).__name__}: {error}): give an instance"
        ) from error
