"""Between the values of the policy and the messages of requests."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache
from math import inf
from typing import TYPE_CHECKING, Final, cast

from requests import PreparedRequest, Response

from .._matching.credentials import Redactor
from .._matching.keys import overrides_of
from .._matching.owner import as_text, lines
from .._memos import Memo
from ..models.describe import header_items
from ..models.record import Flag, Record
from ..models.response import CachedResponse
from ..policy import Headers, RequestHead, ResponseHead, StoredHead, Variant
from ..policy.selection import normalise, variant

if TYPE_CHECKING:
    from ..models.fields import Fields
    from ..policy.fields import Field

__all__ = [
    "describe_selection",
    "request_fields",
    "request_head",
    "response_head",
    "selects",
    "stored_head",
]

# What the policy reads the values of; others it compares, if `Vary` names them.
_READ_FIELDS = frozenset(
    {
        "cache-control",
        "if-match",
        "if-modified-since",
        "if-none-match",
        "if-range",
        "if-unmodified-since",
        "pragma",
        "range",
    }
)


_READS = ("GET", "HEAD")


def request_head(
    request: PreparedRequest,
    redactor: Redactor,
    selecting: Iterable[tuple[str, str | bytes]] | None = None,
) -> RequestHead:
    """Describe a request to the policy; a secret is a digest, for what `Vary` names is stored.

    A POST that asks to be taken for a GET, because its question is too long for a URL, is one.

    Args:
        request: the request.
        redactor: knows the names of secrets.
        selecting: its header fields as `Vary` selects by them; by default all.
    """
    override = next(iter(overrides_of(request.headers)), "")
    method = (request.method or "GET").upper()
    return RequestHead(
        override if method == "POST" and override in _READS else method,
        request.url or "",
        _request_fields(
            tuple(lines(request.headers) if selecting is None else selecting), redactor
        ),
        override,
    )


def request_fields(headers: Mapping[str, str | bytes], redactor: Redactor) -> Headers:
    """Describe the header fields of a request to the policy; a secret is a digest."""
    return _request_fields(tuple(lines(headers)), redactor)


@lru_cache(maxsize=256)
def _request_fields(fields: tuple[tuple[str, str | bytes], ...], redactor: Redactor) -> Headers:
    """Give the fields of a request; those of a session are the same again and again."""
    return Headers(_field(as_text(n), as_text(v), redactor) for n, v in fields)


def _field(name: str, value: str, redactor: Redactor) -> tuple[str, str]:
    if name.lower() in _READ_FIELDS:
        return name, value
    is_secret = redactor.is_secret_field(name) or redactor.field(name, value) != value
    return name, redactor.digest(value) if is_secret else value


def response_head(response: Response) -> ResponseHead:
    """Describe a response of the origin to the policy."""
    return ResponseHead(response.status_code, Headers(header_items(response)))


def stored_head(stored: CachedResponse, url: str | None = None) -> StoredHead:
    """Describe a stored response to the policy.

    Args:
        stored: the response.
        url: the URL that it was stored for, where its key says so; the one in the record may have
            been redacted. None for a response that was found under another URL.
    """
    record, key = stored.record, stored.cache_key or ""
    if not 0 < len(record.source) <= _LARGEST_KEPT:
        return _describe(record, key, url)
    identity = (record.source, record.created, record.expires, key, url)
    head = _described.get(identity)
    if head is None:
        head = _described[identity] = _describe(record, key, url)
    return head


# The same few heads are described again and again.
_MOST_KEPT: Final = 128
_LARGEST_KEPT: Final = 4096
_described: Memo[tuple[object, ...], StoredHead] = Memo(_MOST_KEPT)


def _describe(record: Record, key: str, url: str | None) -> StoredHead:
    fields = record.fields
    lifetime = fields.get("lifetime")
    headers = Headers(cast("Iterable[Field]", map(tuple, fields["headers"])))
    # Octets of a decoded body are not those that a Range counts, and of a part that is coded the
    # rest could not be decoded on its own.
    coded = "content-encoding" in headers
    sliceable = not coded or (record.status != 206 and bool(record.flags & Flag.ENCODED))
    return StoredHead(
        record.status,
        headers,
        str(fields["request"]["method"]),
        fields["url"] if url is None else url,
        float(fields.get("sent", record.created)),
        record.created,
        _variant_of(fields),
        inf if lifetime == "inf" else lifetime,
        record.size if sliceable else None,
        alternate=url is None,
        key=key,
        expires=None if record.expires == inf else record.expires,
    )


def _variant_of(fields: Fields) -> Variant:
    """Give the values that selected a stored response.

    Version 0.1 had two ways to write them. The simple rules, which did not note when the request
    was sent, wrote values as they came.
    """
    described = fields.get("vary", ())
    if "sent" in fields:
        return tuple((name, value) for name, value in described)
    return tuple(
        (name, None if value is None else normalise(name, Headers([(name, value)])))
        for name, value in described
    )


def describe_selection(response: Response, sent: float, redactor: Redactor) -> Fields:
    """Give the fields of a record that say by what the request selected the response."""
    request = request_head(response.request, redactor)
    selected_by = variant(response_head(response).headers, request.headers)
    return {"sent": sent, "vary": list(selected_by)}


def selects(record: Record, headers: Mapping[str, str | bytes], redactor: Redactor) -> bool:
    """Say whether a request with these header fields selects a stored response (`Vary`)."""
    variant = _variant_of(record.fields)
    if not variant:
        # `Vary` is there, but says nothing, or `*`.
        return False
    asked = request_fields(headers, redactor)
    return all(normalise(name, asked) == value for name, value in variant)
