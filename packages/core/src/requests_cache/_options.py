"""Check keyword options, and suggest the right name for a misspelt one."""

from __future__ import annotations

from collections.abc import Iterable

from .errors import UnknownOptionError

__all__ = ["reject_unknown"]


def reject_unknown(owner: str, given: Iterable[str], known: Iterable[str]) -> None:
    """Raise for the first name in `given` that is not in `known`.

    Raises:
        UnknownOptionError: it names the option and the nearest one that exists.
    """
    allowed = frozenset(known)
    for name in given:
        if name not in allowed:
            raise UnknownOptionError(f"{owner} has no option {name!r}{_hint(name, allowed)}")


def _hint(name: str, allowed: frozenset[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, sorted(allowed), n=1, cutoff=0.6)
    return f"; did you mean {near[0]!r}?" if near else f"; it has {', '.join(sorted(allowed))}"
