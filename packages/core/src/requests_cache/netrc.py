"""Whether requests would find a netrc file, whose passwords become part of requests."""

from __future__ import annotations

import os
from typing import Final

from requests.utils import NETRC_FILES

__all__ = ["may_have_netrc"]

# `os.environ.get` takes longer than all else that a hit needs; its dictionary is the same thing.
_ENVIRON: Final = getattr(os.environ, "_data", None)
_HOME: Final = b"HOME"
_NETRC: Final = b"NETRC"

_access = os.access
_exists = os.F_OK
_paths: dict[bytes, tuple[bytes, ...]] = {}


def may_have_netrc() -> bool:
    """Say whether there may be a netrc file; as requests does, look each time."""
    if not isinstance(_ENVIRON, dict) or _NETRC in _ENVIRON:
        return True
    home = _ENVIRON.get(_HOME)
    if not isinstance(home, bytes):
        # Not a POSIX system, or no home to look in: requests knows better where to look.
        return True
    paths = _paths.get(home)
    if paths is None:
        _paths.clear()
        paths = _paths[home] = tuple(os.path.join(home, name.encode()) for name in NETRC_FILES)  # noqa: PTH118  # bytes
    return _access(paths[0], _exists) or _access(paths[1], _exists)
