"""The demo shows what it says it shows."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from requests_cache.testing import Origin

ROOT = Path(__file__).parents[1]


def demo(*arguments: str) -> str:
    environment = {**os.environ, "PYTHONWARNINGS": "error", "PYTHONUTF8": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "demo", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def rows_of(output: str) -> list[tuple[str, str]]:
    """Give path and outcome of each request in the table."""
    outcomes = "hit|miss|expired|revalidated|stale|error"
    return re.findall(rf"^  (/\S*) +({outcomes}) ", output, re.MULTILINE)


@pytest.fixture
def origin() -> Iterator[Origin]:
    with Origin() as server:
        yield server


def test_the_story_shows_every_outcome_and_a_second_process_that_finds_the_cache_warm() -> None:
    first, heading, second = demo().partition("A second process")
    assert heading
    assert rows_of(first) == [
        ("/people.json", "miss"),
        ("/people.json", "hit"),
        ("/logo.png", "miss"),
        ("/logo.png", "hit"),
        ("/start", "miss"),
        ("/start", "hit"),
        ("/report.json", "miss"),
        ("/report.json", "hit"),
        ("/news.json", "miss"),
        ("/news.json", "hit"),
        ("/weather.json", "miss"),
        ("/weather.json", "hit"),
        ("/broken", "miss"),
        ("/broken", "miss"),
        ("/news.json", "expired"),
        ("/people.json", "hit"),
        ("/people.json", "expired"),
        ("/report.json", "revalidated"),
        ("/weather.json", "stale"),
        ("/logo.png", "hit"),
    ]
    assert "Now in demo.sqlite: 7 entries" in first
    assert rows_of(second) == [
        ("/people.json", "hit"),
        ("/logo.png", "hit"),
        ("/start", "hit"),
        ("/report.json", "hit"),
        ("/weather.json", "stale"),
    ]


def lasting(text: str) -> list[str]:
    """Give the lines of a run, without what differs from one to the next."""
    # How long something took, sizes that a library decides, paths, and keys, which have the port.
    text = re.sub(r" *[\d.]+ (ms|k?B)\b| \d:\d\d:\d\d", " N", text)
    text = re.sub(r"key \w+|127\.0\.0\.1:\d+|/\S*requests-cache-demo-\w+", "X", text)
    return [line.rstrip() for line in text.rstrip().splitlines()]


def test_the_picture_of_the_readme_shows_what_the_demo_prints() -> None:
    lines = ET.parse(ROOT / "docs/demo.svg").iter("{http://www.w3.org/2000/svg}text")
    shown = "\n".join("".join(line.itertext()) for line in lines)
    assert lasting(shown) == lasting(demo()), "run `hatch run picture`"


def test_urls_are_kept_in_the_file_from_one_run_to_the_next(origin: Origin, tmp_path: Path) -> None:
    url, file = origin.url("/json"), str(tmp_path / "mine.sqlite")
    rows = [("/json", "miss"), ("/json", "hit"), ("/json", "hit")]
    assert rows_of(demo("--file", file, url)) == rows
    assert rows_of(demo("--file", file, url)) == [("/json", "hit")] * 3
    assert origin.count() == 1


def test_a_url_that_cannot_be_reached_is_a_row_of_its_own(tmp_path: Path) -> None:
    output = demo("--file", str(tmp_path / "mine.sqlite"), "http://127.0.0.1:1/")
    assert rows_of(output) == [("/", "error")] * 3
    assert "ConnectionError" in output


def test_the_table_has_no_colours_unless_a_person_looks(tmp_path: Path) -> None:
    assert "\x1b" not in demo("--file", str(tmp_path / "mine.sqlite"), "http://127.0.0.1:1/")
