"""What every serializer does: what it takes comes back, and what is not its own is noticed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import pytest
from requests import PreparedRequest, Response
from requests.structures import CaseInsensitiveDict

from ..errors import FormatMismatchError, RecordError
from ..models.response import CachedResponse
from ..serializers import DefaultSerializer, Serializer
from ..serializers.base import join
from .contract import ContractTests, advises
from .stores.threads import in_threads
from .stores.values import VALUES, body_of

__all__ = ["SerializerContract"]

BODIES: Final = {
    "empty": b"",
    "text": "grüße 文字 🎉".encode(),
    "all bytes": bytes(range(256)),
    "NUL": b"\0" * 10,
    "64 KB": body_of(65_537),
    "2 MB": body_of(2_000_000),
}
FOREIGN: Final = {
    "nothing": b"",
    "zeros": bytes(64),
    "HTML": b"<html><body>not ours</body></html>",
    "JSON": b'{"a": 1}',
    "a pickle": b"\x80\x05}\x94.",
    "gzip": b"\x1f\x8b\x08\0" + bytes(20),
    "a later record": b"RQC\xfe" + bytes(60),
    "text": "grüße".encode() * 10,
}


def response_with(body: bytes, **changes: Any) -> CachedResponse:
    """Make a response that has something in each field."""
    request = PreparedRequest()
    request.prepare("POST", "https://example.org/a?b=%20", {"X": "y"}, data=b"\xff\0body")
    response = Response()
    response.status_code, response.reason, response.url = 203, "Grüße", request.url or ""
    response.headers = CaseInsensitiveDict({"Content-Type": "text/plain", "X-Latin": "caf\xe9"})
    response.encoding, response.elapsed = "utf-8", timedelta(seconds=1.25)
    response.request, response._content = request, body
    for name, value in changes.items():
        setattr(response, name, value)
    return CachedResponse.from_response(response, expires=2_000_000_000.5)


def seen(response: CachedResponse) -> dict[str, Any]:
    """Give what a user can see of a response."""
    request = response.request
    hops = [(hop.status_code, hop.url, hop.content) for hop in response.history]
    return {
        "status": (response.status_code, response.reason),
        "url": response.url,
        "headers": list(response.headers.items()),
        "encoding": response.encoding,
        "elapsed": response.elapsed,
        "expires": response.expires,
        "created": response.created_at,
        "request": (request.method, request.url, dict(request.headers), request.body),
        "history": hops,
        "size": len(response.content),
    }


class SerializerContract(ContractTests):
    """The contract of a serializer: subclass it as `Test...`, override `make_serializer`."""

    advice = (
        "give back from `decode` what `encode` took, of the same types; a subclass of"
        " DocumentSerializer has to do so only for plain data in `to_bytes` and `from_bytes`"
    )

    @pytest.fixture
    def make_serializer(self) -> Any:
        """Give what makes the serializer; overridden by whoever tests one."""
        raise NotImplementedError(
            f"{type(self).__name__}: override the fixture make_serializer with one that returns a"
            " function (or the class) that makes the serializer"
        )

    @pytest.fixture
    def serializer(self, make_serializer: Any) -> Serializer:
        """Give a serializer."""
        made: Serializer = make_serializer()
        return made

    @advises("derive from requests_cache.serializers.DocumentSerializer, or from Serializer")
    def test_is_a_serializer(self, serializer: Serializer) -> None:
        """It is a Serializer with a name and a suffix for files."""
        assert isinstance(serializer, Serializer)
        assert serializer.name
        assert serializer.extension.startswith(".")
        serializer.check_responses()

    @pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
    def test_response(self, serializer: Serializer, body: bytes) -> None:
        """A response comes back with all that it had, its body to the byte."""
        response = response_with(body)
        again = serializer.decode(*serializer.encode(response))
        assert isinstance(again, CachedResponse)
        assert seen(again) == seen(response)
        same_content = again.content == body
        assert same_content, "the body came back as another one"

    def test_response_in_one_piece(self, serializer: Serializer) -> None:
        """`dumps` and `loads` do in one piece what `encode` and `decode` do in two."""
        response = response_with(b"\xff\0 in one piece")
        again = serializer.loads(serializer.dumps(response))
        assert isinstance(again, CachedResponse)
        assert seen(again) == seen(response)
        assert again.content == response.content

    def test_response_with_a_history(self, serializer: Serializer) -> None:
        """The redirects on the way come back, with their bodies."""
        hop = Response()
        hop.status_code, hop.url, hop._content = 302, "https://example.org/old", b"\xffmoved"
        hop.request = PreparedRequest()
        hop.request.prepare("GET", hop.url)
        response = response_with(b"here", history=[hop])
        again = serializer.decode(*serializer.encode(response))
        assert isinstance(again, CachedResponse)
        assert seen(again)["history"] == [(302, hop.url, b"\xffmoved")]

    def test_never_expires(self, serializer: Serializer) -> None:
        """A response that never expires does not expire when it comes back."""
        response = response_with(b"")
        response.set_expiration(None)
        again = serializer.decode(*serializer.encode(response))
        assert isinstance(again, CachedResponse)
        assert again.expires is None

    @advises(
        "a cache keeps keys, lists and numbers beside its responses, so take plain values of all"
        " types that docs/serializers.md lists; DocumentSerializer packs them into plain data"
    )
    @pytest.mark.parametrize("value", VALUES.values(), ids=VALUES)
    def test_value(self, serializer: Serializer, value: object) -> None:
        """Plain values come back equal and of the same type."""
        again = serializer.decode(*serializer.encode(value))
        assert again == value
        assert type(again) is type(value)

    @advises(
        "begin what is written with a mark of its own, and raise RecordError for whatever does not"
        " begin so: `raise mismatch(head, self.name)`; DocumentSerializer does both"
    )
    @pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
    def test_foreign_bytes(self, serializer: Serializer, data: bytes) -> None:
        """Bytes of something else raise RecordError, and no other error."""
        for head, body in ((data, b""), (data, data)):
            with pytest.raises(RecordError):
                serializer.decode(head, body)

    @advises(
        "begin what is written with a mark of its own; DocumentSerializer makes one of `name`, so"
        " give the format a name that no other has"
    )
    def test_another_serializer_says_whose_it_is(self, serializer: Serializer) -> None:
        """What it writes is not taken for that of another format, nor the other way round."""
        ours = DefaultSerializer()
        if _format_of(serializer) is DefaultSerializer:
            return
        response = response_with(b"body")
        with pytest.raises(FormatMismatchError):
            ours.decode(*serializer.encode(response))
        with pytest.raises(RecordError):
            serializer.decode(*ours.encode(response))

    @advises(
        "put a checksum over all that is written and compare it before anything is parsed, and let"
        " no error of a parser out but RecordError; DocumentSerializer does both"
    )
    @pytest.mark.parametrize("what", ["response", "value"])
    def test_damage(self, serializer: Serializer, what: str) -> None:
        """A byte that is changed or missing raises RecordError, or changes nothing."""
        value = response_with(b"a body of some bytes") if what == "response" else ["value", 1.5]
        head, body = serializer.encode(value)
        step = max(1, len(head) // 50)
        for at in range(0, len(head), step):
            _assert_noticed(serializer, value, _changed(head, at), body)
            _assert_noticed(serializer, value, head[:at], body)
        for at in range(0, len(body) if what == "response" else 0, 7):
            _assert_noticed(serializer, value, head, _changed(body, at))
            _assert_noticed(serializer, value, head, body[:at])

    @advises("declare `splits` if the head of a response can be read without its body, else not")
    def test_splits_is_what_is_declared(self, serializer: Serializer) -> None:
        """A format that splits gives a response without its body; another one ignores the body."""
        response = response_with(b"body")
        head, body = serializer.encode(response)
        if not serializer.splits:
            assert body == b"", "it declares no `splits`, so all has to be in the head"
            return
        larger, _ = serializer.encode(response_with(body_of(50_000)))
        assert len(larger) < len(head) + 10_000, "it declares `splits`, but the body is in the head"
        alone = serializer.decode(head, None)
        assert isinstance(alone, CachedResponse)
        assert (alone.status_code, alone.url) == (response.status_code, response.url)
        assert serializer.loads(join(head, body)) is not None

    @advises("declare `streams` only if the body is stored as it came, to the byte")
    def test_streams_is_what_is_declared(self, serializer: Serializer) -> None:
        """A format that streams leaves the body as it is."""
        if serializer.streams:
            assert serializer.splits
            _, body = serializer.encode(response_with(b"as it came"))
            assert body == b"as it came"

    @advises("keep nothing of a value in the serializer: one is used by many threads at once")
    def test_threads_share_it(self, serializer: Serializer) -> None:
        """Threads that write and read at the same time do not mix their values."""

        def work(number: int) -> None:
            for round_ in range(20):
                body = b"%d/%d" % (number, round_) * 100
                again = serializer.decode(*serializer.encode(response_with(body)))
                assert isinstance(again, CachedResponse)
                assert again.content == body

        in_threads(work, threads=4)

    @advises("leave the value that `encode` was given as it is")
    def test_writing_changes_nothing(self, serializer: Serializer) -> None:
        """A response that was written is as it was before."""
        response = response_with(b"body")
        before = seen(response)
        serializer.encode(response)
        assert seen(response) == before
        assert response.created_at <= datetime.now(UTC)


def _format_of(serializer: Serializer) -> type[object]:
    return type(getattr(serializer, "format", serializer))


def _changed(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :]


def _same(found: object, value: object) -> bool:
    if isinstance(found, CachedResponse) and isinstance(value, CachedResponse):
        return seen(found) == seen(value) and found.content == value.content
    return found == value


def _assert_noticed(serializer: Serializer, value: object, head: bytes, body: bytes) -> None:
    try:
        found = serializer.decode(head, body)
    except RecordError:
        return
    except Exception as error:
        raise AssertionError(f"damage raises {type(error).__name__}, not RecordError") from error
    assert _same(found, value), "damage is not noticed"
