"""`check`: read everything, say what is wrong, and delete it if asked to."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import click
from requests_cache.backends import BaseCache
from requests_cache.backends.base import Entry
from requests_cache.backends.views import watched
from requests_cache.errors import CacheError, RecordError
from requests_cache.models.response import CachedResponse

from ..options import Opening, as_json, opened, with_cache
from ..output import NOTHING, bar, number_of, write_json, write_line


@click.command("check")
@with_cache
@click.option("--repair", is_flag=True, help="Delete what is of no use.")
@as_json
def check_command(opening: Opening, repair: bool, as_json: bool) -> None:
    """Read everything in a cache, bodies too, and say what is damaged or leads nowhere.

    The exit status is 1 if something is wrong and was not repaired.
    """
    with opened(opening) as cache:
        with bar("Checking") as tell:
            problems = check(cache, tell)
        if as_json:
            write_json(problem._asdict() for problem in problems)
        for problem in () if as_json else problems:
            write_line(f"{problem.kind}  {problem.key[:64]}  {problem.why}")
        for problem in problems if repair else ():
            problem.repair(cache)
        ending = ", deleted" if repair and problems else ""
        click.echo(
            f"{number_of(len(cache), 'response')}, {number_of(len(problems), 'problem')}{ending}",
            err=True,
        )
    sys.exit(NOTHING if problems and not repair else 0)


# What is wrong in a cache: what cannot be read, and what leads nowhere


class Problem(NamedTuple):
    """One thing that is wrong."""

    kind: str
    """"damaged response", "damaged redirect", "redirect to nothing" or "damaged file"."""
    key: str
    """The key of it; of a file its path."""
    why: str

    def repair(self, cache: BaseCache) -> None:
        """Delete what is of no use; nothing that can still be read is lost.

        Raises:
            CacheError: a file is damaged: only `cache.clear()` replaces it.
        """
        if self.kind == "damaged file":
            raise CacheError(f"{self.key} is damaged: `delete --all` replaces it by an empty one")
        # With a response go the redirects to it.
        cache.delete(self.key)


def check(cache: BaseCache, progress: Callable[[int, int], object] | None = None) -> list[Problem]:
    """Read everything in a cache, bodies too, and give what is wrong.

    Raises:
        StorageError: the store fails.
    """
    keys: set[str] = set()
    problems = list(_file(cache))
    found = cache.responses.scan(bodies=True)
    for key, entry in found if progress is None else watched(found, len(cache), progress):
        keys.add(key)
        try:
            _read(cache, entry)
        except CacheError as error:
            problems.append(Problem("damaged response", key, str(error)))
    return [*problems, *_redirects(cache, keys)]


def _read(cache: BaseCache, entry: Entry) -> None:
    response = cache.serializer.decode(entry.head, entry.body)
    if not isinstance(response, CachedResponse):
        raise RecordError("it is another value")
    # The body decodes as its header fields say.
    try:
        _ = response.content
    except Exception as error:  # a decoder of somebody else may raise anything
        raise RecordError(f"its body cannot be decoded: {error}") from error


def _file(cache: BaseCache) -> Iterator[Problem]:
    """Have SQLite look at its own file."""
    path = getattr(cache, "db_path", None)
    if not isinstance(path, Path):
        return
    import sqlite3

    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as database:
            rows = database.execute("PRAGMA quick_check(5)").fetchall()
    except sqlite3.Error as error:
        rows = [(str(error),)]
    yield from (Problem("damaged file", str(path), str(row[0])) for row in rows if row[0] != "ok")


def _redirects(cache: BaseCache, keys: set[str]) -> Iterator[Problem]:
    for key in set(cache.keys()) - keys:
        alias = cache.redirects.read(key)
        if alias is None:
            continue
        try:
            target = cache.redirects.serializer.decode(alias.head, b"")
        except CacheError as error:
            yield Problem("damaged redirect", key, str(error))
            continue
        if target not in keys and cache.responses.read(str(target)) is None:
            yield Problem("redirect to nothing", key, f"{str(target)[:64]} is not stored")
