"""Check keyword options, and suggest the right name for a misspelt one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from functools import wraps
from typing import Any

from .errors import ConfigurationError, RefusedOptionError, UnknownOptionError

__all__ = [
    "as_written",
    "parameters_of",
    "refuse_bounds",
    "reject_unknown",
    "take",
    "taking_earlier",
    "unknown_option",
]


def refuse_bounds(owner: type, given: Iterable[str], means: str) -> None:
    """Raise if a bound is given for a cache whose store has means of its own.

    Args:
        owner: the cache.
        given: names of the keyword arguments.
        means: what to do instead.

    Raises:
        RefusedOptionError: it names the option and the means.
    """
    for name in given:
        if name in ("max_size", "max_entries"):
            raise RefusedOptionError(f"{owner.__name__} takes no {name}: {means}", name)


def reject_unknown(owner: str | type, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise for the first name in `given` that is not in `known`.

    Args:
        owner: what was called; of a class the parameters of its constructors are suggested, too.
        given: names of the keyword arguments.
        known: names of the options that can be given so.

    Raises:
        UnknownOptionError: it names the option and the nearest one that exists.
    """
    allowed = frozenset(known)
    for name in given:
        if name not in allowed:
            if isinstance(owner, str):
                raise unknown_option(owner, name, allowed)
            raise unknown_option(owner.__name__, name, allowed | parameters_of(owner))


def unknown_option(owner: str, option: str, choices: frozenset[str]) -> UnknownOptionError:
    """Make the error about an option that does not exist, when these do."""
    from difflib import get_close_matches

    near = get_close_matches(option, sorted(choices), n=1, cutoff=0.6)
    hint = f"did you mean {near[0]!r}?" if near else f"it has {', '.join(sorted(choices))}"
    return UnknownOptionError(f"{owner} has no option {option!r}; {hint}", option, choices)


def take(options: dict[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """Take out of `options` those of the named ones that were given."""
    return {name: options.pop(name) for name in names if name in options}


def parameters_of(cls: type) -> frozenset[str]:
    """Give the names of the parameters of all constructors of a class."""
    from inspect import Parameter, signature

    return frozenset(
        name
        for base in cls.__mro__
        if "__init__" in vars(base) and base is not object
        for name, parameter in signature(vars(base)["__init__"]).parameters.items()
        if name != "self"
        and parameter.kind not in (Parameter.VAR_POSITIONAL, Parameter.VAR_KEYWORD)
    )


@contextmanager
def as_written(names: Mapping[str, str]) -> Iterator[None]:
    """Have errors about options name them as the caller has written them.

    Args:
        names: what they are called here, and what he has called them.
    """
    try:
        yield
    except ConfigurationError as error:
        text, *rest = error.args or ("",)
        for name, given in names.items():
            text = re.sub(rf"\b{name}\b", given, str(text))
        error.args = (text, *rest)
        if isinstance(error, UnknownOptionError):
            error.option = names.get(error.option, error.option)
        raise


def taking_earlier(init: Callable[..., None]) -> Callable[..., None]:
    """Give a constructor that takes options by the names of earlier versions, too."""

    @wraps(init)
    def taking(self: object, *args: Any, **kwargs: Any) -> None:
        if not kwargs:
            init(self, *args)
            return
        # Imported on first use: most caches are made without an option.
        from ._earlier.options import translate, written

        with as_written(written(kwargs)):
            init(self, *args, **translate(type(self), kwargs))

    return taking
