"""The verbs of a session with our options; written by `hatch run docs`."""

from __future__ import annotations

from typing import Any

from requests import Response, Session

from .expiration import ExpirationTime

__all__ = ["Verbs"]


class Verbs(Session):
    """Hands what a verb is given on to `request`, by way of the session class below."""

    def options(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> Response:
        """Send an OPTIONS request, or answer it from the cache; see `request`."""
        if expire_after is not None:
            kwargs["expire_after"] = expire_after
        if only_if_cached:
            kwargs["only_if_cached"] = only_if_cached
        if refresh:
            kwargs["refresh"] = refresh
        if force_refresh:
            kwargs["force_refresh"] = force_refresh
        return super().options(url, **kwargs)

    def head(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> Response:
        """Send a HEAD request, or answer it from the cache; see `request`."""
        if expire_after is not None:
            kwargs["expire_after"] = expire_after
        if only_if_cached:
            kwargs["only_if_cached"] = only_if_cached
        if refresh:
            kwargs["refresh"] = refresh
        if force_refresh:
            kwargs["force_refresh"] = force_refresh
        return super().head(url, **kwargs)

    def post(
        self,
        url: str | bytes,
        data: Any = None,
        json: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> Response:
        """Send a POST request, or answer it from the cache; see `request`."""
        if expire_after is not None:
            kwargs["expire_after"] = expire_after
        if only_if_cached:
            kwargs["only_if_cached"] = only_if_cached
        if refresh:
            kwargs["refresh"] = refresh
        if force_refresh:
            kwargs["force_refresh"] = force_refresh
        return super().post(url, data=data, json=json, **kwargs)

    def put(
        self,
        url: str | bytes,
        data: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> Response:
        """Send a PUT request, or answer it from the cache; see `request`."""
        if expire_after is not None:
            kwargs["expire_after"] = expire_after
        if only_if_cached:
            kwargs["only_if_cached"] = only_if_cached
        if refresh:
            kwargs["refresh"] = refresh
        if force_refresh:
            kwargs["force_refresh"] = force_refresh
        return super().put(url, data=data, **kwargs)

    def patch(
        self,
        url: str | bytes,
        data: Any = None,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> Response:
        """Send a PATCH request, or answer it from the cache; see `request`."""
        if expire_after is not None:
            kwargs["expire_after"] = expire_after
        if only_if_cached:
            kwargs["only_if_cached"] = only_if_cached
        if refresh:
            kwargs["refresh"] = refresh
        if force_refresh:
            kwargs["force_refresh"] = force_refresh
        return super().patch(url, data=data, **kwargs)

    def delete(
        self,
        url: str | bytes,
        *,
        expire_after: ExpirationTime = None,
        only_if_cached: bool = False,
        refresh: bool = False,
        force_refresh: bool = False,
        **kwargs: Any,
    ) -> Response:
        """Send a DELETE request, or answer it from the cache; see `request`."""
        if expire_after is not None:
            kwargs["expire_after"] = expire_after
        if only_if_cached:
            kwargs["only_if_cached"] = only_if_cached
        if refresh:
            kwargs["refresh"] = refresh
        if force_refresh:
            kwargs["force_refresh"] = force_refresh
        return super().delete(url, **kwargs)
