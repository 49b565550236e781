"""Methods and attributes that requests-cache 0.7 to 1.3 had, and what they are here."""

from __future__ import annotations

import warnings
from typing import Final, NamedTuple

from ..errors import UnavailableAttributeError


class Member(NamedTuple):
    """A method or an attribute of a class of earlier versions."""

    since: str
    """The first version that had it."""
    says: str
    """What to use, or why there is nothing of this name."""
    here: bool = True
    """Whether it is here, and works."""


def _gone(since: str, says: str) -> Member:
    return Member(since, says, here=False)


_KEPT: Final = "documents go by themselves when they need no longer be kept; give expire_after="
_LOCK: Final = "stores are safe in threads and processes"
_OPTION: Final = "it is an option; give it when you make the store"

MEMBERS: Final[dict[str, dict[str, Member]]] = {
    "BaseCache": {
        "contains": Member("1.0", "also with `request=`, `url=` and `verify=`"),
        "count": Member("1.0", "on the storage, too"),
        "delete": Member("1.0", "also with `older_than=`, `invalid=` and `verify=`"),
        "delete_url": Member("0.7", "also with a method; `delete(urls=...)` does the same"),
        "has_url": Member("0.7", "also with a method; `contains(url=...)` does the same"),
        "filter": Member("1.0", "`older_than=` alone gives only what is older, not all"),
        "recreate_keys": Member("1.0", "gives how many responses stay as they are"),
        "remove_expired_responses": Member("0.7", "`delete(expired=True)` does the same"),
        "remove_old_entries": Member("0.7", "an earlier name of `remove_expired_responses`"),
        "size": Member("1.0", "a number, that may be called as a method"),
        "sorted": Member("1.0", "on the storage, too"),
        "urls": Member("0.7", "an iterator; called, the sorted list of version 1"),
        "db_path": _gone("1.3", "SQLite has `db_path`, files have `cache_dir`, others no file"),
        "lock": _gone("1.0", _LOCK),
        "get_response_and_time": _gone("0.5", "get_response(key) has both, with `created_at`"),
        "keys_map": _gone("0.5", "it is `redirects`"),
    },
    "MongoCache": {"get_ttl": _gone("1.0", _KEPT), "set_ttl": _gone("1.0", _KEPT)},
    "BaseStorage": {"lock": _gone("1.0", _LOCK)},
    "DbDict": {
        "busy_timeout": _gone("1.0", "it is the option timeout=, in seconds"),
        "connection_kwargs": _gone("0.7", "give options of sqlite3.connect() to the store"),
        "fast_save": _gone("0.7", _OPTION),
        "wal": _gone("1.0", _OPTION),
    },
    "FileDict": {"is_binary": _gone("0.7", "a serializer gives bytes in any case")},
    "MongoDict": {"get_ttl": _gone("1.0", _KEPT), "set_ttl": _gone("1.0", _KEPT)},
    "CachedSession": {
        "cache_disabled": Member("0.7", "a context manager; in this thread alone"),
        "remove_expired_responses": Member("0.7", "`cache.delete(expired=True)` does the same"),
        "wrap": Member("1.2", "takes all that a session has"),
        "request_expire_after": _gone("0.7", "give expire_after= to a request"),
    },
    "CachedResponse": {
        "expires_delta": Member("1.0", "seconds until it expires; `ttl` does the same"),
        "expires_unix": Member("1.0", "seconds since the epoch"),
        "is_older_than": Member("1.0", ""),
        "reset_expiration": Member("1.0", ""),
        "reset": _gone("0.7", "a hit can be read from the start as it is"),
        "revalidate": _gone("0.7", "reset_expiration(expire_after) does it"),
    },
    "CacheSettings": {
        "from_kwargs": Member("1.0", "leaves out what is no setting"),
        "content_root_key": _gone("1.3", "ignored_parameters counts at every depth of a body"),
    },
    "OriginalResponse": {"wrap_response": Member("1.0", "a session does it itself")},
    "SerializerPipeline": {
        "copy": Member("1.2", ""),
        "set_decode_content": _gone("1.2", "'json' and 'yaml' always keep text as text"),
    },
    "Stage": {"copy": Member("1.2", "")},
    "StoredResponse": {
        "from_cached_response": _gone("1.2", "every CachedResponse has a `raw`"),
        "from_response": _gone("0.7", "every CachedResponse has a `raw`"),
        "request_url": _gone("0.7", "`url` of the response does it"),
        "reset": _gone("0.7", "ask the cache again: every hit can be read from the start"),
        "set_content": _gone("0.7", "a stored body does not change"),
    },
    "CachedRequest": {"cookies": _gone("0.7", "cookies of a request are never stored")},
}
"""Methods and attributes of classes by name; they hold for subclasses, too."""

OVERRIDES: Final[dict[str, str]] = {
    "_is_cacheable": "give filter_fn=, allowable_codes= or allowable_methods=",
    "_send_and_cache": "override send(), or listen with on_event=",
    "_resend": "override send(), or listen with on_event=",
    "_resend_and_ignore": "give stale_if_error=",
    "_resend_async": "give stale_while_revalidate=",
    "_handle_error": "give stale_if_error=",
}
"""Methods of sessions that subclasses overrode, though they had no documentation."""


def warn_of_overrides(cls: type) -> None:
    """Warn of methods of a session class that nothing calls here."""
    for name in OVERRIDES.keys() & vars(cls).keys():
        warnings.warn(
            f"{cls.__qualname__}.{name} of requests-cache is not called here: {OVERRIDES[name]}",
            stacklevel=4,
        )


def missing(cls: type, name: str) -> AttributeError:
    """Give the error for an attribute that is not there; it says what earlier versions meant."""
    for base in cls.__mro__:
        member = MEMBERS.get(base.__name__, {}).get(name)
        if member is not None and member.says:
            return UnavailableAttributeError(
                f"{cls.__name__}.{name} of requests-cache is not here: {member.says}"
            )
    return AttributeError(f"{cls.__name__!r} object has no attribute {name!r}")
