"""The demo: a table of requests, what the SQLite file then holds, and a second process."""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit

from requests_cache import CachedSession, clock

from .origin import fail, make_site
from .story import AGAIN, STORY, TWO_HOURS
from .table import print_heading, print_note, print_row, print_stored, size_of
from .visit import Visit, Visitor, move_clock


def main() -> int:
    """Run what the command line asks for; return the exit status."""
    options = _parser().parse_args()
    move_clock(options.clock)
    if options.again:
        _second_process(options.file, options.urls)
    elif options.urls:
        _real_urls(options.file, options.urls)
    else:
        _story()
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="hatch run demo", description="Show what a cache does to HTTP requests."
    )
    parser.add_argument("urls", nargs="*", metavar="URL", help="real URLs; default: a local site")
    parser.add_argument(
        "--file", type=Path, default=Path("demo.sqlite"), help="where responses of URLs are kept"
    )
    parser.add_argument("--again", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--clock", type=float, default=0, help=argparse.SUPPRESS)
    return parser


def _session(file: Path) -> CachedSession:
    return CachedSession(
        str(file.resolve()),
        backend="sqlite",
        expire_after=timedelta(hours=1),
        urls_expire_after=dict.fromkeys(("*.png", "*.html", "*/start"), timedelta(days=30)),
        cache_control=True,
        stale_if_error=True,
    )


def _story() -> None:
    with TemporaryDirectory(prefix="requests-cache-demo-") as folder, make_site() as site:
        file = Path(folder, "demo.sqlite")
        print(f"A web site runs at {site.url('')}; responses are kept in {file}.")
        print("They live for 1 hour, pictures and HTML pages for 30 days, unless the origin says.")
        visits = []
        with _session(file) as session:
            visitor = Visitor(session)
            for scene in STORY:
                move_clock(scene.clock)
                for path in scene.failing:
                    fail(site, path)
                print_heading(scene.heading)
                for path, why in scene.requests:
                    visits.append(visitor.get(site.url(path)))
                    print_row(visits[-1], why)
        _print_file(file)
        _run_again(file, [site.url(path) for path in AGAIN], TWO_HOURS)
        _print_summary(visits)
        print_note("Now with URLs of your own:  hatch run demo https://example.org/")


def _real_urls(file: Path, urls: Sequence[str]) -> None:
    with _session(file) as session:
        visitor = Visitor(session)
        print_heading(f"Each URL twice; responses are kept in {file}")
        visits = []
        for url in urls:
            for _ in range(2):
                visits.append(visitor.get(url))
                print_row(visits[-1])
    _print_file(file)
    _run_again(file, urls, 0)
    _print_summary(visits)


def _run_again(file: Path, urls: Sequence[str], offset: float) -> None:
    sys.stdout.flush()  # what is printed here comes before what that process prints
    options = ["--again", "--clock", str(offset), "--file", str(file)]
    subprocess.run([sys.executable, "-m", "demo", *options, *urls], check=True)


def _second_process(file: Path, urls: Sequence[str]) -> None:
    with _session(file) as session:
        visitor = Visitor(session)
        print_heading("A second process opens the same file and finds the cache warm")
        for url in urls:
            print_row(visitor.get(url), AGAIN.get(urlsplit(url).path, ""))


def _print_file(file: Path) -> None:
    size = size_of(file.stat().st_size)
    with _session(file) as session:
        entries = len(session.cache.responses) + len(session.cache.redirects)
        print_note(f"Now in {file.name}: {entries} entries, {size}")
        for response in session.cache.filter(expired=True):
            expiry = _expiry(response.expires)
            print_stored(response.url, response.size, expiry, response.cache_key or "")


def _expiry(expires: datetime | None) -> str:
    if expires is None:
        return "never expires"
    left = timedelta(seconds=round(expires.timestamp() - clock.now()))
    if left > timedelta(days=1):
        return f"expires in {left.days} days"
    return f"expires in {left}" if left > timedelta(0) else f"expired {-left} ago"


def _print_summary(visits: Sequence[Visit]) -> None:
    hits = [visit.seconds for visit in visits if visit.outcome == "hit"]
    fetched = [visit.seconds for visit in visits if visit.outcome in ("miss", "expired")]
    saved = sum(1 for visit in visits if not visit.origin)
    text = f"{saved} of {len(visits)} requests of the first process never left it."
    if hits and fetched:
        hit, fetch = statistics.median(hits), statistics.median(fetched)
        text += f" A hit took {hit * 1000:.2f} ms, a fetch {fetch * 1000:.1f} ms (medians)."
    print_note(text)


if __name__ == "__main__":
    sys.exit(main())
