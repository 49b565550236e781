"""`show` and `get`: one response, as it is remembered, and its body."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click
from requests_cache import CachedSession
from requests_cache._matching.credentials import Redactor
from requests_cache.backends import BaseCache
from requests_cache.models.response import CachedResponse
from requests_cache.notebook import age_text, expiry_text, size_text

from ..options import Opening, age_of, as_json, find_named, find_one, opened, with_cache
from ..output import NOTHING, paint, shown, write_json, write_line, written
from .ls import colour_of, describe

_PREVIEW = 2000


@click.command("show")
@with_cache
@click.argument("name", metavar="URL|KEY")
@click.option("--body", is_flag=True, help="Show the beginning of a text body, too.")
@as_json
def show_command(opening: Opening, name: str, body: bool, as_json: bool) -> None:
    """Show all that is remembered of a response: request, header fields, times.

    Several responses of one URL are shown one after another. A key may be given by its beginning.
    """
    with opened(opening) as cache:
        redactor = cache.matching.redactor
        keys = [each.cache_key or "" for each in find_named(cache, name)]
        found = [each for key in keys if (each := cache.read_response(key)) is not None]
        if as_json:
            write_json(detail(each, redactor) for each in found)
        else:
            for each in found:
                _show(each, body, redactor)
    if not found:
        click.echo(f"{shown(name)}: not in this cache", err=True)
    sys.exit(0 if found else NOTHING)


def detail(response: CachedResponse, redactor: Redactor) -> dict[str, Any]:
    """Give what JSON says of one response: the row, and the fields of both messages."""
    fields = response.record.fields
    return {
        **(describe(response) or {}),
        "reason": response.reason,
        "headers": [[name, redactor.field(name, text)] for name, text in fields["headers"]],
        "request": {"headers": [list(item) for item in fields["request"]["headers"]]},
        "redirects": [hop.url for hop in response.history],
        "variants": list(fields.get("siblings", ())),
    }


def _show(response: CachedResponse, body: bool, redactor: Redactor) -> None:
    fields = response.record.fields
    write_line(f"{fields['request']['method']} {response.url}")
    for name, value in fields["request"]["headers"]:
        write_line("", paint(f"  {name}: {value}", "bright_black"))
    write_line("")
    status = paint(str(response.status_code), colour_of(response.status_code))
    write_line(f" {response.reason or ''}", status)
    for name, value in fields["headers"]:
        write_line(f"  {name}: {redactor.field(name, value)}")
    write_line("")
    for hop in response.history:
        write_line(f"  redirected by  {hop.status_code} {hop.url}")
    write_line(f"  key            {response.cache_key}")
    write_line(f"  size           {size_text(response.size)}")
    write_line(f"  received       {age_text(age_of(response))} ago, {response.created_at}")
    write_line(f"  expires        {expiry_text(response.ttl)}{_at(response)}")
    if body:
        write_line("")
        write_line(_preview(response))


def _at(response: CachedResponse) -> str:
    return f", {response.expires}" if response.expires else ""


def _preview(response: CachedResponse) -> str:
    content = response.content
    if b"\0" in content[:_PREVIEW]:
        return f"({size_text(len(content))} that are not text; `get` writes them)"
    text = content[: 4 * _PREVIEW].decode(response.encoding or "utf-8", "replace")
    return text[:_PREVIEW] + ("..." if len(text) > _PREVIEW else "")


@click.command("get")
@with_cache
@click.argument("name", metavar="URL|KEY")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="File to write to.")
@click.option("--fetch", is_flag=True, help="Ask the server for a URL that is not stored.")
def get_command(opening: Opening, name: str, output: Path | None, fetch: bool) -> None:
    """Write the body of a response, decoded."""
    with opened(opening, create=fetch) as cache:
        response = find_one(cache, name)
        if response is None and fetch and "://" in name:
            response = _fetch(cache, name)
        if response is None:
            click.echo(f"{shown(name)}: not in this cache", err=True)
            sys.exit(NOTHING)
        content = response.content
    if output is None:
        sys.stdout.buffer.write(content)
    else:
        with written(output, "wb") as file:
            file.write(content)


def _fetch(cache: BaseCache, url: str) -> Any:
    with CachedSession(backend=cache, autoclose=False) as session:
        return session.get(url)
