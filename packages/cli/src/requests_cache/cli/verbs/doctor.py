"""`doctor`: what people do wrong with an installation and with a cache, and what to do instead."""

from __future__ import annotations

import os
import stat
import sys
from collections import Counter
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distributions, version
from pathlib import Path
from typing import Final, NamedTuple

import click
import requests_cache
from requests_cache.backends import BaseCache, available
from requests_cache.backends.registry import find_cache
from requests_cache.backends.selection import host_of
from requests_cache.errors import CacheError
from requests_cache.notebook import size_text

from ..options import Opening, as_json, opened
from ..output import NOTHING, number_of, paint, write_json, write_line

_COLOURS = {"problem": "red", "advice": "yellow", "fine": "green"}


@click.command("doctor")
@click.argument("cache", metavar="[CACHE]", required=False)
@as_json
def doctor_command(cache: str | None, as_json: bool) -> None:
    """Look for what people do wrong: with the installation, and with a cache if one is named.

    The exit status is 1 if there is a problem; advice alone is no problem.
    """
    findings = list(look_at_installation())
    if cache is not None:
        with opened(Opening(cache, {})) as found:
            findings += look_at_cache(found)
    if as_json:
        write_json(finding._asdict() for finding in findings)
    for finding in () if as_json else findings:
        _show(finding)
    sys.exit(NOTHING if any(finding.level == "problem" for finding in findings) else 0)


def _show(finding: Finding) -> None:
    write_line(f" {finding.text}", paint(f"{finding.level:<8}", _COLOURS[finding.level]))
    if finding.next_step:
        write_line(f"         {finding.next_step}")


# What can be seen to be wrong

_OURS: Final = "requests-cache-"
_NETWORK: Final = frozenset(
    {
        "9p",
        "afs",
        "ceph",
        "cifs",
        "fuse.sshfs",
        "glusterfs",
        "lustre",
        "nfs",
        "nfs4",
        "smb3",
        "smbfs",
    }
)
# More responses of one URL than a site has languages and formats as a rule.
_MANY_VARIANTS: Final = 10
_MANY_EXPIRED: Final = 0.5
_FEW: Final = 20


class Finding(NamedTuple):
    """One thing that was looked at."""

    level: str
    """"problem", "advice" or "fine"."""
    text: str
    next_step: str = ""


def look_at_installation() -> Iterator[Finding]:
    """Look at the distributions, their versions and the drivers."""
    yield from _foreign()
    ours = {each.name: each.version for each in distributions() if each.name.startswith(_OURS)}
    others = {name: found for name, found in ours.items() if found != requests_cache.__version__}
    if others:
        named = ", ".join(f"{name} {found}" for name, found in sorted(others.items()))
        yield Finding(
            "problem",
            f"requests-cache-core is {requests_cache.__version__}, but there is {named}",
            "pip install --upgrade --force-reinstall all of them in one version",
        )
    backends = available()
    for backend in backends:
        yield from _driver(backend.name)
    names = ", ".join(backend.name for backend in backends)
    if [backend.name for backend in backends] == ["memory"]:
        yield Finding(
            "advice",
            "no backend is installed, so nothing is kept when a program ends",
            'pip install "requests-cache-core[sqlite]"',
        )
    yield Finding("fine", f"requests-cache-core {requests_cache.__version__} with {names}")


def _foreign() -> Iterator[Finding]:
    try:
        found = version("requests-cache")
    except PackageNotFoundError:
        return
    yield Finding(
        "problem",
        f"requests-cache {found} is installed beside requests-cache-core: their files are mixed",
        "pip uninstall both and all requests-cache-backend-*, then install ours again",
    )


def _driver(name: str) -> Iterator[Finding]:
    try:
        find_cache(name)
    except (ImportError, CacheError) as error:
        yield Finding(
            "problem",
            f"the backend {name!r} cannot be loaded: {error}",
            f'pip install --force-reinstall "requests-cache-core[{name}]"',
        )


def look_at_cache(cache: BaseCache) -> Iterator[Finding]:
    """Look at what is in a cache and at where it is; no body is read."""
    path = getattr(cache, "db_path", None) or getattr(cache, "cache_dir", None)
    if isinstance(path, Path):
        yield from _place(path)
    total = expired = never = 0
    by_url: Counter[tuple[str, str]] = Counter()
    for head in cache.heads():
        total += 1
        expired += head.is_expired
        never += head.expires is None
        by_url[head.record.fields["request"]["method"] or "", head.record.url] += 1
    yield from _content(total, expired, never)
    yield from _variants(by_url)
    if cache.stats.invalid:
        yield Finding(
            "problem",
            f"{cache.stats.invalid} responses cannot be read",
            "requests-cache check says why, and with --repair deletes them",
        )
    yield Finding("fine", f"{number_of(total, 'response')}, {size_text(cache.size)}")


def _content(total: int, expired: int, never: int) -> Iterator[Finding]:
    if total >= _FEW and never == total:
        yield Finding(
            "advice",
            "no response ever expires: they are used for ever, and the cache only grows",
            "give expire_after=, or cache_control=True to go by what servers say",
        )
    if total >= _FEW and expired > total * _MANY_EXPIRED:
        yield Finding(
            "advice",
            f"{expired} of {total} responses have expired",
            "requests-cache prune deletes them; a longer expire_after would use them",
        )


def _variants(by_url: Counter[tuple[str, str]]) -> Iterator[Finding]:
    many = [(url, count) for (_, url), count in by_url.most_common() if count >= _MANY_VARIANTS]
    if many:
        url, count = many[0]
        hosts = ", ".join(sorted({host_of(each) for each, _ in many})[:3])
        yield Finding(
            "problem",
            f"{len(many)} URLs are stored many times, {url} {count} times: each time something"
            f" made the request another one, such as a cookie or a signature ({hosts})",
            "name what changes in ignored_parameters=, such as Cookie or the name of a parameter",
        )


def _place(path: Path) -> Iterator[Finding]:
    kind = _file_system(path)
    if kind in _NETWORK:
        yield Finding(
            "problem",
            f"{path} is on a network file system ({kind}), whose locks SQLite cannot rely on",
            "move it to a local disk, or give wal=False and one program at a time; or use Redis",
        )
    mode = stat.S_IMODE(path.stat().st_mode)
    if os.name == "posix" and mode & 0o077:
        yield Finding(
            "advice",
            f"{path} may be read by other users (mode {mode:o})",
            f"chmod go= {path}",
        )


def _file_system(path: Path) -> str:
    """Give the type of the file system, on Linux; "" elsewhere."""
    mounts = Path("/proc/mounts")
    if not mounts.exists():
        return ""
    best = ("", "")
    for line in mounts.read_text("utf-8", "replace").splitlines():
        _, place, kind, *_ = line.split()
        place = place.replace("\\040", " ")
        if path.resolve().is_relative_to(place) and len(place) >= len(best[0]):
            best = (place, kind)
    return best[1]
