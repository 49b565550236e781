"""A stored response as the policy presents it: its fields are made when they are read."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..models.record import Record
from ..models.response import CachedResponse
from .heads import stored_head

if TYPE_CHECKING:
    from ..models.fields import Fields
    from ..policy.cache_status import CacheStatus
    from ..policy.values import Policy, Serve

__all__ = ["PresentedRecord"]


class PresentedRecord(Record):
    """A record whose fields depend on when it was served, such as `Age`."""

    __slots__ = ("at", "policy", "stored")

    stored: Record
    policy: Policy
    at: float
    """When it was served."""

    @classmethod
    def of(cls, policy: Policy, stored: Record, at: float) -> PresentedRecord:
        """Give a record that is served at a time."""
        self = cls.__new__(cls)
        self.take_over(stored)
        self.body = stored.body
        self._fields = None
        self.source = b""
        self.stored, self.policy, self.at = stored, policy, at
        return self

    @property
    def fields(self) -> Fields:
        """The text as a dictionary, as it was when the response was served."""
        if self._fields is None:
            headers = list(self._serve().headers.fields)
            self._fields = {**self.stored.fields, "headers": headers}
        return self._fields

    @property
    def cache_status(self) -> CacheStatus:
        """What the cache did."""
        return self._serve().cache_status

    def _serve(self) -> Serve:
        response = CachedResponse.from_record(self.stored)
        return self.policy.serve(stored_head(response, self.stored.url), self.at)
