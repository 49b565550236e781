"""Mistakes that mypy and pyright see; none of this is run.

Each line is wrong, and says so to both. Where one of them no longer sees it, the comment is of no
use, and it complains of that.
"""

# pyright: reportUnnecessaryTypeIgnoreComment=true

from __future__ import annotations

from requests import PreparedRequest
from requests_cache import CachedSession


def misspelt_in_calls(session: CachedSession) -> None:
    """No verb takes an argument that requests and we do not have."""
    url = "https://example.org"
    session.get(url, timeoutt=3)  # type: ignore[call-arg]
    session.options(url, refesh=True)  # type: ignore[call-arg]
    session.head(url, force_refesh=True)  # type: ignore[call-arg]
    session.post(url, jsn={})  # type: ignore[call-arg]
    session.put(url, only_if_cache=True)  # type: ignore[call-arg]
    session.patch(url, expires_after=3)  # type: ignore[call-arg]
    session.delete(url, header={})  # type: ignore[call-arg]
    session.request("GET", url, parms={})  # type: ignore[call-arg]
    session.send(PreparedRequest(), time_out=3)  # type: ignore[call-arg]


def wrong_in_calls(session: CachedSession) -> None:
    """Every verb knows what its arguments may be."""
    url = "https://example.org"
    session.get(url, timeout="3")  # type: ignore[arg-type]
    session.options(url, refresh="yes")  # type: ignore[arg-type]
    session.head(url, headers=["Accept"])  # type: ignore[arg-type]
    session.post(url, expire_after=[60])  # type: ignore[arg-type]
    session.put(url, verify=1.5)  # type: ignore[arg-type]
    session.patch(url, auth="user")  # type: ignore[arg-type]
    session.delete(url, stream="no")  # type: ignore[arg-type]
    session.request("GET", url, params=5)  # type: ignore[arg-type]
    session.send(PreparedRequest(), only_if_cached=None)  # type: ignore[arg-type]
    session.get(5)  # type: ignore[arg-type]


def misspelt_options() -> None:
    """No session has an option that neither it nor a backend of ours has."""
    CachedSession("name", timeoutt=3)  # type: ignore[call-arg]
    CachedSession("name", backend="memory", expire_afer=3)  # type: ignore[call-arg]
    CachedSession("name", backend="sqlite", fastsave=True)  # type: ignore[call-arg]
    CachedSession("name", backend="redis", socket_time_out=1)  # type: ignore[call-arg]
    CachedSession("name", ignore_parameters=["token"])  # type: ignore[call-arg]


def wrong_options() -> None:
    """A session knows what each of its options may be."""
    CachedSession("name", on_error="rise")  # type: ignore[arg-type]
    CachedSession("name", collapse="process")  # type: ignore[arg-type]
    CachedSession("name", cache_control="yes")  # type: ignore[arg-type]
    CachedSession("name", allowable_codes=200)  # type: ignore[arg-type]
    CachedSession("name", filter_fn=True)  # type: ignore[arg-type]
    CachedSession("name", max_size="1 GB")  # type: ignore[arg-type]
    CachedSession("name", backend=5)  # type: ignore[arg-type]
    CachedSession("name", match_credentials=1.0)  # type: ignore[arg-type]
    CachedSession("name", stale_if_error="yes")  # type: ignore[arg-type]


def wrong_later(session: CachedSession) -> None:
    """A setting that is assigned is looked at, too."""
    session.expire_after = [60]  # type: ignore[assignment]
