"""What versions 0.7 to 1.3 stored: where it lies, in which forms, and how it becomes a response.

What is on a server is read by the module `migrating` of its backend.
"""

from __future__ import annotations

import binascii
import json
import pickle
from base64 import b64decode, b85decode
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, Final, TypeAlias, cast

from requests import PreparedRequest, Response
from requests.cookies import RequestsCookieJar
from requests.structures import CaseInsensitiveDict

from ..backends.registry import import_backend
from ..errors import ConfigurationError, NotInstalledError, RecordError

# Places: a SQLite file, a folder of files, or a server

Stored: TypeAlias = bytes | str | Mapping[str, Any]
"""A response as it was stored: serialized, or as the fields of a document."""

_SUFFIXES: Final = frozenset({"", ".bson", ".json", ".pickle", ".pkl", ".yaml", ".yml"})
_OF_PATHS: Final = (None, "filesystem", "sqlite")
_OF_SERVERS: Final = ("redis", "mongo", "mongodb", "gridfs", "dynamodb")


def read_source(
    source: str | Path, backend: str | None = None, connection: Any = None
) -> Iterator[tuple[str, Stored]]:
    """Give the key and the value of every response; the arguments are those of `migrate`.

    Raises:
        ConfigurationError: there is no such cache.
        NotInstalledError: the backend is not installed.
    """
    if backend in _OF_SERVERS:
        module = import_backend("mongo" if backend == "mongodb" else backend).__name__
        found: Iterator[tuple[str, Stored]] = import_module(f"{module}.migrating").read_earlier(
            str(source), connection
        )
        return found
    if backend not in _OF_PATHS:
        names = ", ".join(("sqlite", "filesystem", *_OF_SERVERS))
        raise ConfigurationError(f"migrate: backend={backend!r}: choose one of {names}")
    path = Path(source)
    if path.is_dir():
        return _read_folder(path)
    if path.is_file():
        return _read_sqlite(path)
    raise ConfigurationError(f"migrate: {str(path)!r} is neither a SQLite file nor a folder")


def holds_cache(path: Path) -> bool:
    """Say whether an older version stored responses in a SQLite file or a folder."""
    import sqlite3

    if path.is_dir():
        return any(file.is_file() and file.suffix in _SUFFIXES for file in path.iterdir())
    if not path.is_file():
        return False
    with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
        names = connection.execute("SELECT name FROM pragma_table_info('responses')").fetchall()
    return ("value",) in names


def _read_folder(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.iterdir()):
        if path.is_file() and path.suffix in _SUFFIXES:
            yield path.name, path.read_bytes()


def _read_sqlite(path: Path) -> Iterator[tuple[str, bytes]]:
    import sqlite3

    uri = f"{path.resolve().as_uri()}?mode=ro"
    # Where the target fails, the collector may close this in any thread.
    with closing(sqlite3.connect(uri, uri=True, check_same_thread=False)) as connection:
        try:
            rows = connection.execute("SELECT key, value FROM responses")
        except sqlite3.Error as error:
            raise ConfigurationError(
                f"migrate: {str(path)!r} is no cache of requests-cache 0.7 to 1.3: {error}"
            ) from error
        for key, value in rows:
            yield str(key), value.encode() if isinstance(value, str) else bytes(value)


# Forms


def parse_stored(data: Stored, trust_pickle: bool) -> Mapping[str, Any]:
    """Give the fields of a stored response, whatever it was serialized with.

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
        stored = _parse("JSON", json.loads, data)
    elif data[-1:] == b"\0" and int.from_bytes(data[:4], "little") == len(data):
        # https://bsonspec.org/spec.html: the length first, a zero byte at the end.
        stored = _parse("BSON", _library("BSON").decode, data)
    else:
        # Not the loader in C: it ends the process when the text is nested too deeply.
        stored = _parse("YAML", _library("YAML").safe_load, data)
    if not isinstance(stored, Mapping):
        raise RecordError("the stored value is no response")
    return stored


def _parse(form: str, parse: Callable[[bytes], Any], data: bytes) -> Any:
    try:
        return parse(data)
    except RecordError:
        raise
    except Exception as error:  # a parser may raise anything for bytes that are not its own
        raise RecordError(f"the {form} cannot be read") from error


def _library(form: str) -> Any:
    name = form.lower()
    try:
        return import_module(name)
    except ImportError as error:
        raise NotInstalledError(
            f'migrate: the cache is written in {form}: pip install "requests-cache-core[{name}]"'
        ) from error


# Pickles, read without running what they name

# What the pickles of responses name besides classes of requests_cache and urllib3.
_HARMLESS: Final = frozenset(
    {
        ("_codecs", "encode"),
        ("_io", "BytesIO"),
        ("builtins", "object"),
        ("builtins", "set"),
        ("collections", "OrderedDict"),
        ("collections", "deque"),
        ("copyreg", "_reconstructor"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("http.cookiejar", "Cookie"),
        ("http.cookiejar", "DefaultCookiePolicy"),
        ("requests.cookies", "RequestsCookieJar"),
        ("requests.structures", "CaseInsensitiveDict"),
    }
)
_REQUEST: Final = "body cookies headers method url"
_RESPONSE: Final = (
    "_content url status_code cookies created_at elapsed expires encoding headers history reason"
    " request raw"
)
# Earlier releases of attrs give the values of slots without their names; so 0.7.0 had responses.
_SLOTS: Final = {len(names.split()): names.split() for names in (_REQUEST, _RESPONSE)}
_STOOD_IN_FOR: Final = ("requests_cache.", "requests.models", "urllib3.")


class StandIn(dict[str, Any]):
    """Takes the state of an object whose class is not there, or is another one today."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        """Keep the state, of slots or not, as items."""
        if isinstance(state, tuple) and len(state) in _SLOTS:
            state = dict(zip(_SLOTS[len(state)], state, strict=True))
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                self.update(part)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _HARMLESS:
            return super().find_class(module, name)
        if f"{module}.".startswith(_STOOD_IN_FOR):
            return StandIn
        raise RecordError(f"the pickle asks for {module}.{name}, which no cached response needs")


def read_pickle(data: bytes) -> Any:
    """Give what a pickle of a response holds, as plain values and `StandIn` objects.

    A signature after the pickle is passed over.

    Raises:
        RecordError: it cannot be read, or asks for something else than a response does.
    """
    return _parse("pickle", lambda data: _Unpickler(BytesIO(data)).load(), data)


# Responses


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
