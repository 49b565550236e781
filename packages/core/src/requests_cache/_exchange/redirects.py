"""Following the redirects of a response that came from the cache."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from .environment import resolve

if TYPE_CHECKING:
    from requests import PreparedRequest, Response

    from ..session import CacheMixin

__all__ = ["follow"]


def follow(
    session: CacheMixin, response: Response, request: PreparedRequest, kwargs: dict[str, Any]
) -> Response:
    """Follow the redirects of a response, as `requests.Session.send` does.

    Args:
        session: sends the requests that follow.
        response: the redirect.
        request: its request.
        kwargs: arguments of `send`.

    Raises:
        requests.RequestException: as requests does, such as TooManyRedirects.
    """
    resolved = resolve({**kwargs, "stream": True})
    if not resolved.pop("allow_redirects", True):
        onward = session.resolve_redirects(response, request, yield_requests=True, **resolved)
        response._next = response._next or cast("PreparedRequest | None", next(onward, None))
        return response
    *history, last = [response, *session.resolve_redirects(response, request, **resolved)]
    last.history = history
    return last
