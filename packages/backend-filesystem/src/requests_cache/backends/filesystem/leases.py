"""Leases as files that only one process can make."""

from __future__ import annotations

import os
from contextlib import suppress
from hashlib import sha256
from pathlib import Path

from requests_cache import clock
from requests_cache.paths import make_private_folder

__all__ = ["Leases"]


class Leases:
    """The leases of one folder: a file for each, whose time is when the lease ends.

    Two processes that find an ended lease in the same moment may both take it: then there is one
    request more, and no other harm. What nobody takes over goes with the other leftovers.
    """

    def __init__(self, folder: str) -> None:
        self._folder = folder

    def take(self, key: str, seconds: float) -> str | None:
        """Take a lease; None if somebody else has it."""
        path = self._path(key)
        now = clock.now()
        with suppress(FileNotFoundError):
            if os.stat(path).st_mtime > now:
                return None
            os.unlink(path)
        token = os.urandom(8).hex()
        # Made aside and linked, so that no one sees it before it has its time.
        made = f"{path}-{token}"
        try:
            file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileNotFoundError:
            make_private_folder(Path(self._folder))
            file = os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            os.write(file, token.encode())
            os.close(file)
            os.utime(made, (now, now + seconds))
            os.link(made, path)
        except FileExistsError:
            return None
        finally:
            os.unlink(made)
        return token

    def release(self, key: str, token: str) -> None:
        """Give a lease back, unless somebody else has it by now."""
        path = self._path(key)
        with suppress(FileNotFoundError):
            with open(path, "rb") as file:
                is_ours = file.read() == token.encode()
            if is_ours:
                os.unlink(path)

    def _path(self, key: str) -> str:
        return os.path.join(self._folder, f"lease-{sha256(key.encode()).hexdigest()}")
