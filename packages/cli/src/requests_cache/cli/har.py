"""HTTP Archive (HAR) 1.2: what browsers' developer tools read and write."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from http.client import responses as reasons
from io import BytesIO
from typing import IO, Any, Final, cast
from urllib.parse import parse_qsl, urlsplit

from requests import Request, Response
from requests.structures import CaseInsensitiveDict
from requests_cache import __version__
from requests_cache.backends import BaseCache
from requests_cache.errors import CacheError, RecordError, StorageError
from requests_cache.models.fields import Fields, RequestFields
from requests_cache.models.record import Flag, Record
from requests_cache.models.response import CachedResponse
from requests_cache.models.shape import check_fields

OURS: Final = "_requestsCache"
"""The field of an entry that has what HAR has no place for."""
_REDIRECTS: Final = "_requestsCacheRedirects"
# What has a place of its own in an entry of the archive.
_ELSEWHERE: Final = frozenset({"url", "headers", "request"})
_VERSIONS: Final = {10: "HTTP/1.0", 11: "HTTP/1.1", 20: "HTTP/2"}
_NOT_MEASURED: Final = -1


def export_har(cache: BaseCache, found: Iterable[CachedResponse], file: IO[str]) -> int:
    """Write responses, with their bodies decoded; give how many.

    What HAR has no place for (key, expiry, redirects) is in fields whose names begin with an
    underscore, which other programs pass over.
    """
    creator = {"name": "requests-cache", "version": __version__}
    file.write('{"log":{"version":"1.2","creator":' + json.dumps(creator) + ',"entries":[')
    count = 0
    for head in found:
        response = cache.read_response(head.cache_key or "")
        if response is None:
            continue
        file.write(",\n" if count else "\n")
        json.dump(entry_of(response), file)
        count += 1
    file.write(f'\n],"{_REDIRECTS}":{json.dumps(list(redirects_of(cache)))}}}}}\n')
    return count


def entry_of(response: CachedResponse) -> dict[str, Any]:
    """Give the entry of a response."""
    record = response.record
    fields = record.fields
    elapsed = max(0.0, fields["elapsed"]) * 1000
    version = _VERSIONS.get(fields.get("version") or 0, "HTTP/1.1")
    return {
        "startedDateTime": response.created_at.isoformat(timespec="milliseconds"),
        "time": elapsed,
        "request": _request(fields["request"], version),
        "response": _response(response, version),
        "cache": {},
        "timings": {"send": 0, "wait": elapsed, "receive": 0},
        OURS: {
            "key": response.cache_key,
            "url": fields["url"],
            "created": record.created,
            "expires": response.expires_at,
            "flags": record.flags & ~Flag.ENCODED,
            "request": {"body": fields["request"].get("body")},
            "fields": {name: value for name, value in fields.items() if name not in _ELSEWHERE},
        },
    }


def _request(fields: RequestFields, version: str) -> dict[str, Any]:
    query = parse_qsl(urlsplit(fields["url"]).query, keep_blank_values=True)
    request: dict[str, Any] = {
        "method": fields["method"] or "GET",
        "url": fields["url"],
        "httpVersion": version,
        "cookies": [],
        "headers": _pairs(fields["headers"]),
        "queryString": _pairs(query),
        "headersSize": _NOT_MEASURED,
        "bodySize": _NOT_MEASURED,
    }
    body = fields.get("body")
    if body is not None:
        media_type = CaseInsensitiveDict(fields["headers"]).get("Content-Type", "")
        text = body if isinstance(body, str) else b64decode(body["base64"]).decode("latin-1")
        request["postData"] = {"mimeType": media_type, "text": text}
    return request


def _response(response: CachedResponse, version: str) -> dict[str, Any]:
    fields = response.record.fields
    content = response.content
    shown: dict[str, Any] = {
        "size": len(content),
        "mimeType": response.headers.get("Content-Type", ""),
    }
    try:
        shown["text"] = content.decode("utf-8")
    except UnicodeDecodeError:
        shown["text"], shown["encoding"] = b64encode(content).decode("ascii"), "base64"
    return {
        "status": response.status_code,
        "statusText": response.reason or "",
        "httpVersion": version,
        "cookies": [],
        "headers": _pairs(fields["headers"]),
        "content": shown,
        "redirectURL": response.headers.get("Location", ""),
        "headersSize": _NOT_MEASURED,
        "bodySize": response.size,
    }


def _pairs(items: Iterable[Any]) -> list[dict[str, str]]:
    return [{"name": name, "value": value} for name, value in items]


def redirects_of(cache: BaseCache) -> Iterator[dict[str, Any]]:
    """Give the redirects; one that cannot be read is left out."""
    for key in cache.keys():  # noqa: SIM118  # no mapping
        alias = cache.redirects.read(key)
        if alias is None:
            continue
        try:
            target = cache.redirects.serializer.decode(alias.head, b"")
            history = cache.redirects.serializer.loads(alias.body) if alias.body else None
        except CacheError:
            continue
        yield {"key": key, "target": target, "history": history, "keepUntil": alias.keep_until}


def import_har(
    cache: BaseCache,
    file: IO[str],
    expires: Callable[[float], float | None],
    failed: Callable[[str, str], object],
) -> int:
    """Store what an archive holds; give how many responses.

    An entry that another program wrote gets the key of its request, and credentials in it are
    replaced as usual.

    Args:
        cache: where to store.
        file: the archive.
        expires: gives when an entry of another program expires, for the time it was received at.
        failed: told the URL of an entry that cannot be stored, and why.

    Raises:
        RecordError: it is no archive.
    """
    try:
        log = json.load(file)["log"]
        entries = list(log["entries"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        why = f"{type(error).__name__}: {error}"
        raise RecordError(f"this is not an HTTP Archive: {why}") from error
    count = import_entries(cache, entries, expires, failed)
    write_redirects(cache, log.get(_REDIRECTS, ()))
    return count


def import_entries(
    cache: BaseCache,
    entries: Iterable[Any],
    expires: Callable[[float], float | None],
    failed: Callable[[str, str], object],
) -> int:
    """Store the entries of an archive; give how many; arguments and errors as of `import_har`."""
    count = 0
    for entry in entries:
        try:
            response = _ours(entry) if OURS in entry else _foreign(cache, entry, expires)
            cache.write_response(response.cache_key or "", response, None)
            count += 1
        except StorageError:
            raise  # it is not the entry's fault, and the next ones would fail, too
        except (CacheError, KeyError, TypeError, ValueError, AttributeError) as error:
            failed(_url(entry), f"{type(error).__name__}: {error}")
    return count


def write_redirects(cache: BaseCache, redirects: Iterable[Any]) -> None:
    """Store redirects that `redirects_of` gave."""
    for alias in redirects:
        cache.write_redirect(alias["key"], alias["target"], alias["history"], alias["keepUntil"])


def _url(entry: Any) -> str:
    try:
        return str(entry["request"]["url"])
    except (KeyError, TypeError):
        return "?"


def _ours(entry: dict[str, Any]) -> CachedResponse:
    """Make again what was exported."""
    own, request, response = entry[OURS], entry["request"], entry["response"]
    fields: dict[str, Any] = {
        "url": own["url"],
        "headers": _items(response["headers"]),
        "request": {
            "method": request["method"],
            "url": request["url"],
            "headers": _items(request["headers"]),
        },
        **own["fields"],
    }
    if own["request"]["body"] is not None:
        fields["request"]["body"] = own["request"]["body"]
    check_fields(fields)
    content = _content(response["content"])
    flags = int(own["flags"])
    status, created = int(response["status"]), float(own["created"])
    record = Record(status, created, own["expires"], cast("Fields", fields), content, flags)
    return CachedResponse.from_record(record, str(own["key"]))


def _foreign(
    cache: BaseCache, entry: dict[str, Any], expires: Callable[[float], float | None]
) -> CachedResponse:
    """Make a response of what a browser or another program recorded."""
    request, answer = entry["request"], entry["response"]
    if not answer["status"]:
        raise RecordError("there was no response")
    response = Response()
    response.status_code = int(answer["status"])
    response.reason = answer.get("statusText") or reasons.get(response.status_code, "")
    response.url = request["url"]
    response.headers = CaseInsensitiveDict(_items(answer["headers"], to_browsers=False))
    response.raw = BytesIO(_content(answer["content"]))
    response.encoding = "utf-8" if "encoding" not in answer["content"] else None
    response.request = Request(
        request["method"],
        request["url"],
        headers=dict(_items(request["headers"], to_browsers=False)),
        data=request.get("postData", {}).get("text"),
    ).prepare()
    created = datetime.fromisoformat(entry["startedDateTime"])
    received = (created if created.tzinfo else created.replace(tzinfo=UTC)).timestamp()
    key = cache.create_key(response.request)
    return CachedResponse.from_response(
        response,
        created_at=received,
        expires=expires(received),
        redactor=cache.matching.redactor,
        cache_key=key,
    )


def _items(pairs: Iterable[dict[str, str]], *, to_browsers: bool = True) -> list[tuple[str, str]]:
    """Give header fields; those of HTTP/2 that begin with a colon are no fields of requests'."""
    items = ((str(pair["name"]), str(pair["value"])) for pair in pairs)
    return [item for item in items if to_browsers or not item[0].startswith(":")]


def _content(content: dict[str, Any]) -> bytes:
    text = content.get("text") or ""
    return b64decode(text) if content.get("encoding") == "base64" else str(text).encode("utf-8")
