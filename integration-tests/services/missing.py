"""What a test does without its service: it is skipped, or fails where services are required."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NoReturn

import pytest

REQUIRED = "REQUIRE_SERVICES"


class ServiceMissing(Exception):
    """No way led to a service; the message names each and what it lacks."""


def services_required(environ: Mapping[str, str]) -> bool:
    """Tell whether a missing service is a failure: `REQUIRE_SERVICES=1`, by default it is not."""
    value = environ.get(REQUIRED, "")
    if value not in ("", "0", "1"):
        raise ValueError(f"{REQUIRED}={value!r} is neither 0 nor 1; write 1 to require services")
    return value == "1"


def give_up(reason: str, environ: Mapping[str, str] = os.environ) -> NoReturn:
    """End the running test: as a skip, or as a failure under `REQUIRE_SERVICES=1`."""
    if services_required(environ):
        pytest.fail(f"{reason} ({REQUIRED}=1)", pytrace=False)
    pytest.skip(reason)
