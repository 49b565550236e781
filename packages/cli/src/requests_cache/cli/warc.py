"""Web archives (WARC 1.0, ISO 28500), as crawlers and web archives read and write them."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from requests_cache import __version__
from requests_cache.backends import BaseCache
from requests_cache.errors import NotInstalledError, RecordError
from requests_cache.models.response import CachedResponse

from .har import OURS, entry_of, import_entries, redirects_of, write_redirects

if TYPE_CHECKING:
    from warcio.warcwriter import WARCWriter

_REDIRECTS: Final = "urn:requests-cache:redirects"
# The payload is decoded, and these say how it came.
_OF_TRANSFER: Final = frozenset({"content-encoding", "content-length", "transfer-encoding"})


def is_warc(path: Path) -> bool:
    """Say whether a file has the suffix of a web archive, compressed or not.

    Raises:
        NotInstalledError: it has, and the library is missing. So no file is opened in vain, and one
            that is there is not made empty.
    """
    found = path.name.lower().endswith((".warc", ".warc.gz"))
    if found:
        _need()
    return found


def _need() -> None:
    try:
        import warcio  # noqa: F401  # only to see whether it is there
    except ImportError as error:
        raise NotInstalledError(
            'a web archive needs a library: pip install "requests-cache-cli[warc]"'
        ) from error


def export_warc(
    cache: BaseCache, found: Iterable[CachedResponse], file: IO[bytes], *, compress: bool
) -> int:
    """Write responses with their requests; give how many.

    What WARC has no place for (key, expiry, redirects) is in metadata records. With `compress` each
    record is compressed by itself, as in `.warc.gz`.
    """
    from warcio.warcwriter import WARCWriter

    writer = WARCWriter(file, gzip=compress, warc_version="WARC/1.0")
    software = {"software": f"requests-cache {__version__}", "format": "WARC File Format 1.0"}
    writer.write_record(writer.create_warcinfo_record("requests-cache.warc", software))
    count = 0
    for head in found:
        response = cache.read_response(head.cache_key or "")
        if response is not None:
            _write(writer, entry_of(response), response.content)
            count += 1
    _write_metadata(writer, _REDIRECTS, list(redirects_of(cache)), {})
    return count


def _write(writer: WARCWriter, entry: dict[str, Any], content: bytes) -> None:
    from warcio.statusandheaders import StatusAndHeaders

    asked, answer = entry["request"], entry["response"]
    url, date = asked["url"], {"WARC-Date": _date(entry["startedDateTime"])}
    fields = [each for each in _pairs(answer["headers"]) if each[0].lower() not in _OF_TRANSFER]
    status = f"{answer['status']} {answer['statusText']}".rstrip()
    headers = StatusAndHeaders(
        status, [*fields, ("Content-Length", str(len(content)))], protocol="HTTP/1.1"
    )
    response = writer.create_warc_record(
        url,
        "response",
        BytesIO(content),
        len(content),
        http_headers=headers,
        warc_headers_dict=date,
    )
    writer.write_record(response)
    same = {**date, "WARC-Concurrent-To": response.rec_headers.get_header("WARC-Record-ID")}
    parts = urlsplit(url)
    target = f"{parts.path or '/'}{'?' if parts.query else ''}{parts.query}"
    line = f"{asked['method']} {target} HTTP/1.1"
    headers = StatusAndHeaders(line, _pairs(asked["headers"]), is_http_request=True)
    body = asked.get("postData", {}).get("text", "").encode("utf-8", "surrogatepass")
    request = writer.create_warc_record(
        url,
        "request",
        BytesIO(body),
        len(body),
        http_headers=headers,
        warc_headers_dict=dict(same),
    )
    writer.write_record(request)
    _write_metadata(writer, url, {**entry, "response": {**answer, "content": {}}}, same)


def _write_metadata(writer: WARCWriter, url: str, value: object, fields: dict[str, str]) -> None:
    payload = json.dumps(value).encode("ascii")
    record = writer.create_warc_record(
        url,
        "metadata",
        BytesIO(payload),
        len(payload),
        warc_content_type="application/json",
        warc_headers_dict=dict(fields),
    )
    writer.write_record(record)


def _date(text: str) -> str:
    """Give a time as WARC 1.0 has it, in UTC and whole seconds."""
    from datetime import UTC, datetime

    return datetime.fromisoformat(text).astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _pairs(items: Iterable[dict[str, str]]) -> list[tuple[str, str]]:
    return [(each["name"], each["value"]) for each in items]


def import_warc(
    cache: BaseCache,
    file: IO[bytes],
    expires: Callable[[float], float | None],
    failed: Callable[[str, str], object],
) -> int:
    """Store what an archive holds; the arguments are those of `import_har`.

    Raises:
        RecordError: it is no archive.
    """
    from warcio.exceptions import ArchiveLoadFailed

    redirects: list[Any] = []
    try:
        count = import_entries(cache, _entries(file, redirects), expires, failed)
    except (ArchiveLoadFailed, EOFError, UnicodeDecodeError) as error:
        raise RecordError(f"this is not a web archive: {error}") from error
    write_redirects(cache, redirects)
    return count


def _entries(file: IO[bytes], redirects: list[Any]) -> Iterator[dict[str, Any]]:
    """Give the responses as entries of an HTTP Archive, one when the next one begins."""
    from warcio.archiveiterator import ArchiveIterator

    current: dict[str, Any] | None = None
    requests: dict[str, dict[str, Any]] = {}
    is_empty = True
    for record in ArchiveIterator(file):
        is_empty = False
        url = record.rec_headers.get_header("WARC-Target-URI") or ""
        if record.rec_type == "response" and record.http_headers is not None:
            if current is not None:
                yield current
            asked: dict[str, Any] = {"method": "GET", "url": url, "headers": []}
            current = {**_answered(record), "request": requests.pop(url, asked)}
        elif record.rec_type == "request" and record.http_headers is not None:
            asked = _asked(record, url)
            if (
                current is not None
                and current["request"]["url"] == url
                and _belongs(record, current)
            ):
                current["request"] = asked
            else:
                requests = {url: asked}
        elif record.rec_type == "metadata":
            _add_own(record, url, current, redirects)
    if is_empty:
        raise RecordError("this is not a web archive: there is no record in it")
    if current is not None:
        yield current


def _belongs(record: Any, current: dict[str, Any]) -> bool:
    return bool(record.rec_headers.get_header("WARC-Concurrent-To") == current["id"])


def _answered(record: Any) -> dict[str, Any]:
    status, _, reason = record.http_headers.statusline.partition(" ")
    content = b64encode(record.content_stream().read()).decode("ascii")
    fields = [each for each in record.http_headers.headers if each[0].lower() not in _OF_TRANSFER]
    return {
        "id": record.rec_headers.get_header("WARC-Record-ID"),
        "startedDateTime": record.rec_headers.get_header("WARC-Date"),
        "response": {
            "status": int(status),
            "statusText": reason,
            "headers": [{"name": name, "value": value} for name, value in fields],
            "content": {"text": content, "encoding": "base64"},
        },
    }


def _asked(record: Any, url: str) -> dict[str, Any]:
    body = record.content_stream().read().decode("utf-8", "replace")
    headers = [{"name": name, "value": value} for name, value in record.http_headers.headers]
    asked = {"method": record.http_headers.protocol, "url": url, "headers": headers}
    return {**asked, "postData": {"text": body}} if body else asked


def _add_own(record: Any, url: str, current: dict[str, Any] | None, redirects: list[Any]) -> None:
    """Add what this command has noted of a response: key, expiry, and all fields as they were."""
    if record.rec_headers.get_header("Content-Type") != "application/json":
        return
    try:
        value = json.loads(record.content_stream().read())
    except ValueError:
        return
    if url == _REDIRECTS and isinstance(value, list):
        redirects += value
    elif current is not None and isinstance(value, dict) and OURS in value:
        content = current["response"]["content"]
        current.update(value, response={**value["response"], "content": content})
