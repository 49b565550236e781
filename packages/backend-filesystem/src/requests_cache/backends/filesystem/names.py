"""Names of files: one for each key, none of which leads out of the folder."""

from __future__ import annotations

import os
import re
from base64 import b32decode, b32encode
from binascii import crc32
from functools import lru_cache
from hashlib import sha256

__all__ = ["SHARDS", "file_name", "is_hashed", "key_of", "place_of", "shard_of"]

# Keys that are their own file name. Upper case is not among them, for there are file systems that
# ignore case; nor is a short name, for some of these are devices on Windows ("con", "lpt1").
_plain = re.compile(r"[a-z0-9_-]{5,128}").fullmatch

# File systems take names of 255 bytes, encrypted ones of 143.
_LONGEST = 128
_ENCODED = "="
_HASHED = "+"

SHARDS = tuple(f"{number:02x}" for number in range(256))
"""The subfolders: 256, so that a million files make none of them slow."""


def file_name(key: str) -> str:
    """Give the name of a key's file, without its suffix: the key itself, if it can be one."""
    if _plain(key):
        return key
    data = key.encode("utf-8", "surrogatepass")
    name = _ENCODED + b32encode(data).decode().rstrip("=").lower()
    return name if len(name) <= _LONGEST else _HASHED + sha256(data).hexdigest()


def is_hashed(path: str) -> bool:
    """Say whether the name of a file does not tell its key."""
    return path.rpartition(os.sep)[2].startswith(_HASHED)


def key_of(name: str) -> str | None:
    """Give the key of a name that tells it; None for a file that is not ours."""
    if _plain(name):
        return name
    encoded = name[len(_ENCODED) :].upper()
    try:
        key = b32decode(encoded + "=" * (-len(encoded) % 8)).decode("utf-8", "surrogatepass")
    except ValueError:
        return None
    return key if file_name(key) == name else None


def shard_of(name: str) -> str:
    """Give the subfolder of a name."""
    return SHARDS[crc32(name.encode()) & 0xFF]


@lru_cache(8192)
def place_of(key: str) -> str:
    """Give the subfolder and the name of a key's file; those of the last keys are remembered."""
    name = file_name(key)
    return f"{shard_of(name)}{os.sep}{name}"
