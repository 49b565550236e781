"""Between the policy and requests: which policy a request has, and what it is told of messages."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta
from functools import lru_cache
from math import inf
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, cast
from weakref import WeakKeyDictionary

from requests import PreparedRequest, Response

from .._matching.credentials import Redactor
from .._matching.owner import as_text, lines, overrides_of
from .._memos import Memo
from ..expiration import DO_NOT_CACHE, EXPIRE_IMMEDIATELY, ExpirationTime, absolute_expiration
from ..models.describe import header_items
from ..models.record import Flag, Record
from ..models.response import CachedResponse
from ..policy import Headers, RequestHead, ResponseHead, StoredHead, Variant
from ..policy.selection import normalise, variant
from ..policy.values import Rules
from .request_context import CONTROLS, Lifetime

if TYPE_CHECKING:
    from ..models.fields import Fields
    from ..policy.cache_status import CacheStatus
    from ..policy.fields import Field
    from ..policy.values import Policy, Serve
    from ..settings import CacheSettings
    from .request_context import Options

_READS = ("GET", "HEAD")


def request_head(
    request: PreparedRequest,
    redactor: Redactor,
    selecting: Iterable[tuple[str, str | bytes]] | None = None,
) -> RequestHead:
    """Describe a request to the policy; a secret is a digest, for what `Vary` names is stored.

    A POST that asks to be taken for a GET, because its question is too long for a URL, is one.
    `selecting` are its header fields as `Vary` selects by them; by default all.
    """
    override = next(iter(overrides_of(request.headers)), "")
    method = (request.method or "GET").upper()
    if method == "POST" and override in _READS:
        method = override
    fields = tuple(lines(request.headers) if selecting is None else selecting)
    return RequestHead(method, request.url or "", _request_fields(fields, redactor), override)


def request_fields(headers: Mapping[str, str | bytes], redactor: Redactor) -> Headers:
    """Describe the header fields of a request to the policy; a secret is a digest."""
    return _request_fields(tuple(lines(headers)), redactor)


@lru_cache(maxsize=256)
def _request_fields(fields: tuple[tuple[str, str | bytes], ...], redactor: Redactor) -> Headers:
    """Give the fields of a request; those of a session are the same again and again."""
    return Headers(_field(as_text(n), as_text(v), redactor) for n, v in fields)


def _field(name: str, value: str, redactor: Redactor) -> tuple[str, str]:
    if name.lower() in CONTROLS:
        # The policy reads their values; others it compares, if `Vary` names them.
        return name, value
    is_secret = redactor.is_secret_field(name) or redactor.field(name, value) != value
    return name, redactor.digest(value) if is_secret else value


def response_head(response: Response) -> ResponseHead:
    """Describe a response of the origin to the policy."""
    return ResponseHead(response.status_code, Headers(header_items(response)))


# The same few heads are described again and again.
_MOST_DESCRIBED: Final = 128
_LARGEST_KEPT: Final = 4096
_described: Memo[tuple[object, ...], StoredHead] = Memo(_MOST_DESCRIBED)


def stored_head(stored: CachedResponse, url: str | None = None) -> StoredHead:
    """Describe a stored response to the policy.

    `url` is the one that it was stored for, where its key says so; that in the record may have been
    redacted. None for a response that was found under another URL.
    """
    record, key = stored.record, stored.cache_key or ""
    if not 0 < len(record.source) <= _LARGEST_KEPT:
        return _describe(record, key, url)
    identity = (record.source, record.created, record.expires, key, url)
    head = _described.get(identity)
    if head is None:
        head = _described[identity] = _describe(record, key, url)
    return head


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


def note_described(renewed: CachedResponse, head: StoredHead) -> None:
    """Spare the next reader the description of a response that was written as a head says.

    Where something of the head was replaced, it is described as it is stored.
    """
    record = renewed.record
    is_kept = 0 < len(record.source) <= _LARGEST_KEPT
    if not is_kept or [*head.headers] != record.fields["headers"]:
        return
    end = record.expires
    identity = (record.source, record.created, end, renewed.cache_key or "", head.url)
    _described[identity] = head._replace(expires=None if end == inf else end)


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


# A stored response as the policy presents it: its fields are made when they are read


class PresentedRecord(Record):
    """A record whose fields depend on when it was served, such as `Age`."""

    __slots__ = ("at", "policy", "stored")

    stored: Record
    policy: Policy
    at: float
    """When it was served."""

    @classmethod
    def of(cls, policy: Policy, stored: Record, at: float) -> PresentedRecord:
        """Give a record that is served at a time."""
        self = cls.__new__(cls)
        self.take_over(stored)
        self.body = stored.body
        self._fields = None
        self.source = b""
        self.stored, self.policy, self.at = stored, policy, at
        return self

    @property
    def fields(self) -> Fields:
        """The text as a dictionary, as it was when the response was served."""
        if self._fields is None:
            headers = list(self._serve().headers.fields)
            self._fields = {**self.stored.fields, "headers": headers}
        return self._fields

    @property
    def cache_status(self) -> CacheStatus:
        """What the cache did."""
        return self._serve().cache_status

    def _serve(self) -> Serve:
        response = CachedResponse.from_record(self.stored)
        return self.policy.serve(stored_head(response, self.stored.url), self.at)


# The policy of a request, made of the settings of a session and the options of a call

_DEFAULT_CODES = frozenset({200})
_FLAGS = tuple(name for name, default in Rules._field_defaults.items() if default is False)
"""Rules that a setting, or an option of a request, of the same name turns on."""

# The same few policies are asked for again and again; an absolute lifetime makes another one each
# time. They are given up with the settings, or when these change.
_made: WeakKeyDictionary[CacheSettings, tuple[int, dict[object, Policy]]] = WeakKeyDictionary()
_RELATIVE: Final = (int, float, timedelta, NoneType)
_MOST_POLICIES: Final = 64


def policy_of(url: str, settings: CacheSettings, options: Options, now: float) -> Policy:
    """Give the policy for a request."""
    lifetime = Lifetime.of(url, settings, options)
    changes, known = _made.get(settings, (0, {}))
    if changes != settings.changes:
        known = {}
        _made[settings] = (settings.changes, known)
    policy = known.get((options, lifetime))
    if policy is None:
        policy = _make(settings, options, lifetime, now)
        if isinstance(lifetime.value, _RELATIVE) and len(known) < _MOST_POLICIES:
            known[options, lifetime] = policy
    return policy


def _make(settings: CacheSettings, options: Options, lifetime: Lifetime, now: float) -> Policy:
    rules = _rules_of(settings, options, lifetime, now)
    codes = frozenset(settings.allowable_codes)
    # Imported when it is needed, for an import is part of a cold start.
    if settings.cache_control:
        from ..policy.http import Http

        # The default of the simple rules is no wish; HTTP says what may be stored.
        return Http(rules._replace(statuses=None if codes == _DEFAULT_CODES else codes))
    from ..policy.keep import Keep

    at_once = options.given and options.expire_after == EXPIRE_IMMEDIATELY
    rules = rules._replace(statuses=codes, refresh=rules.refresh or at_once)
    return Keep(rules, lifetime.expires)


def _rules_of(settings: CacheSettings, options: Options, lifetime: Lifetime, now: float) -> Rules:
    seconds = _seconds(lifetime.value, now)
    flags = {
        name: True
        for name in _FLAGS
        # What is no setting would be looked for among the names of earlier versions.
        if (name in settings.NAMES and getattr(settings, name)) or getattr(options, name, False)
    }
    rules = Rules(
        lifetime=seconds if lifetime.is_specific else None,
        fallback=None if lifetime.is_specific else seconds,
        ends=None if isinstance(lifetime.value, _RELATIVE) else lifetime.expires(now),
        stale_if_error=_window(settings.stale_if_error),
        stale_while_revalidate=_window(settings.stale_while_revalidate),
        no_store=lifetime.value == DO_NOT_CACHE,
        methods=frozenset(settings.allowable_methods),
    )
    return rules._replace(**cast("Any", flags))


def _seconds(value: ExpirationTime, now: float) -> float | None:
    if value == DO_NOT_CACHE:
        return None
    expires = absolute_expiration(value, now)
    return inf if expires is None else max(0.0, expires - now)


def _window(setting: object) -> float | None:
    if isinstance(setting, bool):
        return inf if setting else None
    return float(setting) if isinstance(setting, int | float) else None
