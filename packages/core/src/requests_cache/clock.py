"""What time it is. Everything asks here, so that a test can answer."""

from __future__ import annotations

import time

__all__ = ["monotonic", "now"]


def now() -> float:
    """Give seconds since the epoch."""
    return time.time()


def monotonic() -> float:
    """Give seconds that never run backwards, for waiting."""
    return time.monotonic()
