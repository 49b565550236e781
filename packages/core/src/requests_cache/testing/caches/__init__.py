"""What every cache does, one concern a file."""

from __future__ import annotations

from .bounds import BoundTests
from .choosing import ChoosingTests
from .damage import DamageTests
from .deletion import DeletionTests
from .expiration import ExpirationTests
from .instances import InstanceTests
from .reading import ReadingTests
from .redirects import RedirectTests
from .sessions import SessionTests
from .shared import SharedTests

__all__ = ["CacheContract"]


# pytest begins with the last base, so the simple things come last.
class CacheContract(
    SharedTests,
    SessionTests,
    BoundTests,
    DamageTests,
    InstanceTests,
    ExpirationTests,
    DeletionTests,
    ChoosingTests,
    RedirectTests,
    ReadingTests,
):
    """The contract of a cache: subclass it as `Test...` and override the fixture `make_cache`."""
