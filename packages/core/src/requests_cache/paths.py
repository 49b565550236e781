"""Where the files of a cache are: paths, the user's cache folder, a private temp folder."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from .errors import ConfigurationError, StorageUnavailableError

__all__ = ["make_private_folder", "resolve_path"]


def resolve_path(path: str | Path, *, use_temp: bool = False, use_cache_dir: bool = False) -> Path:
    """Give the absolute path of a cache's file or folder.

    Args:
        path: `~` is expanded; a relative path is relative to the working folder.
        use_temp: make a relative path relative to a private folder in the temp folder.
        use_cache_dir: make a relative path relative to the user's cache folder.

    Raises:
        ConfigurationError: no file can have this name.
        StorageUnavailableError: the folder that it is relative to is not there, or not for us.
    """
    if not _is_name(str(path)):
        raise ConfigurationError(f"{path!r} cannot be the name of a cache: give a path")
    try:
        expanded = Path(path).expanduser()
        if not expanded.is_absolute():
            if use_cache_dir:
                expanded = _user_cache_folder() / expanded
            elif use_temp:
                expanded = _private_temp_folder() / expanded
        return expanded.absolute()
    except RuntimeError as error:  # there is no home folder, or no such user
        raise ConfigurationError(f"{path}: {error}; give an absolute path") from error
    except OSError as error:  # the working folder was deleted
        raise _not_made(path, error) from error


def _is_name(path: str) -> bool:
    """Say whether the system takes it for the path of a file."""
    try:
        return bool(path) and b"\0" not in os.fsencode(path)
    except UnicodeEncodeError:
        return False


def make_private_folder(folder: Path) -> None:
    """Make a folder and its parents, for this user alone (0700); an existing one is left as it is.

    Raises:
        ConfigurationError: a part of the path is a file.
        StorageUnavailableError: the system does not let us make it.
    """
    try:
        if not folder.parent.exists():
            # `parents=True` would make them with the default mode.
            make_private_folder(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)
    except (FileExistsError, NotADirectoryError) as error:
        raise ConfigurationError(f"{folder} cannot be a folder: {error}") from error
    except OSError as error:
        raise _not_made(folder, error) from error


def _not_made(folder: str | Path, error: OSError) -> StorageUnavailableError:
    return StorageUnavailableError(
        f"the folder {folder} cannot be made or used: {error.strerror or error}"
        " (give another folder, or use_temp=True)"
    )


def _user_cache_folder() -> Path:
    if sys.platform == "win32":
        base = os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local"
    elif sys.platform == "darwin":
        base = Path.home() / "Library" / "Caches"
    else:
        base = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(base) / "requests-cache"


def _private_temp_folder() -> Path:
    """Give a folder in the shared temp folder that nobody else made or can write to."""
    user = getattr(os, "getuid", lambda: "user")()
    folder = Path(tempfile.gettempdir()) / f"requests-cache-{user}"
    make_private_folder(folder)
    status = folder.lstat()
    if hasattr(os, "getuid") and (status.st_uid != os.getuid() or status.st_mode & 0o077):
        raise ConfigurationError(
            f"use_temp=True: {folder} belongs to or is open to other users;"
            " remove it, or give an absolute path"
        )
    return folder
