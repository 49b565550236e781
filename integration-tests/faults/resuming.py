"""Downloads a large body until all of it is there, and measures: `python -m faults.resuming ...`.

A process of its own, so that its memory is that of the library alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable
from hashlib import blake2b

from requests import RequestException
from requests_cache import CachedSession
from requests_cache.testing.children import peak_memory
from services.patience import patient_options

from faults.blocks import MEGABYTE

__all__ = ["resume"]

_PIECE = 64 * 1024
_MOST_TRIES = 30


def resume(kind: str, name: str, options: str, url: str, small: str) -> None:
    """Print how often it broke off, the digests of miss and hit, and the memory in megabytes."""
    given = patient_options(kind) | json.loads(options)
    with CachedSession(name, backend=kind, cache_control=True, **given) as session:
        for _ in range(2):
            read(session, small)
        before = peak_memory()
        digests = [read(session, url)]
        while digests[-1] is None and len(digests) < _MOST_TRIES:
            digests.append(read(session, url))
        added = (peak_memory() - before) // MEGABYTE
        hit = session.get(url, stream=True)
        found = {
            "broken": digests.count(None),
            "miss": digests[-1],
            "hit": hit.from_cache and digest_of(hit.iter_content(_PIECE)),
            "added": added,
        }
    print(json.dumps(found))


def read(session: CachedSession, url: str) -> str | None:
    """Give the digest of a body; None if it breaks off."""
    try:
        with session.get(url, stream=True) as response:
            return digest_of(response.iter_content(_PIECE))
    except RequestException:
        return None


def digest_of(pieces: Iterable[bytes]) -> str:
    """Give the digest of a body that comes in pieces."""
    digest = blake2b()
    for piece in pieces:
        digest.update(piece)
    return digest.hexdigest()


if __name__ == "__main__":
    resume(*sys.argv[1:])
