"""Whether requests would find in the environment what has a part in the key of a request.

That is a netrc file, whose passwords become part of requests, and the name of a CA bundle.
"""

from __future__ import annotations

import os
from time import monotonic
from typing import Any, Final

from requests.utils import NETRC_FILES

__all__ = ["may_have_netrc", "names_bundle"]

# `os.environ.get` takes longer than all else that a hit needs; its dictionary is the same thing.
_ENVIRON: Final[Any] = getattr(os.environ, "_data", None)
# Not a POSIX system: requests knows better where to look.
_IS_OTHER: Final = not isinstance(_ENVIRON, dict)
_HOME: Final = b"HOME"
_NETRC: Final = b"NETRC"
_BUNDLES: Final = frozenset({b"REQUESTS_CA_BUNDLE", b"CURL_CA_BUNDLE"})

# Looking takes as long as all else that a hit in memory needs, and lets another thread run. A look
# that is no older than this is as good as a new one: to make a file takes longer.
_AS_GOOD_AS_NOW: Final = 50e-6

_access = os.access
_exists = os.F_OK
_paths: dict[bytes, tuple[bytes, ...]] = {}
# The folder where there was none, and until when that is as good as looking.
_none: tuple[object, float] = (None, 0.0)


def may_have_netrc() -> bool:
    """Say whether there may be a netrc file; as requests does, look each time."""
    if _IS_OTHER or _NETRC in _ENVIRON:
        return True
    home = _ENVIRON.get(_HOME)
    folder, until = _none
    return not (home is folder and monotonic() < until) and _looks_like_one(home)


def names_bundle() -> bool:
    """Say whether a CA bundle is named; with one, requests ignores that a session has none."""
    return _IS_OTHER or not _BUNDLES.isdisjoint(_ENVIRON)


def _looks_like_one(home: object) -> bool:
    global _none  # noqa: PLW0603  # a process has one home
    if not isinstance(home, bytes) or not home.startswith(b"/"):
        # No home to look in, or not a POSIX system after all.
        return True
    paths = _paths.get(home)
    if paths is None:
        _paths.clear()
        paths = _paths[home] = tuple(os.path.join(home, name.encode()) for name in NETRC_FILES)  # noqa: PTH118  # bytes
    begun = monotonic()
    if _access(paths[0], _exists) or _access(paths[1], _exists):
        return True
    _none = home, begun + _AS_GOOD_AS_NOW
    return False
