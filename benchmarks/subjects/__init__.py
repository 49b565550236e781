"""Whom the benchmark compares, one file for each library."""

from __future__ import annotations

from subjects.base import NotOfferedError, Subject
from subjects.cachecontrol import CacheControl
from subjects.diskcache import DiskCache
from subjects.floor import Floor
from subjects.hishel import Hishel
from subjects.ours import Ours, OursBare
from subjects.upstream import Upstream, UpstreamBare, UpstreamWal

__all__ = ["SUBJECTS", "NotOfferedError", "Subject"]

SUBJECTS: dict[str, type[Subject]] = {
    subject.name: subject
    for subject in (
        Ours,
        OursBare,
        Upstream,
        UpstreamBare,
        UpstreamWal,
        CacheControl,
        Hishel,
        DiskCache,
        Floor,
    )
}
"""In the order of the tables' columns."""
