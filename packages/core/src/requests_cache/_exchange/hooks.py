"""The caller's hooks, called with what a hit gives as requests calls them with what it gets.

A hook may answer a stored challenge by sending the request again, through the adapter and with the
arguments that it is handed; so it is handed those.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING, Any, Final

from requests import RequestException, Response
from requests.hooks import dispatch_hook
from requests.utils import resolve_proxies

from ..models.base import attributes_of
from ..models.response import CachedResponse, OriginalResponse
from ..policy.cache_status import CacheStatus

if TYPE_CHECKING:
    from requests import PreparedRequest

    from .host import Host

__all__ = ["call_hooks"]

_ANOTHER: Final = CacheStatus(fwd="bypass", detail="sent-as-another-request")


def call_hooks(
    session: Host,
    hooks: Any,
    response: Response,
    url: str,
    send_kwargs: dict[str, Any],
    request: PreparedRequest | None = None,
) -> Response:
    """Call hooks with a response; give it, or what they give instead.

    Args:
        session: the session that was called.
        hooks: functions by the name of the event.
        response: the response.
        url: where it comes from.
        send_kwargs: arguments of `Session.send`.
        request: the request; needed if they do not name the proxies.
    """
    if isinstance(response, CachedResponse):
        with suppress(RequestException):
            attributes_of(response).setdefault("connection", session.get_adapter(url))
    arguments = _arguments(session, send_kwargs, request)
    answered: Response = dispatch_hook("response", hooks, response, **arguments)
    if answered is response or hasattr(answered, "from_cache"):
        return answered
    return OriginalResponse.mark(answered, _ANOTHER) if isinstance(answered, Response) else answered


def _arguments(
    session: Host, send_kwargs: dict[str, Any], request: PreparedRequest | None
) -> dict[str, Any]:
    """Give the arguments of an adapter, as `Session.send` fills them in."""
    own = {"stream": session.stream, "verify": session.verify, "cert": session.cert}
    arguments = {**own, **send_kwargs}
    arguments.pop("allow_redirects", None)
    if "proxies" not in arguments and request is not None:
        arguments["proxies"] = resolve_proxies(request, session.proxies, session.trust_env)
    return arguments
