"""A prepared request that knows who asks, beside what it shows; so does a copy of it."""

from __future__ import annotations

from requests import PreparedRequest

from .owner import NOBODY, Asker

__all__ = ["AskedRequest", "ask", "asker_of"]


class AskedRequest(PreparedRequest):
    """A prepared request with its asker."""

    asker: Asker = NOBODY
    asked_with: str | bytes | None = None
    """The `Cookie` field that the asker tells of."""

    def copy(self) -> PreparedRequest:
        """Copy the request, who asks included."""
        copy = super().copy()
        ask(copy, self.asker, self.asked_with)
        return copy


def ask(
    request: PreparedRequest, asker: Asker, asked_with: str | bytes | None = None
) -> PreparedRequest:
    """Note who asks."""
    if type(request) is PreparedRequest:
        request.__class__ = AskedRequest
    vars(request).update(asker=asker, asked_with=asked_with)
    return request


def asker_of(request: PreparedRequest) -> Asker:
    """Give who asks, as far as that still holds: cookies that were changed since are unknown."""
    state = vars(request)
    asker: Asker | None = state.get("asker")
    if asker is None:
        return NOBODY
    if asker.knows_cookies and request.headers.get("Cookie") != state.get("asked_with"):
        return asker._replace(cookies=(), knows_cookies=False)
    return asker
