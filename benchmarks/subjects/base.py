"""What a subject of the benchmark can be asked for; each one overrides what it has."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, MutableMapping
from contextlib import AbstractContextManager
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

if TYPE_CHECKING:
    from requests import Response
    from row import Place

__all__ = ["Library", "NotOfferedError", "Shelf", "Subject"]


class NotOfferedError(Exception):
    """A subject does not have what a row measures."""


class Shelf(NamedTuple):
    """A storage used directly, with each subject's default serializer."""

    items: MutableMapping[str, Any]
    value: Any
    """A response in the form in which this storage takes it."""
    bulk: Callable[[], AbstractContextManager[object]]
    """Put many `items` within one transaction."""


class Library(NamedTuple):
    """A cache of many responses, and the work on all of it; each gives what it found."""

    close: Callable[[], None]
    count_all: Callable[[], int]
    delete_expired: Callable[[], object]
    count_unexpired: Callable[[], int] | None = None
    urls: Callable[[], Iterator[str]] | None = None
    values: Callable[[], Iterator[Response]] | None = None
    delete_and_keep_size: Callable[[], object] | None = None
    delete_and_shrink: Callable[[], object] | None = None


class Subject:
    """A cache under test."""

    name: ClassVar[str]
    title: ClassVar[str]
    requirements: ClassVar[tuple[str, ...]]
    environment: ClassVar[str | None] = None
    """The environment of another subject that this one shares."""
    statement: ClassVar[str] = ""
    """The import that a user writes."""
    openings: ClassVar[Mapping[str, str]] = {}
    """Store -> statements that open a session over the file or table `name`, as a user writes
    them; `server` is the URL of the store's server."""
    exact: ClassVar[bool] = True
    """Whether bodies come back byte for byte; otherwise JSON is compared by its meaning."""

    def session(self, store: str, place: Place) -> Any:
        """Open a session that caches in `store` (memory, sqlite, filesystem, redis)."""
        raise NotOfferedError(store)

    def session_in(self, form: str, place: Place) -> Any:
        """Open a session that caches in SQLite in another form: json, signed or encrypted."""
        raise NotOfferedError(form)

    def shelf(self, place: Place, response: Response) -> Shelf:
        """Open the SQLite storage that takes `response` many times."""
        raise NotOfferedError("storage")

    def fill(
        self, place: Place, response: Response, count: int, lifetime: Callable[[int], float]
    ) -> None:
        """Store `response` under `count` URLs in a SQLite file; `lifetime` is in seconds."""
        raise NotOfferedError("library")

    def library(self, place: Place) -> Library:
        """Open what `fill` stored."""
        raise NotOfferedError("library")
