"""The page of a cache, in a real browser: search, sort, open, and bodies that mean harm."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from browser import Browser
from requests_cache import BaseCache, CachedSession
from requests_cache.cli.page.writing import write_page
from requests_cache.testing.origin import PNG, Answer, Origin, Request

HARM = (
    b"<script>top.hacked = window.hacked = 1</script><img src=x onerror='top.hacked = 2'>"
    b"<svg onload='top.hacked = 3'></svg><iframe srcdoc='<script>top.hacked = 4</script>'></iframe>"
    b"<form action='http://127.0.0.1:9/form'><input autofocus onfocus='top.hacked = 5'></form>"
    b"<link rel=stylesheet href='http://127.0.0.1:9/style.css'><base href='http://127.0.0.1:9/'>"
    b"<meta http-equiv=refresh content='0;url=http://127.0.0.1:9/refresh'>"
    b"<img src='http://127.0.0.1:9/pixel'><style>@import 'http://127.0.0.1:9/import'</style>"
    b"</script></pre></textarea><script>top.hacked = 6</script><!-- --><h1>Harm</h1>"
)
SVG = (
    b"<svg xmlns='http://www.w3.org/2000/svg' onload='parent.hacked = 7'>"
    b"<script>top.hacked = 8</script><image href='http://127.0.0.1:9/svg'/></svg>"
)


def harmful(request: Request) -> Answer:
    headers = (
        ("Content-Type", "text/html; charset=utf-8"),
        ("X-Harm", "</script><script>top.hacked = 9</script><img src=x onerror='top.hacked = 10'>"),
    )
    return Answer(HARM, headers)


def picture(request: Request) -> Answer:
    return Answer(SVG, (("Content-Type", "image/svg+xml"),))


def pixel(request: Request) -> Answer:
    return Answer(PNG, (("Content-Type", "image/png"),))


def page_of(cache: BaseCache, path: Path, details: int = 500) -> Path:
    with path.open("w", encoding="utf-8") as file:
        write_page(cache, cache.select(), file, title="</title><script>1</script>", details=details)
    return path


@pytest.fixture
def cache() -> Iterator[BaseCache]:
    answers: dict[str, Callable[[Request], Answer]] = {
        "/harm": harmful,
        "/picture.svg": picture,
        "/pixel.png": pixel,
    }
    with Origin(answers) as origin, CachedSession(backend="memory", expire_after=3600) as session:
        session.settings.allowable_codes = frozenset({200, 404})
        for path in ("/harm", "/picture.svg", "/pixel.png", "/json", "/bytes/70000", "/missing"):
            session.get(origin.url(path))
        session.get(origin.url("/harm?</script><script>top.hacked=11</script>"), expire_after=0.001)
        yield session.cache


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    with Browser(tmp_path_factory.mktemp("profile")) as opened:
        yield opened


@pytest.fixture
def page(browser: Browser, cache: BaseCache, tmp_path: Path) -> Browser:
    browser.asked.clear()
    browser.said.clear()
    browser.open(page_of(cache, tmp_path / "report.html"))
    return browser


def shown(page: Browser, column: int = 2) -> list[str]:
    cells = f"#rows tr[data-index] td:nth-child({column})"
    found: list[str] = page.run(f"[...document.querySelectorAll({cells!r})].map(e => e.innerText)")
    return found


def enter(page: Browser, name: str, value: str) -> None:
    page.run(
        f"(e => {{ e.value = {value!r}; e.dispatchEvent(new Event('input')) }})"
        f"(document.getElementById({name!r}))"
    )
    page.settle()


def test_it_shows_totals_and_every_response(page: Browser) -> None:
    assert len(shown(page)) == 7
    assert page.run("document.getElementById('summary').innerText").startswith("7 responses")
    cards = page.run("[...document.querySelectorAll('.card h2')].map(e => e.innerText)")
    assert cards == ["Hosts", "Status", "Types", "Received", "Expiry", "Sizes"]
    assert page.run("document.title") == "</title><script>1</script>"


def test_search_and_lists_narrow_it(page: Browser) -> None:
    enter(page, "search", "PIX 127")
    assert [url.rpartition("/")[2] for url in shown(page)] == ["pixel.png"]
    assert page.run("document.getElementById('count').innerText").startswith("1 of 7")
    enter(page, "search", "")
    enter(page, "status", "404")
    assert shown(page, 1) == ["404"]
    enter(page, "status", "")
    enter(page, "state", "expired")
    assert len(shown(page)) == 1
    enter(page, "search", "nothing has this")
    assert shown(page) == []


def test_a_column_sorts_both_ways_and_says_so(page: Browser) -> None:
    def press() -> tuple[list[str], str]:
        page.run("document.querySelectorAll('#heading button')[3].click()")
        sort = page.run("document.querySelectorAll('#heading th')[3].ariaSort")
        return shown(page), sort

    ascending, sort = press()
    assert (ascending[-1].rpartition("/")[2], sort) == ("70000", "ascending")
    descending, sort = press()
    assert (descending[0].rpartition("/")[2], sort) == ("70000", "descending")


def test_the_keyboard_moves_opens_and_closes(page: Browser) -> None:
    page.press("/")
    assert page.run("document.activeElement.id") == "search"
    page.press("ArrowDown")
    page.press("ArrowDown")
    assert page.run("document.activeElement.dataset.index") == "1"
    page.press("End")
    assert page.run("document.activeElement.dataset.index") == "6"
    page.press("Home")
    url = shown(page)[0]
    page.press("Enter")
    assert page.run("document.getElementById('detail').open") is True
    assert page.run("document.getElementById('detail-title').innerText") == f"GET {url}"
    page.press("Escape")
    assert page.run("document.getElementById('detail').open") is False
    assert page.run("document.activeElement.dataset.index") == "0"


def open_each(page: Browser) -> Iterator[str]:
    for number in range(len(shown(page))):
        page.run(f"document.querySelectorAll('#rows tr[data-index]')[{number}].click()")
        yield page.run("document.getElementById('detail-title').innerText")
        page.run("document.getElementById('detail').close()")
        page.settle()


def test_pictures_are_pictures_and_text_is_text(page: Browser) -> None:
    seen: dict[str, Any] = {}
    for title in open_each(page):
        page.run("Promise.all([...document.images].map(i => i.decode().catch(() => 0)))")
        widths = page.run("[...document.querySelectorAll('img.body')].map(i => i.naturalWidth)")
        text = page.run("document.querySelector('#detail pre')?.innerText")
        seen[title.rpartition("/")[2]] = widths or text
    assert seen["pixel.png"] == [1]
    assert seen["json"].startswith("{")
    assert seen["harm"] == HARM.decode()
    assert seen["70000"] is None


def test_nothing_that_was_stored_is_executed_or_loaded(page: Browser) -> None:
    frames = 0
    for _ in open_each(page):
        if page.run("document.querySelector('#detail-body button') !== null"):
            page.run("document.querySelector('#detail-body button').click()")
            frame = "document.querySelector('#detail iframe')"
            page.run(f"new Promise(r => {frame}.addEventListener('load', r, {{once: true}}))")
            assert page.run(f"{frame}.getAttribute('sandbox')") == ""
            frames += 1
        page.settle()
    assert frames == 2
    assert page.run("window.hacked") is None
    assert page.said == []
    elsewhere = [url for url in page.asked if not url.startswith(("file:", "data:", "about:"))]
    assert elsewhere == []


def test_the_policy_lets_no_other_script_run(page: Browser) -> None:
    page.run(
        "(() => { const s = document.createElement('script'); s.textContent = 'window.hacked = 1';"
        " document.body.append(s); document.body.insertAdjacentHTML('beforeend',"
        " '<img src=data:, onerror=\"window.hacked = 2\">') })()"
    )
    page.settle()
    assert page.run("window.hacked") is None


def test_it_is_light_or_dark_as_the_system_or_as_chosen(page: Browser) -> None:
    def light() -> bool:
        colour = page.run("getComputedStyle(document.body).backgroundColor")
        return int(colour[4:].split(",")[0]) > 128

    for scheme in ("light", "dark"):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        page.call("Emulation.setEmulatedMedia", features=features)
        assert light() is (scheme == "light")
    enter(page, "theme", "light")
    assert light()
    page.call("Emulation.setEmulatedMedia", features=[])
    enter(page, "theme", "dark")
    assert not light()


def test_of_many_responses_only_those_in_sight_are_in_the_document(
    browser: Browser, cache: BaseCache, tmp_path: Path
) -> None:
    response = next(cache.filter())
    for number in range(5000):
        response.change_fields(url=f"http://site.test/{number:04}")
        cache.write_response(f"{number:064}", response)
    browser.open(page_of(cache, tmp_path / "many.html", details=0))
    assert browser.run("document.querySelectorAll('tr').length") < 150
    browser.run("document.querySelector('#rows tr[data-index]').focus()")
    browser.press("End")
    assert browser.run("document.activeElement.dataset.index") == "5006"
    assert browser.run("document.getElementById('table').ariaRowCount") == "5008"
    enter(browser, "search", "site.test/4999")
    assert shown(browser) == ["http://site.test/4999"]


def test_everything_to_press_has_a_name(page: Browser) -> None:
    nameless = page.run(
        "[...document.querySelectorAll('button, input, select, table, dialog, section')]"
        ".filter(e => !(e.innerText || '').trim() && !e.labels?.length && !e.ariaLabel"
        " && !e.hasAttribute('aria-labelledby')).map(e => e.outerHTML)"
    )
    assert nameless == []
    assert page.run("document.documentElement.lang") == "en"
