"""What a notebook shows of responses, caches and statistics."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser

import pytest
from requests_cache import BaseCache, CachedSession
from requests_cache.backends.statistics import Statistics
from requests_cache.notebook import age_text, expiry_text, size_text
from requests_cache.testing.origin import Origin


class Tables(HTMLParser):
    """The names of all tags, and the text between them."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.text: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: object) -> None:
        self.tags.add(tag)

    def handle_data(self, data: str) -> None:
        self.text.append(data)


def test_a_response_shows_what_is_remembered_of_it(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session(expire_after=3600)
    session.get(origin.url("/json"))
    hit = session.get(origin.url("/json"))
    shown = Tables(hit._repr_html_())
    assert origin.url("/json") in shown.text
    assert "200 OK" in shown.text
    assert hit.cache_key in shown.text
    assert size_text(hit.size) in shown.text


def test_a_cache_shows_its_totals_and_its_newest_responses(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    session.get(origin.url("/json"))
    shown = Tables(session.cache._repr_html_())
    assert shown.text[:3] == [repr(session.cache), "Responses", "1"]
    assert origin.url("/json") in shown.text


def test_nothing_of_a_response_becomes_a_tag(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session()
    session.get(origin.url("/json?<script>alert(1)</script><img src=x>"))
    hit = next(session.cache.filter())
    hit.headers["Content-Type"] = "<script>"
    for html in (hit._repr_html_(), session.cache._repr_html_()):
        assert Tables(html).tags == {"table", "caption", "tbody", "tr", "th", "td"}


def test_statistics_show_what_was_counted_and_the_hit_rate() -> None:
    statistics = Statistics()
    assert Tables(statistics._repr_html_()).text == ["Statistics"]
    statistics.add("misses")
    for _ in range(3):
        statistics.hit(10)
    shown = Tables(statistics._repr_html_()).text
    assert shown == ["Statistics", "hits", "3", "misses", "1", "saved_bytes", "30"] + [
        "hit rate",
        "75%",
    ]


def test_an_empty_cache_is_shown_too() -> None:
    assert Tables(BaseCache()._repr_html_()).text[1:3] == ["Responses", "0"]


@pytest.mark.parametrize(
    ("size", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1500, "1.5 kB"),
        (2e6, "2 MB"),
        (3.5e9, "3.5 GB"),
        (1e12, "1 TB"),
    ],
)
def test_sizes_are_shown_in_decimal_units(size: float, text: str) -> None:
    assert size_text(size) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(-5, "0 s"), (0.4, "0 s"), (59, "59 s"), (60, "1 min"), (7200, "2 h"), (90000, "1 d")],
)
def test_ages_are_shown_in_the_largest_unit(seconds: float, text: str) -> None:
    assert age_text(seconds) == text


@pytest.mark.parametrize(
    ("ttl", "text"), [(None, "never"), (30, "in 30 s"), (0, "0 s ago"), (-3600, "1 h ago")]
)
def test_an_expiry_is_shown_as_time_from_now(ttl: float | None, text: str) -> None:
    assert expiry_text(ttl) == text


def test_completion_shows_what_users_use_of_a_cache() -> None:
    shown = [name for name in dir(BaseCache()) if not name.startswith("_")]
    assert {"delete", "filter", "heads", "rows", "size", "events", "stats", "update"} <= set(shown)
    assert not {"note_damage", "write_detached", "flights", "make_opened"} & set(shown)
    assert not {"earlier_place", "open_exactly"} & set(shown)
    assert all(hasattr(BaseCache, name) or hasattr(BaseCache(), name) for name in shown)
