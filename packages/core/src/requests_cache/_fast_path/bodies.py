"""What stands for an ordinary call with a body: all of that, as requests makes bytes of it."""

from __future__ import annotations

from typing import Any, Final, cast

from requests import models

from .identities import ORDINARY, freeze, identify_arguments

__all__ = ["identify_with_body"]

# Bytes or characters; a larger one is remembered by nobody.
_LARGEST: Final = 16 * 1024
_ARGUMENTS: Final = ORDINARY | {"data", "json"}


def identify_with_body(method: str, url: object, kwargs: dict[str, Any]) -> Any:
    """Give a value that stands for all of a call that has a part in its key; else None.

    Args:
        method: its method.
        url: its URL.
        kwargs: the arguments of `Session.request`, without those of the cache.
    """
    if type(url) is not str or not kwargs.keys() <= _ARGUMENTS:
        return None
    arguments = identify_arguments(url, kwargs)
    if arguments is None:
        return None
    body = _freeze_body(kwargs.get("data"), kwargs.get("json"))
    return None if body is None else (method, body, *arguments)


def _freeze_body(data: object, json: object) -> tuple[Any, ...] | None:
    """Give what stands for a body; None for one that is not ordinary, or large.

    JSON is written as requests writes it, so two values that are sent alike are alike.
    """
    kind = type(data)
    if data is None or (kind is dict and not data):
        return () if json is None else _freeze_json(json)
    if kind is str or kind is bytes:
        body = cast("str | bytes", data)
        return (kind, body) if 0 < len(body) <= _LARGEST else None
    if kind is dict:
        frozen = freeze(data)
        return None if frozen is None or len(repr(frozen)) > _LARGEST else (kind, *frozen)
    return None


def _freeze_json(json: object) -> tuple[Any, ...] | None:
    try:
        # What it is in requests: a release may prefer another library.
        text = vars(models)["complexjson"].dumps(json, allow_nan=False)
    except (TypeError, ValueError, RecursionError):
        # The long way says what is wrong.
        return None
    return (None, text) if len(text) <= _LARGEST else None
