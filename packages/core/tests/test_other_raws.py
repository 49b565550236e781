"""A streamed response whose `raw` urllib3 did not make is stored as it is read."""

from __future__ import annotations

import gzip
import http.client
import io
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import requests
from requests.adapters import BaseAdapter
from requests_cache._store.pieces import CheckedBody
from requests_cache._store.single_flight import Flight
from requests_cache._transfer.spool import Spool
from requests_cache._transfer.watching import Watch, WatchedFile, WatchedResponse
from urllib3 import HTTPResponse

MakeSession = Callable[..., Any]
BODY = b"some lines\nof text\n" * 1000
PACKED = gzip.compress(BODY, mtime=0)
# A file that is dropped unread warns, with a cache and without.
pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")
BOTH_RULES = pytest.mark.parametrize("cache_control", [False, True])


class OnlyRead:
    """A body that has nothing but `read`, with a size that has to be given."""

    def __init__(self, body: bytes) -> None:
        self._body = io.BytesIO(body)

    def read(self, amount: int) -> bytes:
        return self._body.read(amount)


class Recorded(http.client.HTTPResponse):
    """What a recorder plays back: of http.client's class, with what requests asks of urllib3."""

    def __init__(self, body: bytes) -> None:
        self._content = io.BytesIO(body)
        self.headers = http.client.HTTPMessage()
        self.version = 11

    def read(self, *args: Any, **options: Any) -> bytes:
        return self._content.read(*args)

    def readinto(self, buffer: Any) -> int:
        return self._content.readinto(buffer)

    def close(self) -> None:
        self._content.close()

    @property
    def closed(self) -> bool:  # type: ignore[override]  # as the recorder has it
        return self._content.closed

    def release_conn(self) -> None:
        """Hold no connection."""

    def stream(self, amount: int = 65536, decode_content: bool | None = None) -> Iterator[bytes]:
        while piece := self._content.read(amount):
            yield piece


class Decoding(Recorded):
    """One that decodes what it streams, and not what it reads."""

    def stream(self, amount: int = 65536, decode_content: bool | None = None) -> Iterator[bytes]:
        yield gzip.decompress(self._content.read())


class Adapter(BaseAdapter):
    def __init__(self, make_raw: Callable[[], object], headers: dict[str, str]) -> None:
        super().__init__()
        self.make_raw, self.headers = make_raw, {"Cache-Control": "max-age=60", **headers}
        self.count = 0

    def send(self, request: requests.PreparedRequest, **options: object) -> requests.Response:  # type: ignore[override]  # a double
        self.count += 1
        response = requests.Response()
        response.status_code, response.request, response.url = 200, request, str(request.url)
        response.headers.update(self.headers)
        response.raw = self.make_raw()
        return response

    def close(self) -> None:
        """Hold nothing."""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "body"
    path.write_bytes(BODY)
    return path


RAWS: dict[str, Callable[[Path], object]] = {
    "BytesIO": lambda path: io.BytesIO(BODY),
    "a file": lambda path: path.open("rb"),
    "an unbuffered file": lambda path: path.open("rb", buffering=0),
    "only read": lambda path: OnlyRead(BODY),
    "a recorder": lambda path: Recorded(BODY),
}


def read_whole(response: Any) -> bytes:
    return bytes(response.raw.read(10**9)) + bytes(response.raw.read(1))


def read_into(response: Any) -> bytes:
    room = bytearray(777)
    return b"".join(iter(lambda: bytes(room[: response.raw.readinto(room)]), b""))


WAYS: dict[str, Callable[[Any], bytes]] = {
    "content": lambda response: response.content,
    "iter_content": lambda response: b"".join(response.iter_content(100)),
    "iter_lines": lambda response: b"\n".join(response.iter_lines()) + b"\n",
    "raw.read(n)": read_whole,
    "raw.read()": lambda response: response.raw.read(),
    "raw.readinto": read_into,
    "raw.readlines": lambda response: b"".join(response.raw.readlines()),
    "raw": lambda response: b"".join(response.raw),
    "raw.stream": lambda response: b"".join(response.raw.stream(100)),
}


def make(make_session: MakeSession, adapter: Adapter, **options: Any) -> Any:
    session = make_session(**options)
    session.mount("double://", adapter)
    return session


