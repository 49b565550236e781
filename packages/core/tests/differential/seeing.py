"""What a program can see of a call: all of it is written down, for comparison."""

from __future__ import annotations

from typing import Any

from calls import Call
from requests import Response, Session

__all__ = ["see"]


def see(session: Session, call: Call, url: str) -> dict[str, Any]:
    """Make a call; give all that can be seen of it, or the error that it ends in."""
    try:
        response = call.send(session, url)
    except Exception as error:  # noqa: BLE001  # whatever a program gets is compared
        return {"error": _kind(error), "jar": _cookies(session.cookies)}
    seen = {
        **_head(response),
        "history": [_head(hop) for hop in response.history],
        "hooked": getattr(response, "hooked", None),
        "next": response.next and (response.next.method, response.next.url),
        "jar": _cookies(session.cookies),
    }
    try:
        seen["read"] = call.read(response)
    except Exception as error:  # noqa: BLE001
        seen["read"] = _kind(error)
    for name in ("content", "text", "apparent_encoding"):
        seen[name] = _try(response, name)
    seen["json"] = _try(response, "json", call=True)
    seen["attributes"] = sorted(name for name in vars(response) if name in _OF_REQUESTS)
    response.close()
    return seen


_OF_REQUESTS = frozenset(vars(Response())) | {"connection"}


def _head(response: Response) -> dict[str, Any]:
    request, raw = response.request, response.raw
    return {
        "status": response.status_code,
        "reason": response.reason,
        "headers": [(name, value) for name, value in response.headers.items()],
        "url": response.url,
        "encoding": response.encoding,
        "cookies": _cookies(response.cookies),
        "links": response.links,
        "ok": (response.ok, bool(response), response.is_redirect, response.is_permanent_redirect),
        "raised": _try(response, "raise_for_status", call=True),
        "elapsed": type(response.elapsed).__name__,
        "request": (request.method, request.url, sorted(request.headers.items()), request.body),
        "raw": (raw.status, raw.reason, raw.version, sorted(raw.headers.items())),
    }


def _try(thing: Any, name: str, call: bool = False) -> Any:
    try:
        value = getattr(thing, name)
        return value() if call else value
    except Exception as error:  # noqa: BLE001
        return _kind(error)


def _kind(error: BaseException) -> str:
    return f"{type(error).__module__}.{type(error).__name__}"


def _cookies(jar: Any) -> list[tuple[str, str | None, str]]:
    return sorted((cookie.name, cookie.value, cookie.path) for cookie in jar)
