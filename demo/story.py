"""What the demo asks for, in which order, and what is to be seen."""

from __future__ import annotations

from typing import NamedTuple

__all__ = ["AGAIN", "STORY", "TWO_HOURS", "Scene"]

TWO_HOURS = 2 * 3600.0


class Scene(NamedTuple):
    """Requests at one time."""

    heading: str
    requests: tuple[tuple[str, str], ...]
    """Path of each request, and why it ends as it does."""
    clock: float = 0.0
    """Seconds since the first scene."""
    failing: tuple[str, ...] = ()
    """Paths that the origin answers with 503 from now on."""


STORY = (
    Scene(
        "Every page twice",
        (
            ("/people.json", "never seen: fetched and stored (and modules imported)"),
            ("/people.json", "out of the file"),
            ("/logo.png", ""),
            ("/logo.png", "pictures too, byte by byte"),
            ("/start", "redirects to /welcome.html"),
            ("/start", "the redirect was remembered as well"),
            ("/report.json", "has an ETag"),
            ("/report.json", ""),
            ("/news.json", "Cache-Control: max-age=10"),
            ("/news.json", ""),
            ("/weather.json", ""),
            ("/weather.json", ""),
            ("/broken", "an error is not stored,"),
            ("/broken", "so the origin is asked again"),
        ),
    ),
    Scene(
        "15 seconds later",
        (
            ("/news.json", "its 10 seconds are over: fetched again"),
            ("/people.json", "good for an hour"),
        ),
        clock=15,
    ),
    Scene(
        "2 hours later, and the weather service is down",
        (
            ("/people.json", "its hour is over: fetched again"),
            ("/report.json", "not modified: 304, no body sent"),
            ("/weather.json", "the origin failed: the old one is used"),
            ("/logo.png", "good for 30 days"),
        ),
        clock=TWO_HOURS,
        failing=("/weather.json",),
    ),
)

AGAIN = {
    "/people.json": "the time includes importing the cache",
    "/logo.png": "",
    "/start": "the time includes importing what redirects need",
    "/report.json": "its lifetime began anew when it was validated",
    "/weather.json": "still down, still served",
}
"""What the second process asks for, and why it ends as it does."""
