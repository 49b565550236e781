"""Responses as versions 0.7 to 1.3 stored them, and how they become responses again."""

from __future__ import annotations

import binascii
import json
from base64 import b64decode, b85decode
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, cast

from requests import PreparedRequest, Response
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from ..errors import ConfigurationError, NotInstalledError, RecordError
from .sources import Stored
from .unpickling import read_pickle

__all__ = ["build_response", "parse_stored", "timestamp"]


def parse_stored(data: Stored, trust_pickle: bool) -> Mapping[str, Any]:
    """Give the fields of a stored response, whatever it was serialized with.

    Args:
        data: the value that was stored; a store of documents has fields already.
        trust_pickle: read pickles.

    Raises:
        ConfigurationError: it is a pickle, and these are not trusted.
        RecordError: it cannot be read.
    """
    if isinstance(data, Mapping):
        return data
    if isinstance(data, str):
        data = data.encode()
    if data[:1] == b"\x80":
        if not trust_pickle:
            raise ConfigurationError(
                "migrate: the cache holds pickles, and a pickle can run code when it is read:"
                " pass trust_pickle=True if nobody else could write to it"
            )
        stored = read_pickle(data)
    elif data.lstrip()[:1] == b"{":
        stored = _parse_json(data)
    elif data[-1:] == b"\0" and int.from_bytes(data[:4], "little") == len(data):
        # https://bsonspec.org/spec.html: the length first, a zero byte at the end.
        stored = _parse_bson(data)
    else:
        stored = _parse_yaml(data)
    if not isinstance(stored, Mapping):
        raise RecordError("the stored value is no response")
    return stored


def _parse_json(data: bytes) -> Any:
    try:
        return json.loads(data)
    except (ValueError, RecursionError) as error:
        raise RecordError("the JSON cannot be read") from error


def _parse_bson(data: bytes) -> Any:
    try:
        import bson
    except ImportError as error:
        raise NotInstalledError(
            'migrate: the cache is written in BSON: pip install "requests-cache-core[bson]"'
        ) from error
    try:
        return bson.decode(data)
    except Exception as error:  # a parser may raise anything for bytes that are not its own
        raise RecordError("the BSON cannot be read") from error


def _parse_yaml(data: bytes) -> Any:
    try:
        import yaml
    except ImportError as error:
        raise NotInstalledError(
            'migrate: the cache is written in YAML: pip install "requests-cache-core[yaml]"'
        ) from error
    try:
        # Not the loader in C: it ends the process when the text is nested too deeply.
        return yaml.load(data, Loader=yaml.SafeLoader)
    except Exception as error:  # a parser may raise anything for bytes that are not its own
        raise RecordError("the YAML cannot be read") from error


def build_response(stored: Mapping[str, Any]) -> Response:
    """Build a response, its request and its history from the fields that were stored.

    Raises:
        RecordError: they do not make a response.
    """
    try:
        response = _build(stored)
        response.history = [_build(hop) for hop in stored.get("history") or ()]
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
        raise RecordError("the stored value is no response") from error
    return response


def _build(stored: Mapping[str, Any]) -> Response:
    response = Response()
    response.status_code = int(stored["status_code"])
    response.reason = stored.get("reason") or ""
    response.url = str(stored["url"])
    response.headers = _headers(stored.get("headers"))
    response.encoding = stored.get("encoding")
    response.elapsed = _elapsed(stored.get("elapsed"))
    response.cookies = _cookies(stored.get("cookies"))
    response._content = _content(stored, response.headers)
    response.request = _request(stored["request"])
    return response


def _request(stored: Mapping[str, Any]) -> PreparedRequest:
    request = PreparedRequest()
    request.method = str(stored["method"])
    request.url = str(stored["url"])
    headers = _headers(stored.get("headers"))
    request.headers = cast("CaseInsensitiveDict[str | bytes]", headers)
    body = stored.get("body")
    # JSON has no bytes, so a body was written in Base85, or in Base64 by the later versions.
    if isinstance(body, str):
        body = _decode(body, headers)
    # Versions before 1.0 wrote "None" for no body.
    is_empty = not body or (body == b"None" and "Content-Length" not in request.headers)
    request.body = None if is_empty else body
    return request


def _content(stored: Mapping[str, Any], headers: CaseInsensitiveDict[str]) -> bytes:
    decoded = stored.get("_decoded_content")
    if isinstance(decoded, str) and decoded:
        return decoded.encode(stored.get("encoding") or "utf-8", "replace")
    if isinstance(decoded, dict | list):
        # Written as JSON instead of as text; its white space is lost.
        return json.dumps(decoded).encode()
    content = stored.get("_content") or b""
    return _decode(content, headers) if isinstance(content, str) else bytes(content)


def _decode(text: str, headers: Mapping[str, str]) -> bytes:
    """Decode Base64 or Base85; what both could be is what has the right length."""
    candidates = []
    for decode in (_strict_b64decode, b85decode):
        try:
            candidates.append(decode(text))
        except (ValueError, binascii.Error):
            continue
    length = str(headers.get("Content-Length", ""))
    fitting = [each for each in candidates if str(len(each)) == length]
    if not candidates:
        return text.encode("utf-8", "surrogatepass")
    return (fitting or candidates)[0]


def _strict_b64decode(text: str) -> bytes:
    return b64decode(text.replace("\n", ""), validate=True)


def _headers(stored: Any) -> CaseInsensitiveDict[str]:
    items = stored.items() if isinstance(stored, Mapping | CaseInsensitiveDict) else ()
    return CaseInsensitiveDict(
        {
            (name.decode("latin-1") if isinstance(name, bytes) else str(name)): (
                value.decode("latin-1") if isinstance(value, bytes) else str(value)
            )
            for name, value in items
        }
    )


def _cookies(stored: Any) -> RequestsCookieJar:
    if isinstance(stored, RequestsCookieJar):
        return stored
    jar = RequestsCookieJar()
    jar.update(dict(stored) if isinstance(stored, Mapping) else {})
    return jar


def _elapsed(stored: Any) -> timedelta:
    return stored if isinstance(stored, timedelta) else timedelta(seconds=float(stored or 0))


def timestamp(stored: Any) -> float | None:
    """Give a stored time in seconds since the epoch; those without a zone are in UTC.

    Raises:
        RecordError: it is no time.
    """
    if not stored:
        return None
    try:
        when = stored if isinstance(stored, datetime) else datetime.fromisoformat(stored)
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).timestamp()
    except (TypeError, ValueError, OverflowError) as error:
        raise RecordError("the stored response has no usable time") from error
