"""Between the values of the policy and the messages of requests."""

from __future__ import annotations

import hmac
from hashlib import sha256
from math import inf
from typing import TYPE_CHECKING

from requests import PreparedRequest, Response

from .._matching.credentials import Redactor
from ..expiration import DO_NOT_CACHE, ExpirationTime, absolute_expiration
from ..models.describe import header_items
from ..models.record import Flag
from ..models.response import CachedResponse
from ..policy import Headers, RequestHead, ResponseHead, Rules, StoredHead

if TYPE_CHECKING:
    from ..settings import CacheSettings
    from .lifetime import Lifetime
    from .request_context import Options

__all__ = ["request_head", "response_head", "rules_of", "stored_head"]

_DEFAULT_CODES = frozenset({200})
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


def request_head(request: PreparedRequest, redactor: Redactor) -> RequestHead:
    """Describe a request to the policy; a secret is a digest, for what `Vary` names is stored."""
    return RequestHead(
        (request.method or "GET").upper(),
        request.url or "",
        Headers(_field(_text(n), _text(v), redactor) for n, v in request.headers.items()),
    )


def _field(name: str, value: str, redactor: Redactor) -> tuple[str, str]:
    if not redactor.is_secret(name) or name.lower() in _READ_FIELDS:
        return name, value
    text = value.encode("utf-8", "surrogatepass")
    return name, hmac.new(b"requests-cache variant", text, sha256).hexdigest()


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
    record = stored.record
    fields = record.fields
    lifetime = fields.get("lifetime")
    # Octets of a decoded body are not those that a Range counts, and of a part that is coded the
    # rest could not be decoded on its own.
    coded = "content-encoding" in stored.headers
    sliceable = not coded or (record.status != 206 and bool(record.flags & Flag.ENCODED))
    return StoredHead(
        record.status,
        Headers((str(name), str(value)) for name, value in fields["headers"]),
        str(fields["request"]["method"]),
        fields["url"] if url is None else url,
        float(fields.get("sent", record.created)),
        record.created,
        tuple((name, value) for name, value in fields.get("vary", ())),
        inf if lifetime == "inf" else lifetime,
        record.size if sliceable else None,
        alternate=url is None,
        key=stored.cache_key or "",
    )


def rules_of(settings: CacheSettings, options: Options, lifetime: Lifetime, now: float) -> Rules:
    """Give the settings that hold for a request in the terms of the policy."""
    seconds = _seconds(lifetime.value, now)
    codes = frozenset(settings.allowable_codes)
    return Rules(
        lifetime=seconds if lifetime.is_specific else None,
        fallback=None if lifetime.is_specific else seconds,
        stale_if_error=_window(settings.stale_if_error),
        stale_while_revalidate=_window(settings.stale_while_revalidate),
        always_revalidate=settings.always_revalidate,
        refresh=options.refresh,
        force_refresh=options.force_refresh,
        only_if_cached=options.only_if_cached or settings.only_if_cached,
        no_store=lifetime.value == DO_NOT_CACHE,
        methods=frozenset(settings.allowable_methods),
        # The default of the simple rules is no wish; HTTP says what may be stored.
        statuses=None if codes == _DEFAULT_CODES else codes,
    )


def _seconds(value: ExpirationTime, now: float) -> float | None:
    if value == DO_NOT_CACHE:
        return None
    expires = absolute_expiration(value, now)
    return inf if expires is None else max(0.0, expires - now)


def _window(setting: object) -> float | None:
    if isinstance(setting, bool):
        return inf if setting else None
    return float(setting) if isinstance(setting, int | float) else None


def _text(value: str | bytes) -> str:
    return value.decode("latin-1") if isinstance(value, bytes) else value
