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


class CacheContract(
    ReadingTests,
    ChoosingTests,
    RedirectTests,
    DeletionTests,
    ExpirationTests,
    DamageTests,
    InstanceTests,
    SessionTests,
    SharedTests,
    BoundTests,
):
    """The contract of a cache: subclass it as `Test...` and override the fixture `make_cache`."""
