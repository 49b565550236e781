"""What an auth object does to a request while it signs it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, Final

from .auth_objects import identify_auth
from .fields import as_text, lines
from .names import field_says, is_listed
from .owner import Asker, ask, word_of
from .shown import is_changing
from .words import word_set

if TYPE_CHECKING:
    from requests import PreparedRequest

__all__ = ["Witness"]

# Of the form of a message, and cookies, which are looked at by themselves.
_NOBODYS: Final = word_set(
    "accept accept-encoding accept-language connection content-encoding content-length content-type"
    " cookie host te transfer-encoding"
)


class Witness:
    """Takes the place of an auth object while a request is prepared, and sees what it changes.

    Args:
        auth: the auth object.
    """

    def __init__(self, auth: Any) -> None:
        self._auth = auth
        self._before: set[tuple[str, str | bytes]] = set()

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        """Let the auth object sign."""
        self._before = set(lines(request.headers))
        signed: PreparedRequest = self._auth(request)
        return signed

    def note(self, request: PreparedRequest, hooks: Iterable[object]) -> None:
        """Tell a request who its auth object speaks for.

        Args:
            request: the request, prepared.
            hooks: the hooks of the call and of the session; others are the object's own, by which
                it may answer a challenge.
        """
        shown = identify_auth(self._auth)
        if shown is None:
            return
        own = set(map(id, hooks))
        answers = any(id(hook) not in own for hook in request.hooks.get("response", ()))
        is_open = answers and not shown.words
        made = dict(self._made(request, shown.signed))
        said = shown.words.union(word_of(f"header {name}", made[name]) for name in made)
        signed = shown.signed.union(made)
        ask(request, Asker(said, signed=signed, has_auth=not shown.words, is_open=is_open))

    def _made(self, request: PreparedRequest, signed: frozenset[str]) -> Iterator[tuple[str, str]]:
        """Give the header fields that no name tells to say who is asking, but the object does."""
        for name, value in set(lines(request.headers)) - self._before:
            lowered = name.lower()
            is_told = lowered in signed or lowered in _NOBODYS or field_says(lowered)
            if not (is_told or is_listed(lowered) or is_changing(lowered)):
                yield lowered, as_text(value)
