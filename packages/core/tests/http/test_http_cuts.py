"""Never a wrong byte: parts in any order, from an origin that changes, breaks off and lies."""

from __future__ import annotations

import io
import re
from typing import Any, NamedTuple

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from requests import PreparedRequest, RequestException, Response
from requests.adapters import HTTPAdapter
from requests_cache import BaseCache, CachedSession
from requests_cache.backends.sqlite import SQLiteCache
from urllib3 import HTTPResponse

URL = "http://site.example/thing"
RANGE = re.compile(r"bytes=(\d*)-(\d*)")
VERSIONS = tuple(bytes([letter]) + bytes(range(letter, letter + 23)) for letter in (65, 97, 160))


class Deed(NamedTuple):
    """What the origin does to a request for a part."""

    version: int
    tag: str = "strong"
    lost: int = 0
    """How many octets of the part do not come; of a negative number, too many come."""
    total: int = 0
    """By how many octets the length in Content-Range is wrong."""
    delivery: str = "length"
    kind: str = "part"

    @property
    def is_honest(self) -> bool:
        return not self.lost and not self.total and self.kind in ("part", "whole")


class Origin(HTTPAdapter):
    """Answers with the next deed; notes what it did and what went over the wire."""

    deed = Deed(0)
    sent: bytes | None = None

    def send(self, request: PreparedRequest, **options: Any) -> Response:  # type: ignore[override]
        body = VERSIONS[self.deed.version]
        status, fields, data = self._answer(body, str(request.headers.get("Range", "")))
        self.sent = data
        raw = HTTPResponse(
            io.BytesIO(data), headers=fields, status=status, preload_content=False, reason="x"
        )
        return self.build_response(request, raw)

    def _answer(self, body: bytes, asked: str) -> tuple[int, dict[str, str], bytes]:
        deed = self.deed
        weak = "W/" if deed.tag == "weak" else ""
        fields = {"Cache-Control": "max-age=100"}
        if deed.tag != "none":
            fields["ETag"] = f'{weak}"{deed.version}"'
        span = resolve(asked, len(body)) if deed.kind != "whole" else None
        if deed.kind == "unsatisfied" and asked:
            return (
                416,
                fields | {"Content-Range": f"bytes */{len(body)}", "Content-Length": "0"},
                b"",
            )
        if span is None:
            return 200, fields | {"Content-Length": str(len(body))}, body
        first, last = span
        fields["Content-Range"] = f"bytes {first}-{last}/{len(body) + deed.total}"
        if deed.kind == "several":
            fields["Content-Type"] = "multipart/byteranges; boundary=x"
        if deed.kind == "coded":
            fields["Content-Encoding"] = "unknown"
        data = body[first : last + 1 - max(deed.lost, 0)] + b"!" * max(-deed.lost, 0)
        if deed.delivery == "length":
            fields["Content-Length"] = str(len(data))
        elif deed.delivery == "announced":
            fields["Content-Length"] = str(last + 1 - first)
        elif deed.delivery == "chunked":
            fields["Transfer-Encoding"] = "chunked"
        return 206, fields, data


def resolve(asked: str | None, length: int) -> tuple[int, int] | None:
    """Give the octets that a Range means; None where the whole is the answer."""
    match = RANGE.fullmatch(asked or "")
    if match is None:
        return None
    first, last = match.groups()
    if not first:
        return max(0, length - int(last)), length - 1
    span = int(first), min(int(last or length), length - 1)
    return span if span[0] <= span[1] else None


@st.composite
def ranges(draw: st.DrawFn) -> str | None:
    kind = draw(st.sampled_from(["whole", "span", "end", "suffix"]))
    first = draw(st.integers(0, 23))
    if kind == "whole":
        return None
    if kind == "suffix":
        return f"bytes=-{first + 1}"
    return f"bytes={first}-" + (str(draw(st.integers(first, 26))) if kind == "span" else "")


LIES = st.builds(
    Deed,
    version=st.integers(0, 2),
    tag=st.sampled_from(["strong", "weak", "none"]),
    lost=st.integers(-2, 5),
    total=st.integers(-1, 2),
    delivery=st.sampled_from(["length", "announced", "chunked", "close"]),
    kind=st.sampled_from(["part", "whole", "unsatisfied", "several", "coded"]),
)
# Mostly honest, for what a liar says is rarely used, and of one version, for only that is joined.
DEEDS = st.one_of(
    st.just(Deed(0)),
    st.sampled_from([Deed(1), Deed(0, delivery="chunked"), Deed(0, delivery="close")]),
    st.integers(1, 5).map(lambda lost: Deed(0, lost=lost, delivery="chunked")),
    LIES,
)
STEPS = st.lists(st.tuples(ranges(), DEEDS, st.booleans()), min_size=2, max_size=12)


def check(response: Response, content: bytes, asked: str | None, totals: set[int]) -> None:
    """Hold an answer to the version that it says it is of, and its length to what was said."""
    tag = response.headers.get("ETag", "")
    versions = [VERSIONS[int(tag.strip('W/"'))]] if tag else list(VERSIONS)
    if response.status_code == 200:
        assert content in versions
        return
    assert response.status_code == 206
    first, last, total = map(int, re.findall(r"\d+", response.headers["Content-Range"]))
    assert total in totals
    assert (first, last) == resolve(asked, total)
    assert content in [body[first : last + 1] for body in versions]


def play(cache: BaseCache, steps: list[tuple[str | None, Deed, bool]]) -> None:
    with CachedSession(backend=cache, cache_control=True) as session:
        origin = Origin()
        session.mount("http://", origin)
        totals = {len(VERSIONS[0])}
        for asked, deed, streams in steps:
            origin.deed, origin.sent = deed, None
            totals.add(len(VERSIONS[deed.version]) + deed.total)
            headers = {} if asked is None else {"Range": asked}
            try:
                response = session.get(URL, headers=headers, stream=streams)
                content = response.content
            except RequestException:
                assert deed.delivery == "announced"
                continue
            is_a_lie = not deed.is_honest and content == origin.sent
            if not is_a_lie and response.status_code != 416:
                check(response, content, asked, totals)


@given(STEPS)
@example([("bytes=0-0", Deed(0), False), ("bytes=0-", Deed(0, total=1), False)] * 2)
@settings(max_examples=200, deadline=None)
def test_no_answer_has_a_wrong_byte_in_memory(steps: list[tuple[str | None, Deed, bool]]) -> None:
    play(BaseCache(), steps)


@given(STEPS)
@settings(max_examples=30, deadline=None)
def test_no_answer_has_a_wrong_byte_in_sqlite(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str | None, Deed, bool]]
) -> None:
    play(SQLiteCache(tmp_path_factory.mktemp("cuts") / "http"), steps)


@pytest.mark.parametrize("delivery", ["length", "chunked", "close"])
@pytest.mark.parametrize("lost", [1, 5, -1])
def test_part_of_another_length_than_it_says_is_neither_joined_nor_stored(
    delivery: str, lost: int
) -> None:
    with CachedSession(backend="memory", cache_control=True) as session:
        session.mount("http://", origin := Origin())
        session.get(URL, headers={"Range": "bytes=0-9"})
        origin.deed = Deed(0, lost=lost, delivery=delivery)
        lying = session.get(URL, headers={"Range": "bytes=10-15"})
        assert lying.cache_status is not None
        assert lying.cache_status.detail == "incomplete"
        assert [response.size for response in session.cache.filter()] == [10]
        # Asked for the missing end it lies as well, so the whole is asked for.
        assert session.get(URL).content == VERSIONS[0]
        assert session.get(URL).from_cache
