"""The documentation site in a real browser: it is read from a folder, and asks for nothing else."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

# What drives the browser is beside the tests of the command.
sys.path.insert(0, str(Path(__file__).parents[1] / "packages" / "cli" / "tests"))

from browser import Browser

ROOT = Path(__file__).parents[1]
PAGES = [path.stem for path in sorted(ROOT.glob("docs/*.md"))]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    where = ("--doctree-dir", str(tmp_path_factory.mktemp("trees")), "docs", str(folder))
    command = (sys.executable, "-m", "sphinx", "--quiet", "--fail-on-warning", *where)
    subprocess.run(command, cwd=ROOT, check=True)
    return folder


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path) as found:
        yield found


def test_every_page_is_in_the_menu(site: Path, browser: Browser) -> None:
    browser.open(site / "index.html")
    links = browser.run(
        "[...document.querySelectorAll('.sidebar-tree a.internal')]"
        ".map(a => a.getAttribute('href'))"
    )
    assert {"index.html" if link == "#" else link for link in links} >= {
        f"{page}.html" for page in PAGES if page != "index"
    }


def test_a_search_finds_the_page_that_answers(site: Path, browser: Browser) -> None:
    browser.open(site / "search.html")
    found = browser.run(
        """
        new Promise(done => {
            document.querySelector('input[name=q]').value = 'rotating';
            const results = document.querySelector('#search-results');
            Search.performSearch('rotating');
            const look = () => {
                const links = [...results.querySelectorAll('li a')].map(a => a.href);
                links.length ? done(links) : setTimeout(look, 20);
            };
            look();
        })
        """
    )
    assert any("app-rotating-tokens.html" in link for link in found)


def test_the_colours_can_be_dark(site: Path, browser: Browser) -> None:
    browser.open(site / "index.html")
    colour = "getComputedStyle(document.body).backgroundColor"
    colours = set()
    for _ in range(3):
        colours.add(browser.run(colour))
        browser.run("document.querySelector('.theme-toggle').click()")
        browser.settle()
    assert len(colours) == 2


def test_nothing_is_fetched_from_elsewhere(site: Path, browser: Browser) -> None:
    for page in PAGES:
        browser.open(site / f"{page}.html")
    assert [url for url in browser.asked if not url.startswith(("file:", "data:"))] == []
