"""Options that caches of requests-cache 0.7 to 1.3 take, and what they are here."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple

from ..errors import ConfigurationError
from ..option_types import check_options
from ..options import parameters_of


class Option(NamedTuple):
    """An option by its earlier name."""

    since: str
    """The first version that had it."""
    here: str
    """The option that it is; empty if it has no effect."""
    says: str = ""
    """Why it has none, or in what the two differ."""
    convert: Callable[[Any], Any] = lambda value: value
    """Turns a value into that of our option; None if there is nothing to say."""
    backends: tuple[str, ...] = ()
    """The backends whose option it is; none for all."""


def _to_seconds(milliseconds: float | None) -> float | None:
    if not isinstance(milliseconds, int | float | None) or isinstance(milliseconds, bool):
        raise ConfigurationError(f"busy_timeout={milliseconds!r:.100}: give milliseconds")
    return None if milliseconds is None else milliseconds / 1000


_AS_TEXT = "serializer='json' and 'yaml' always keep a body that is text as text"
_KEPT = "what has expired is kept for a day, or as long as stale_if_error and the like need it"
_BY_ITSELF = "what need not be kept any longer goes by itself"
_INDEX = "all processes keep the index together"

OPTIONS: Final[Mapping[str, Option]] = {
    "busy_timeout": Option("1.0", "timeout", "milliseconds; `timeout` has seconds", _to_seconds),
    "max_cache_bytes": Option("1.3", "max_size", "at least 1,000,000"),
    "maximum_cache_bytes": Option("1.3", "max_size", "at least 1,000,000"),
    "max_file_bytes": Option("1.3", "max_response_size"),
    "maximum_file_bytes": Option("1.3", "max_response_size"),
    "block_bytes": Option("1.3", "", "the size on the disk is counted as it is"),
    "sync_index": Option("1.3", "", _INDEX),
    "decode_content": Option("1.1", "", _AS_TEXT),
    "content_root_key": Option("1.3", "", "ignored_parameters counts at every depth of a body"),
    "lock": Option("1.0", "", "stores are safe in threads and processes"),
    "ttl": Option("1.0", "", _BY_ITSELF),
    "ttl_offset": Option("1.0", "", _KEPT),
    "extension": Option("0.7", "extension", backends=("filesystem",)),
}
"""Old names and what they are here."""


def translate(cls: type, given: dict[str, Any]) -> dict[str, Any]:
    """Give options of a class of caches by their names of today; warn of those without effect."""
    from ..settings import CacheSettings

    found = given.keys() & (OPTIONS.keys() | CacheSettings.NAMES)
    if found:
        found -= parameters_of(cls).union(getattr(cls, "OPTIONS", ()))
    if not found:
        return given
    options = {name: value for name, value in given.items() if name not in found}
    for name in sorted(found):
        option = OPTIONS.get(name)
        if option is None:
            _warn(cls, name, "it is a setting of the session")
        elif not option.here or not (_backend_of(cls) in option.backends or not option.backends):
            _warn(cls, name, option.says or f"it is an option of {', '.join(option.backends)}")
        elif (value := option.convert(given[name])) is not None:
            check_options({option.here: value}, getattr(cls, "OPTION_KINDS", {}))
            options.setdefault(option.here, value)
    return options


def written(given: Mapping[str, object]) -> dict[str, str]:
    """Give the names of today of what is given by another one, each with that."""
    found = ((OPTIONS[name].here, name) for name in given if name in OPTIONS)
    return {here: name for here, name in found if here not in ("", name, *given)}


def _backend_of(cls: type) -> str:
    """Give the name of the module of ours that a class comes from."""
    ours, modules = "requests_cache.backends.", [base.__module__ for base in cls.__mro__]
    found = (name.removeprefix(ours) for name in modules if name.startswith(ours))
    return next(name.partition(".")[0] for name in found if name != "base")


def _warn(cls: type, name: str, why: str) -> None:
    warnings.warn(f"{cls.__name__}({name}=...) has no effect: {why}", UserWarning, stacklevel=4)
