"""What each option may be: one table, asked when something is made and when it is changed.

An option of the wrong type is found where it was given, and not in each request, or never: any text
is true, and a text is also a list of its letters.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any, Final, NamedTuple

from .errors import ConfigurationError

__all__ = [
    "FLAG",
    "FLAG_OR_NONE",
    "FUNCTION_OR_NONE",
    "NAME",
    "OF_CACHES",
    "OF_REQUESTS",
    "OF_SESSIONS",
    "SECONDS",
    "SETTINGS",
    "SIZE",
    "TEXT_OR_NONE",
    "WHOLE_NUMBER",
    "Kind",
    "check_call",
    "check_options",
    "client_kind",
    "names_by_position",
]


class Kind(NamedTuple):
    """What an option may be."""

    holds: Callable[[Any], object]
    """Is true for what it may be."""
    give: str
    """What to give instead of what is wrong."""
    is_secret: bool = False
    """Whether the value is not to be shown."""


def check_options(options: Mapping[str, object], kinds: Mapping[str, Kind]) -> None:
    """Raise if an option is of the wrong type or out of range; names without a kind are let be.

    Raises:
        ConfigurationError: it names the option, the value, and what to give.
    """
    for name, value in options.items():
        kind = kinds.get(name)
        if kind is None or kind.holds(value):
            continue
        said = f"{name} is a {type(value).__name__}" if kind.is_secret else f"{name}={value!r:.100}"
        raise ConfigurationError(f"{said}: give {kind.give}")


def client_kind(give: str) -> Kind:
    """Give what a client handed in may be, which nobody can tell but by what it is not."""
    return Kind(lambda value: not isinstance(value, str | bytes | int | float), give)


def check_call(
    cls: type, args: Iterable[object], options: Mapping[str, object], kinds: Mapping[str, Kind]
) -> None:
    """Check what a constructor is called with, by position or by name."""
    names = names_by_position(getattr(cls, "__init__", None))
    check_options({**dict(zip(names, args, strict=False)), **options}, kinds)


def names_by_position(init: object) -> tuple[str, ...]:
    """Give the names of what a constructor takes by position; none of what has no code to read."""
    # `inspect` would take long to import. What translates options of earlier versions wraps it.
    code = getattr(getattr(init, "__wrapped__", init), "__code__", None)
    return () if code is None else code.co_varnames[1 : code.co_argcount]


def _none_or(holds: Callable[[Any], object]) -> Callable[[Any], object]:
    return lambda value: value is None or holds(value)


def _is_flag(value: object) -> bool:
    return isinstance(value, bool)


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_size(value: Any) -> bool:
    return _is_whole(value) and value > 0


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0


def _are_names(value: object) -> bool:
    """Say whether it is one name or several; what can be read only once is none."""
    if value is None or isinstance(value, str):
        return True
    kinds = (list, tuple, set, frozenset, dict)
    many = isinstance(value, kinds) or (hasattr(value, "__len__") and hasattr(value, "__iter__"))
    return many and not isinstance(value, bytes) and all(map(_is_text, value))  # type: ignore[call-overload]  # it is iterable


def _may_be_all(value: object) -> bool:
    return isinstance(value, bool) or _are_names(value)


def _is_secret(value: object) -> bool:
    return isinstance(value, str | bytes)


def _are_secrets(value: object) -> bool:
    return _is_secret(value) or (isinstance(value, list | tuple) and all(map(_is_secret, value)))


def _is_window(value: object) -> bool:
    if isinstance(value, timedelta):
        return value >= timedelta()
    return isinstance(value, bool) or _is_number(value)


def _are_codes(codes: Iterable[object]) -> bool:
    return all(_is_number(code) and isinstance(code, int) and code <= 999 for code in codes)


def _are_texts(value: object) -> bool:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return False
    return all(map(_is_text, value))


def _are_rules(value: object) -> bool:
    return isinstance(value, Mapping)


FLAG: Final = Kind(_is_flag, "True or False")
NAME: Final = Kind(lambda value: isinstance(value, str | os.PathLike), "a text or a path")
FLAG_OR_NONE: Final = Kind(_none_or(_is_flag), "True or False")
SECONDS: Final = Kind(_none_or(_is_number), "seconds from 0 on")
SIZE: Final = Kind(_none_or(_is_size), "a whole number greater than 0, or None for no limit")
TEXT_OR_NONE: Final = Kind(_none_or(_is_text), "a text, or None")
WHOLE_NUMBER: Final = Kind(_is_whole, "a whole number")
FUNCTION_OR_NONE: Final = Kind(_none_or(callable), "a function, or None")
_NAMES: Final = Kind(_are_names, "a name, or a list of names")
_WINDOW: Final = Kind(_is_window, "True, False, seconds from 0 on, or a timedelta")

SETTINGS: Final[Mapping[str, Kind]] = {
    "urls_expire_after": Kind(
        _none_or(_are_rules), "a dictionary of patterns and lifetimes, or None"
    ),
    "allowable_codes": Kind(_are_codes, "a list of status codes, such as [200, 404]"),
    "allowable_methods": Kind(_are_names, 'a list of methods, such as ["GET"]'),
    "filter_fn": FUNCTION_OR_NONE,
    "stale_if_error": _WINDOW,
    "stale_while_revalidate": _WINDOW,
    "cache_control": FLAG,
    "always_revalidate": FLAG,
    "only_if_cached": FLAG,
    "read_only": FLAG,
    "replay_cookies": FLAG,
    "match_cookies": Kind(_none_or(_are_texts), "a list of names of cookies, [] for none, or None"),
    "autoclose": FLAG,
    "disabled": FLAG,
    "collapse": Kind(
        lambda value: value in (True, False, "processes"), "True, False or 'processes'"
    ),
    "on_error": Kind(lambda value: value in ("bypass", "raise"), "'bypass' or 'raise'"),
}
"""Of a session; they can be changed."""

OF_SESSIONS: Final[Mapping[str, Kind]] = {"migrate": FLAG, "on_event": FUNCTION_OR_NONE}
"""Of a session that is being made, beside its settings."""

OF_REQUESTS: Final[Mapping[str, Kind]] = {
    "only_if_cached": FLAG,
    "refresh": FLAG,
    "force_refresh": FLAG,
}
"""Of one request, beside `expire_after`."""

OF_CACHES: Final[Mapping[str, Kind]] = {
    "cache_name": NAME,
    "ignored_parameters": _NAMES,
    "match_headers": Kind(_may_be_all, "a name, a list of names, True or False"),
    "include_get_headers": Kind(_may_be_all, "a name, a list of names, True or False"),
    "match_credentials": FLAG,
    "key_fn": FUNCTION_OR_NONE,
    "secret_key": Kind(_none_or(_are_secrets), "a text, bytes, or a list of these", is_secret=True),
    "salt": Kind(_none_or(_is_secret), "a text or bytes", is_secret=True),
    "max_response_size": SIZE,
    "keep_statistics": FLAG,
    "max_size": SIZE,
    "max_entries": SIZE,
}
"""Of every cache and storage; a class adds its own to `OPTION_KINDS`."""
