"""What every store does, one concern a file."""

from __future__ import annotations

from .bulk import BulkTests
from .entries import EntryTests
from .expiry import ExpiryTests
from .instances import InstanceTests
from .keys import KeyTests
from .leases import LeaseTests
from .listing import ListingTests
from .mapping import MappingTests
from .outages import OutageTests
from .processes import ProcessTests
from .streaming import StreamingTests
from .threads import ThreadTests
from .values import ValueTests

__all__ = ["StorageContract"]


# pytest begins with the last base, so the simple things come last.
class StorageContract(
    ProcessTests,
    ThreadTests,
    OutageTests,
    LeaseTests,
    StreamingTests,
    InstanceTests,
    ExpiryTests,
    ListingTests,
    BulkTests,
    ValueTests,
    KeyTests,
    EntryTests,
    MappingTests,
):
    """The contract of a store: subclass it as `Test...` and override the fixture `make_storage`."""
