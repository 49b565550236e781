"""The keys of an exchange, and of all that is stored for a URI.

A change of a URI concerns all who asked for it (RFC 9111, section 4.4). A key says who asks, for it
has credentials and matched header fields in it. So the key of a GET of the URI by nobody names a
note, which lists the other keys of the URI, and lasts as long as what lies under them; what nobody
in particular has asked for needs none.
"""

from __future__ import annotations

from math import inf
from typing import TYPE_CHECKING, Final
from urllib.parse import urlsplit, urlunsplit

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict

from .._matching.owner import METHOD_OVERRIDES, names_in
from .._store.entry import is_key
from ..errors import UncacheableBodyError

if TYPE_CHECKING:
    from ..backends.cache import BaseCache
    from .base import BaseExchange

# The longest waiting one goes, and what is stored under it: else a change would not reach it.
_MOST_KEYS = 1000
_ANSWERED_BY_GET: Final = frozenset({"GET", "HEAD"})
# They say what an unsafe request is, and that it is meant; a GET has none of them.
_OF_UNSAFE = frozenset({"content-length", "content-type", *METHOD_OVERRIDES})


def key_of(exchange: BaseExchange, request: PreparedRequest, url: str | None = None) -> str | None:
    """Give the key of a request, or of a GET of another URL; None if there is none."""
    own = exchange.head.method
    method = "GET" if url is not None else exchange.policy.method_of_key(own)
    if method is None:
        return None
    if url is not None or (method != own and own not in _ANSWERED_BY_GET):
        request = as_get(request, url)
    elif method != own:
        request = request.copy()
        request.method = method
    return make_key(exchange, request)


def make_key(exchange: BaseExchange, request: PreparedRequest) -> str | None:
    """Give the key of a request; None if its body can be read only once."""
    if exchange.lookup is not None:
        return exchange.lookup.key
    try:
        verify = exchange.send_kwargs.get("verify", exchange.session.verify)
        return exchange.cache.create_key(request, verify=verify)
    except UncacheableBodyError:
        return None


def as_get(request: PreparedRequest, url: str | None = None) -> PreparedRequest:
    """Give the GET that asks for what an unsafe request of the same caller changes."""
    copy = request.copy()
    copy.method, copy.body, copy.url = "GET", None, url or request.url
    for name in list(copy.headers):
        if _is_of_unsafe(name.lower()):
            del copy.headers[name]
    return copy


def is_get(request: PreparedRequest) -> bool:
    """Say whether a request is what `as_get` makes of it."""
    if request.method != "GET" or request.body is not None:
        return False
    return not any(map(_is_of_unsafe, names_in(request.headers)))


def _is_of_unsafe(lowered: str) -> bool:
    return lowered in _OF_UNSAFE or "csrf" in lowered or "xsrf" in lowered


def is_nobodys(exchange: BaseExchange) -> bool:
    """Say whether the key of a request is seen at once to be that of a GET by nobody."""
    matching, request = exchange.cache.matching, exchange.request
    url = request.url or ""
    return (
        not exchange.asking.owner
        and not matching.match_headers
        and exchange.send_kwargs.get("verify") is not False
        and exchange.session.verify is not False
        and "#" not in url
        and "@" not in url
        and ("&" not in url or (query := url.partition("?")[2]) == _in_order(query))
        and is_get(request)
    )


def _in_order(query: str) -> str:
    return "&".join(sorted(query.split("&")))


# The keys under which something is stored for a URI, and for other queries of its path


def note_key(
    cache: BaseCache, request: PreparedRequest, key: str, keep_until: float | None
) -> None:
    """Note that something is stored for the URI of a request under a key, and for how long."""
    name = _name_of(cache, request, request.url or "")
    if name in (None, key):
        return
    keys = _read(cache, name)
    if key in keys and _lasts(keys[key]) >= _lasts(keep_until):
        return
    keys[key] = keep_until
    while len(keys) > _MOST_KEYS:
        first = next(iter(keys))
        del keys[first]
        cache.delete_responses([first, *cache.siblings_of([first])])
    ends = [end for end in keys.values() if end is not None]
    cache.write_note(f"uri:{name}", keys, max(ends) if len(ends) == len(keys) else None)


def _lasts(end: float | None) -> float:
    return inf if end is None else end


def keys_of_uri(cache: BaseCache, request: PreparedRequest, url: str) -> list[str]:
    """Give the keys under which something is stored for a URL, as far as that is known."""
    name = _name_of(cache, request, url)
    return [] if name is None else [name, *_read(cache, name)]


def _read(cache: BaseCache, name: str | None) -> dict[str, float | None]:
    note = cache.read_note(f"uri:{name}")
    known = note.items() if isinstance(note, dict) else ()
    return {key: end for key, end in known if is_key(key) and isinstance(end, int | float | None)}


def _name_of(cache: BaseCache, request: PreparedRequest, url: str) -> str | None:
    """Give the key of a GET by nobody, with the parameters in order; None where we make no keys."""
    if cache.matching.key_fn is not None:
        return None
    scheme, netloc, path, query, _ = urlsplit(url)
    bare = PreparedRequest()
    bare.method = "GET"
    bare.url = urlunsplit((scheme, netloc.rpartition("@")[2], path, _in_order(query), ""))
    fields = request.headers
    bare.headers = CaseInsensitiveDict({n: fields[n] for n in ("Host",) if n in fields})
    return cache.create_key(bare)


def name_of_index(key: str | None) -> str:
    """Give the name of the note that lists the responses of a path, by the key of its GET."""
    return f"search:{key}"
