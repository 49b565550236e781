"""Whether a response answers the request that was meant, or another one that was sent in its place.

An `auth` object may answer a challenge by sending the request again with a credential, and a hook
may answer with anything. What comes back then belongs to that other request.
"""

from __future__ import annotations

from collections.abc import Callable

from requests import PreparedRequest, Response

from .._matching.fields import lines
from .._matching.names import field_says

__all__ = ["Sent"]


class Sent:
    """A request as it was when it was sent."""

    def __init__(self, request: PreparedRequest) -> None:
        self._request = request
        self._shape = request.method, request.url
        self._fields = list(lines(request.headers))
        self._has_hooks = bool((request.hooks or {}).get("response"))

    def is_answered_by(
        self, response: Response, key_of: Callable[[PreparedRequest], str | None]
    ) -> bool:
        """Say whether a response answers this request, or one that has the same key.

        An adapter may add fields to each request. What a hook adds, and no name tells what it is,
        may say who is asking.
        """
        answered: PreparedRequest | None = response.request
        if answered is None:
            return True
        is_same = answered is self._request or (answered.method, answered.url) == self._shape
        if is_same and list(lines(answered.headers)) == self._fields:
            return True
        if self.was_redirected(response):
            return True
        others = {name for name, _ in {*lines(answered.headers)} ^ {*self._fields}}
        if self._has_hooks and not (is_same and all(map(field_says, others))):
            return False
        return key_of(answered) == key_of(self._as_it_was())

    @staticmethod
    def was_redirected(response: Response) -> bool:
        """Say whether the response came by a redirect; a challenge in the history is none."""
        return bool(response.history) and any(hop.is_redirect for hop in response.history)

    def _as_it_was(self) -> PreparedRequest:
        request = self._request.copy()
        request.headers.clear()
        request.headers.update(self._fields)
        return request