@pytest.mark.parametrize(("length", "cache_control"), [(None, False), (len(BODY), True)])
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", RAWS)
def test_what_was_read_to_its_end_is_stored(
    kind: str,
    way: str,
    length: int | None,
    cache_control: bool,
    file: Path,
    make_session: MakeSession,
) -> None:
    """Where a `raw` lacks the method, it lacks it with a cache, too."""
    headers = {} if length is None else {"Content-Length": str(length)}
    adapter = Adapter(lambda: RAWS[kind](file), headers)
    plain = requests.Session()
    plain.mount("double://", adapter)
    try:
        expected = WAYS[way](plain.get("double://x/", stream=True))
    except (AttributeError, TypeError) as error:
        expected = type(error)  # type: ignore[assignment]  # what has to come then
    session = make(make_session, adapter, cache_control=cache_control)
    response = session.get("double://x/", stream=True)
    if not isinstance(expected, bytes):
        with pytest.raises(expected):
            WAYS[way](response)
        return
    assert WAYS[way](response) == expected == BODY
    assert response.cache_status.stored
    with suppress(AttributeError):
        response.close()
    hit = session.get("double://x/")
    assert hit.from_cache
    assert hit.content == BODY


@BOTH_RULES
@pytest.mark.parametrize("end", ["dropped", "closed", "stopped", "left"])
@pytest.mark.parametrize("kind", RAWS)
def test_nobody_waits_for_what_is_not_read(
    kind: str,
    end: str,
    cache_control: bool,
    file: Path,
    make_session: MakeSession,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits: list[Flight] = []

    def note(flight: Flight, seconds: float | None) -> bool:
        waits.append(flight)
        return False

    monkeypatch.setattr(Flight, "wait", note)
    session = make(make_session, Adapter(lambda: RAWS[kind](file), {}), cache_control=cache_control)
    response = session.get("double://x/", stream=True)
    if end == "stopped":
        next(response.iter_content(10))
    if end in {"closed", "stopped"} and hasattr(response.raw, "close"):
        response.close()
        assert response.cache_status.detail == "interrupted"
    elif end == "left" and hasattr(response.raw, "__enter__"):
        with suppress(AttributeError), response.raw:
            pass
    del response
    assert len(session.cache.flights) == 0
    other = Thread(target=session.get, args=("double://x/",))
    other.start()
    other.join(60)
    assert waits == []


@BOTH_RULES
@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize("make_raw", [lambda: Recorded(PACKED), lambda: Decoding(PACKED)])
def test_the_content_of_a_coded_body_is_that_of_the_miss(
    make_raw: Callable[[], object], stream: bool, cache_control: bool, make_session: MakeSession
) -> None:
    """Some decode, some do not: what requests gives is what is stored."""
    headers = {"Content-Encoding": "gzip", "Content-Length": str(len(PACKED))}
    session = make(make_session, Adapter(make_raw, headers), cache_control=cache_control)
    miss = session.get("double://x/", stream=stream)
    content = miss.content
    assert miss.cache_status.stored
    hit = session.get("double://x/")
    assert hit.from_cache
    assert hit.content == content
    assert hit.headers.items() >= miss.headers.items()


def test_a_coded_body_that_is_read_past_its_decoder_is_not_stored(
    make_session: MakeSession,
) -> None:
    session = make(make_session, Adapter(lambda: Decoding(PACKED), {"Content-Encoding": "gzip"}))
    with session.get("double://x/", stream=True) as miss:
        assert miss.raw.read() == PACKED
    assert miss.cache_status.detail == "not-followed"
    assert session.get("double://x/").content == BODY


@BOTH_RULES
def test_a_body_that_is_shorter_than_it_says_is_not_stored(
    cache_control: bool, make_session: MakeSession
) -> None:
    headers = {"Content-Length": str(len(BODY) + 1)}
    adapter = Adapter(lambda: io.BytesIO(BODY), headers)
    session = make(make_session, adapter, cache_control=cache_control)
    miss = session.get("double://x/", stream=True)
    assert miss.content == BODY
    assert miss.cache_status.detail == "incomplete"


def test_a_body_that_is_read_out_of_order_is_not_stored(make_session: MakeSession) -> None:
    session = make(make_session, Adapter(lambda: io.BytesIO(BODY), {}))
    miss = session.get("double://x/", stream=True)
    miss.raw.seek(5)
    assert miss.raw.read() == BODY[5:]
    assert miss.cache_status.detail == "not-followed"


def test_an_error_of_the_body_reaches_the_caller(make_session: MakeSession) -> None:
    class Broken(OnlyRead):
        def read(self, amount: int) -> bytes:
            raise ZeroDivisionError

    session = make(make_session, Adapter(lambda: Broken(b""), {}))
    miss = session.get("double://x/", stream=True)
    with pytest.raises(ZeroDivisionError):
        _ = miss.content
    assert miss.cache_status.detail == "interrupted"


@pytest.mark.parametrize("stream", [False, True])
def test_no_body_at_all_is_stored_at_once(make_session: MakeSession, stream: bool) -> None:
    session = make(make_session, Adapter(lambda: None, {}))
    assert session.get("double://x/", stream=stream).cache_status.stored
    assert session.get("double://x/").from_cache


def test_what_stands_in_its_place_looks_like_the_body() -> None:
    body = io.BytesIO(BODY)
    watched: Any = WatchedFile(body, None, coded=False)
    assert isinstance(watched, io.BytesIO)
    assert not hasattr(watched, "stream")
    assert repr(watched) == repr(body)
    assert (next(watched), watched.read1(-1)) == (b"some lines\n", BODY[11:])
    assert watched.read1() == b""
    watched.seek(0)
    assert io.TextIOWrapper(watched).readline() == "some lines\n"
    assert not hasattr(object.__new__(WatchedFile), "watches")
    assert WatchedFile(Waiting(), None, coded=False).read() is None
    recorded = Recorded(BODY)
    watched = WatchedFile(recorded, None, coded=False)
    watched.decode_content = True
    assert recorded.decode_content is True  # type: ignore[attr-defined]  # it has been set


class Waiting(io.BytesIO):
    """A file that has nothing yet."""

    def read(self, *args: Any) -> Any:
        return None


class TersePlace(BaseAdapter):
    """Answers without saying what."""

    def send(self, request: Any, **kwargs: Any) -> Any:  # type: ignore[override]
        response = requests.Response()
        response.status_code, response.raw = 200, io.BytesIO(BODY)
        return response

    def close(self) -> None:
        """Close nothing."""


@pytest.mark.parametrize("cache_control", [False, True])
@pytest.mark.parametrize("stream", [False, True])
def test_an_adapter_need_not_say_what_it_answers(
    make_session: Any, cache_control: bool, stream: bool
) -> None:
    session = make_session(cache_control=cache_control, expire_after=60)
    session.mount("http://", TersePlace())
    for is_hit in (False, True, True):
        response = session.get("http://terse.test/a", stream=stream)
        assert response.content == BODY
        assert response.from_cache is is_hit
        assert response.url == response.request.url == "http://terse.test/a"


def test_a_body_that_cannot_be_kept_is_given_up() -> None:
    class Interrupted(Spool):
        def add(self, data: bytes) -> None:
            raise KeyboardInterrupt

    given_up: list[str | None] = []
    watch = Watch(Interrupted(), lambda spool: bool(given_up.append(spool.refusal)))
    with pytest.raises(KeyboardInterrupt):
        watch.keep(b"a")
    assert given_up == ["interrupted"]


def test_raws_of_one_class_are_watched_by_one_class() -> None:
    class Own(HTTPResponse):
        """A class of a program's own."""

    raws = [Own(io.BytesIO(), preload_content=False) for _ in range(2)]
    for raw in raws:
        WatchedResponse.watch(raw, Watch(Spool(), bool))
    assert type(raws[0]) is type(raws[1]) is not Own


def test_a_stored_body_is_not_read_after_it_was_closed() -> None:
    told: list[str | None] = []
    file = io.BytesIO(BODY)
    body = CheckedBody(file, len(BODY), None, told.append)
    body.close()
    file.close()
    with pytest.raises(ValueError, match="closed"):
        body.read(1)
    assert told == []
