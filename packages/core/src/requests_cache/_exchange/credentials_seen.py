"""Whether a request that finds nothing differs only in its credentials from an earlier one."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING, Final

from .._memos import Memo

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .._matching.keys import Matching

__all__ = ["CredentialsSeen"]

_MOST_REMEMBERED: Final = 256


class CredentialsSeen:
    """Remembers, in this process, the keys of requests by what they are without credentials."""

    def __init__(self) -> None:
        self._keys: Memo[Hashable, tuple[str, dict[str, str]]] = Memo(_MOST_REMEMBERED)

    def other_place(
        self,
        matching: Matching,
        request: PreparedRequest,
        key: str,
        said: dict[str, str],
        *,
        note: bool,
    ) -> str | None:
        """Say by what the same request differs from an earlier one in who asks; note this one.

        None if it does not differ, or was not made yet.

        Args:
            matching: how requests are compared.
            request: the request; one with a body is not looked at.
            key: the key of the request.
            said: digests of what says who is asking, by kind and name.
            note: whether to note this one.
        """
        if request.body is not None or matching.key_fn is not None:
            return None
        shown = _without_credentials(matching, request)
        known, before = self._keys.get(shown, (key, said))
        if note:
            self._keys.pop(shown, None)
            self._keys[shown] = key, said
        if known == key:
            return None
        places = {p for p in (*before, *said) if before.get(p) != said.get(p)}
        # A cookie counts because of what has happened.
        return "event" if "event" in places else min(places, default=None)


def _without_credentials(matching: Matching, request: PreparedRequest) -> Hashable:
    redactor, wanted = matching.redactor, matching.match_headers
    names = request.headers if wanted is True else wanted or ()
    fields = tuple(
        (name.lower(), str(request.headers.get(name)))
        for name in names
        if not redactor.is_secret(name)
    )
    return request.method, redactor.url(request.url or ""), fields
