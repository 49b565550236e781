"""Bodies that were made for one visitor are his, however large, coded or streamed."""

from __future__ import annotations

import gzip
from typing import Any

import pytest
from requests_cache import BaseCache, CachedSession
from requests_cache._matching.texts import tells_visitor
from requests_cache.testing.origin import Answer, Origin, Request

WINDOW = 256 * 1024
FORM = '<input type="hidden" name="csrf_token" value="1">'
FILL = "lorem ipsum "


def body_of(size: int, place: int, told: str) -> str:
    """Give a text of a size, with what is told at a place."""
    fill = FILL * (size // len(FILL) + 1)
    return fill[:place] + told + fill[place : max(place, size - len(told))]


SIZES = {
    "small": (1_000, 500),
    "at the end of a window": (WINDOW + 5_000, WINDOW - len(FORM) // 2),
    "in the third window": (3 * WINDOW, 2 * WINDOW + 77),
    "at the end": (900_000, 899_900),
}


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("stream", [False, True], ids=["whole", "stream"])
@pytest.mark.parametrize("coded", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("told", ["nothing", "form", "cookie"])
@pytest.mark.parametrize("size", SIZES)
def test_it_is_found_by_whoever_it_may_be_given_to(
    size: str, told: str, coded: bool, stream: bool, rules: bool
) -> None:
    def page(request: Request) -> Answer:
        visitor = request.headers.get("cookie", "v=nobody-000000000").partition("=")[2]
        texts = {"nothing": "", "form": FORM, "cookie": visitor}
        text = body_of(*SIZES[size], texts[told]).encode()
        fields = [("Content-Type", "text/html"), ("Cache-Control", "max-age=600")]
        fields += [("Content-Encoding", "gzip")] if coded else []
        return Answer(gzip.compress(text, 1) if coded else text, tuple(fields))

    def enter(request: Request) -> Answer:
        name = request.query["name"]
        return Answer(b"", (("Set-Cookie", f"v={name}-1234567890; Path=/"),))

    cache = BaseCache()
    with Origin({"/page": page, "/enter": enter}) as origin:

        def visit(name: str) -> list[bool]:
            session: Any = CachedSession(backend=cache, cache_control=rules, autoclose=False)
            session.get(origin.url(f"/enter?name={name}"))
            hits = []
            for _ in range(2):
                answer = session.get(origin.url("/page"), stream=stream)
                assert told != "cookie" or f"{name}-1234567890" in answer.text
                assert answer.content
                hits.append(answer.from_cache)
            return hits

        assert visit("alice") == [False, True]
        assert visit("bob") == [told == "nothing", True]


TOKEN = "9f3kd81hw72kslq0"
TELLING = [
    f'<input type="hidden" name="form_key" value="{TOKEN}">',
    f"<INPUT VALUE='{TOKEN}' NAME='securitytoken' TYPE='hidden'/>",
    f'<input type="hidden" name="registration[_token]" value="{TOKEN}">',
    f'<input type="hidden" name="atl_token" value="{TOKEN}">',
    f'<input type="hidden" name="_csrf-frontend" value="{TOKEN}">',
    f'<input type="hidden" name="javax.faces.ViewState" value="{TOKEN}">',
    f'<input type="hidden" name="sesskey" value="{TOKEN}">',
    f'<meta name="csrf-token" content="{TOKEN}">',
    f'<script>var csrfToken = "{TOKEN}";</script>',
    f'<script>{{"csrf.token":"{TOKEN}"}}</script>',
    f'<body data-csrf="{TOKEN}">',
    f'{{"csrfToken": "{TOKEN}"}}',
]
SILENT = [
    f'<input type="hidden" name="page_token" value="{TOKEN}">',
    '<input type="hidden" name="recaptcha_token" value="">',
    f'<input type="hidden" name="build" value="{TOKEN}">',
    'defaults={xsrfCookieName:"XSRF-TOKEN",xsrfHeaderName:"X-XSRF-TOKEN"}',
    "A token against CSRF: see chapter 12, &quot;9f3kd81hw72kslq0&quot;.",
    f'{{"nextToken": "{TOKEN}"}}',
]


@pytest.mark.parametrize(("body", "tells"), [(b, b in TELLING) for b in TELLING + SILENT])
def test_a_token_that_its_session_is_bound_to_is_found_wherever_a_page_has_it(
    body: str, tells: bool
) -> None:
    assert tells_visitor(body, ()) is tells


@pytest.mark.parametrize(
    ("largest", "kind"), [(10, "text/html"), (1 << 25, "text/html; charset=no-such-coding")]
)
def test_what_cannot_be_looked_through_tells_where_there_are_cookies(
    largest: int, kind: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("requests_cache._exchange.whose._LARGEST", largest)
    answer = Answer(b"the same for all", (("Content-Type", kind),))
    cache = BaseCache()
    with Origin({"/page": lambda request: answer}) as origin:

        def visit(**cookies: str) -> bool:
            session: Any = CachedSession(backend=cache, expire_after=60, autoclose=False)
            session.cookies.update(cookies)
            return bool(session.get(origin.url("/page")).from_cache)

        assert [visit(a="1234"), visit(a="1234"), visit(a="5678")] == [False, True, False]
