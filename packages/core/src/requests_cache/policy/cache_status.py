"""What a cache did with a request: the Cache-Status field (RFC 9211)."""

from __future__ import annotations

from typing import NamedTuple

from .structured import BareItem, Item, as_token, write_bare

CACHE_NAME = "requests-cache"


class CacheStatus(NamedTuple):
    """Say how a request was handled; `str()` writes it as a Cache-Status member.

    Either `hit`, or `fwd` with the reason why the request was forwarded (RFC 9211, section 2.2):
    bypass, method, uri-miss, vary-miss, miss, request, stale or partial. `ttl` is in seconds
    and negative for a stale response.
    """

    hit: bool = False
    fwd: str | None = None
    fwd_status: int | None = None
    ttl: int | None = None
    stored: bool = False
    collapsed: bool = False
    key: str | None = None
    detail: str | None = None
    cache: str = CACHE_NAME

    def __str__(self) -> str:
        parts = [write_bare(as_token(self.cache))]
        for name in _ORDER:
            value = getattr(self, name.replace("-", "_"))
            if value is True:
                parts.append(name)
            elif value is not None and value is not False:
                written = as_token(value) if name in _TOKENS else value
                parts.append(f"{name}={write_bare(written)}")
        return "; ".join(parts)

    def appended_to(self, field: str | None) -> str:
        """Return a Cache-Status value with this member last, closest to the user (section 2)."""
        return f"{field}, {self}" if field else str(self)


_ORDER = ("hit", "fwd", "fwd-status", "ttl", "stored", "collapsed", "key", "detail")
_TOKENS = ("fwd", "detail")


def parse_cache_status(field: str) -> list[CacheStatus]:
    """Read a Cache-Status value, the cache closest to the origin first; malformed is empty."""
    # Writing is what every response may need; reading is not.
    from .structured import parse_list

    return [_read(item) for item in parse_list(field) or () if isinstance(item.value, str)]


def _read(item: Item) -> CacheStatus:
    found = item.parameters
    return CacheStatus(
        hit=found.get("hit") is True,
        fwd=_text(found.get("fwd")),
        fwd_status=_integer(found.get("fwd-status")),
        ttl=_integer(found.get("ttl")),
        stored=found.get("stored") is True,
        collapsed=found.get("collapsed") is True,
        key=_text(found.get("key")),
        detail=_text(found.get("detail")),
        cache=str(item.value),
    )


def _text(value: BareItem | None) -> str | None:
    return str(value) if isinstance(value, str) else None


def _integer(value: BareItem | None) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None
