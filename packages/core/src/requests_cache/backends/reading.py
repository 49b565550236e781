"""Reading responses, redirects and notes out of the stores of a cache."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeAlias

from .._store.entry import DAMAGED, NOTE_PREFIX, Entry, is_key, is_sound
from ..errors import RecordError
from ..models.response import CachedResponse
from ..models.shape import check_history
from .matched import Matched

if TYPE_CHECKING:
    from .statistics import Events, Statistics
    from .storage import BaseStorage

__all__ = ["Reading"]

logger: logging.Logger = logging.getLogger("requests_cache")

_Read: TypeAlias = "Callable[[bytes, bytes | None], Any]"

# So many values that cannot be read are warned of.
_MOST_WARNINGS = 10


class Reading(Matched):
    """The verbs of a cache that read by key."""

    responses: BaseStorage
    redirects: BaseStorage
    stats: Statistics
    events: Events

    asks_for_both: ClassVar[bool] = False
    """Whether `read_either` and `open_either` take `beside`, and ask for both at once."""
    _damaged: int = 0

    def get_response(self, key: str, default: Any = None) -> CachedResponse | Any:
        """Give the response stored under `key` or under a redirect of this key, else `default`.

        Bytes that cannot be read count as nothing; there is a warning in the log.
        """
        if not isinstance(key, str):
            self._check(key=key)
        response = self.make_response(key, *self.read_either(key))
        return default if response is None else response

    def make_response(
        self, key: str, entry: Entry | None, alias: Entry | None
    ) -> CachedResponse | None:
        """Make the response for a key of what `read_either` gave; None if nothing can be made."""
        if entry is not None:
            return self._load(key, entry)
        return None if alias is None else self._follow(key, alias)

    def read_either(self, key: str, beside: str | None = None) -> tuple[Entry | None, Entry | None]:
        """Give what is stored under `key`, and, if that is nothing, the redirect from it.

        A cache behind a network overrides this if it can ask for both at once. If it takes
        `beside` as well, the key of something else to look for among the redirects, and declares
        `asks_for_both`, then a miss by the rules of HTTP takes one look, too.
        """
        entry = self.responses.read(key)
        return entry, None if entry is not None else self.redirects.read(beside or key)

    def read_response(self, key: str) -> CachedResponse | None:
        """Give the response stored under `key` itself; redirects are not followed."""
        if not isinstance(key, str):
            self._check(key=key)
        entry = self.responses.read(key)
        return None if entry is None else self._load(key, entry)

    def read_responses(self, keys: Iterable[str]) -> Iterator[tuple[str, CachedResponse]]:
        """Give those of the responses that are stored and can be read, with their keys."""
        for key, entry in self.responses.read_many(self._listed("keys", keys)):
            response = self._load(key, entry)
            if response is not None:
                yield key, response

    def read_note(self, name: str) -> Any:
        """Give a small value that was kept beside the responses; None if there is none."""
        return self.make_note(name, self.redirects.read(NOTE_PREFIX + name))

    def make_note(self, name: str, entry: Entry | None) -> Any:
        """Make the value of what is stored as a note; None if nothing can be made."""
        return entry and self._made_of(entry, "note", name, self.redirects.serializer.decode)

    def _load(
        self, key: str, entry: Entry, bodies: bool = True, *, peek: bool = False
    ) -> CachedResponse | None:
        read = self.serializer.peek if peek else self.serializer.decode
        whole = bodies or not self.serializer.splits
        response = self._made_of(entry, "response under", key, read, whole)
        if response is None:
            return None
        if not isinstance(response, CachedResponse):
            self.note_damage("response under", key, "it is another value")
            return None
        response.cache_key = key
        return response

    def _made_of(self, entry: Entry, what: str, key: str, read: _Read, whole: bool = True) -> Any:
        """Give what is read from an entry, or from its head; None, with a warning, if nothing is.

        Whatever is stored may be wrong, and a serializer of somebody else's may raise anything for
        it. That is no failure of the store: it concerns this value alone.
        """
        try:
            return read(entry.head, entry.body if whole else None)
        except RecordError as error:
            self.note_damage(what, key, error)
        except Exception as error:  # noqa: BLE001  # see above
            title = self.serializer.title
            why = f"the serializer {title} failed: {type(error).__name__}: {error}"
            self.note_damage(what, key, why)
        return None

    def _follow(
        self,
        key: str,
        alias: Entry,
        read: Callable[[str], CachedResponse | None] | None = None,
    ) -> CachedResponse | None:
        target = self._target(key, alias)
        response = None if target is None else (read or self.read_response)(target)
        if response is not None and alias.body:
            self._add_history(response, key, alias)
        return response

    def _target(self, key: str, alias: Entry) -> str | None:
        """Give the key that a redirect leads to; None if it cannot be read."""
        decode = self.redirects.serializer.decode
        target: str | None = self._made_of(
            alias, "redirect of", key, lambda head, body: decode(head, b"")
        )
        if target is None or is_key(target):
            return target
        self.note_damage("redirect of", key, "it is not the key of a response")
        return None

    def _add_history(self, response: CachedResponse, key: str, alias: Entry) -> None:
        def read(head: bytes, body: bytes | None) -> Any:
            history = self.redirects.serializer.loads(body or b"")
            check_history(history)
            return history

        history = self._made_of(alias, "redirect of", key, read)
        if history is not None:
            response.set_history(history)

    def entries(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over the keys and entries of the responses; `bodies` as for `BaseStorage.scan`.

        What is no entry at all comes as one that cannot be read.
        """
        return _made_sound(self.responses.scan(bodies))

    def aliases(self, bodies: bool = False) -> Iterator[tuple[str, Entry]]:
        """Iterate over the keys and entries of the redirects and notes, as `entries` does."""
        return _made_sound(self.redirects.scan(bodies))

    def note_damage(self, what: str, key: str, why: object) -> None:
        """Count a value that cannot be read, and warn of it; of many only of the first ones.

        All of a cache are, if it is opened with another key or serializer.
        """
        self.stats.add("invalid")
        self._damaged += 1
        level = logging.WARNING if self._damaged <= _MOST_WARNINGS else logging.DEBUG
        logger.log(level, "%r: the %s key %.64s cannot be read: %s", self, what, key, why)
        if self._damaged == _MOST_WARNINGS:
            logger.warning("%r: more that cannot be read is logged with level DEBUG", self)


def _made_sound(items: Iterable[tuple[str, Entry]]) -> Iterator[tuple[str, Entry]]:
    return ((key, entry if is_sound(entry) else DAMAGED) for key, entry in items if is_key(key))
