"""Entry points of other distributions: found by name, loaded, and errors that name the culprit.

Entry points are read once, and only for a name that is not known yet.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from .errors import PluginError


@cache
def points_of(group: str) -> dict[str, tuple[EntryPoint, ...]]:
    """Give the entry points of a group by name, in small letters."""
    found: dict[str, tuple[EntryPoint, ...]] = {}
    for point in entry_points(group=group):
        name = point.name.lower()
        found[name] = (*found.get(name, ()), point)
    return found


def only_one(kind: str, points: Sequence[EntryPoint]) -> EntryPoint | None:
    """Give the entry point of a name; None if nobody offers it.

    Raises:
        PluginError: several distributions offer it, so that chance would decide.
    """
    if len(points) < 2:
        return next(iter(points), None)
    offers = " and ".join(f"{distribution_of(point)} ({point.value})" for point in points)
    raise PluginError(
        f"the {kind} {points[0].name!r} is offered by {offers}: uninstall one of them,"
        f" or give the class itself in place of its name"
    )


def load_plugin(kind: str, point: EntryPoint) -> Any:
    """Import what an entry point names.

    Raises:
        PluginError: it cannot be imported; the error of the import is the cause.
    """
    try:
        return point.load()
    except Exception as error:  # somebody else's module may raise anything
        from ._store.entry import core_version

        raise PluginError(
            f"{_describe(kind, point)} cannot be loaded with requests-cache-core {core_version()}:"
            f" {type(error).__name__}: {error}; {_advice(point, error)}"
        ) from error


def wrong_kind(kind: str, point: EntryPoint, found: object, wanted: str) -> PluginError:
    """Give the error for an entry point that names something else than it should."""
    return PluginError(
        f"{_describe(kind, point)} is {found!r:.100}, and not {wanted}: this is for its author"
        f" to mend; until then give a {kind} itself in place of its name"
    )


def distribution_of(point: EntryPoint) -> str:
    """Give name and version of the distribution that an entry point came with."""
    dist = point.dist
    return "a distribution without a name" if dist is None else f"{dist.name} {dist.version}"


def _describe(kind: str, point: EntryPoint) -> str:
    return (
        f"the {kind} {point.name!r} of {distribution_of(point)}"
        f" (entry point {point.name} = {point.value} in {point.group})"
    )


def _advice(point: EntryPoint, error: Exception) -> str:
    name = point.dist.name if point.dist is not None else "its distribution"
    if not isinstance(error, ModuleNotFoundError) or not error.name:
        return f"install a version that fits: pip install --upgrade {name}"
    if f"{point.module}.".startswith(f"{error.name}."):
        return (
            "its own module is missing, as after `pip install --target` into a folder that"
            f" has others of this package: install {name} and requests-cache-core by one command"
        )
    return f"install what it needs: pip install {name}, or the module {error.name!r} alone"
