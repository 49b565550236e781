"""Choosing responses by what they are: for listing, reading and deleting."""

from __future__ import annotations

from typing import Any

import pytest
from requests.structures import CaseInsensitiveDict

from ...backends.base import BaseCache
from ...errors import BodyNotReadError, ConfigurationError
from .base import CacheTests, Clock, response_to

__all__ = ["ChoosingTests"]

# Path, status, media type, bytes of the body, seconds since it came, seconds until it expires.
_STORED = (
    ("http://one.example:8080/page", 200, "text/html; charset=utf-8", 10, 100, 50),
    ("http://one.example:8080/image.png", 200, "image/png", 2000, 200, None),
    ("http://two.example/gone", 404, "text/html", 0, 300, -10),
    ("http://www.two.example/moved", 301, "", 30, 400, 5000),
)
_CHOICES = (
    ({"host": "one.example"}, "01"),
    ({"host": "*.example"}, "0123"),
    ({"host": ["two.example", "www.two.example"]}, "23"),
    ({"host": "example"}, ""),
    ({"match": "*/image*"}, "1"),
    ({"match": "page"}, ""),
    ({"status": 404}, "2"),
    ({"status": "2xx"}, "01"),
    ({"status": [301, "4xx"]}, "23"),
    ({"content_type": "text/*"}, "02"),
    ({"content_type": "text/html"}, "02"),
    ({"larger_than": 30}, "1"),
    ({"smaller_than": 30}, "02"),
    ({"newer_than": 250}, "01"),
    ({"older_than": 300}, "23"),
    ({"expired": False, "host": "*"}, "013"),
    ({"valid": False, "host": "*"}, "2"),
    ({"method": "get"}, "0123"),
    ({"method": "POST"}, ""),
    ({"host": "one.example", "status": 200, "larger_than": 100}, "1"),
)


def fill(cache: BaseCache, at: Clock) -> list[str]:
    """Store one response of each kind; give their keys."""
    now, keys = at.now, []
    for url, status, media_type, size, age, ttl in _STORED:
        response = response_to(url, b"x" * size)
        response.status_code = status
        response.headers = CaseInsensitiveDict({"Content-Type": media_type} if media_type else {})
        at.now = now - age
        keys.append(cache.create_key(response.request))
        cache.save_response(response, expires=None if ttl is None else now + ttl)
    at.now = now
    return keys


def numbers(urls: list[str]) -> str:
    """Give the places of these URLs among those that were stored."""
    known = [row[0] for row in _STORED]
    return "".join(sorted(str(known.index(url)) for url in urls))


class ChoosingTests(CacheTests):
    """Criteria of `heads`, `rows`, `filter` and `delete`."""

    advice = "these ask `scan` and `read_many` of `responses`, so let StorageContract pass first"

    @pytest.mark.parametrize(("criteria", "expected"), _CHOICES, ids=repr)
    def test_choose(
        self, cache: BaseCache, at: Clock, criteria: dict[str, Any], expected: str
    ) -> None:
        """All verbs that take criteria agree about what is meant."""
        fill(cache, at)
        assert numbers([head.url for head in cache.heads(**criteria)]) == expected
        assert numbers([row["url"] for row in cache.rows(**criteria)]) == expected
        found = list(cache.filter(**criteria))
        assert numbers([response.url for response in found]) == expected
        assert all(len(response.content) == response.size for response in found)

    @pytest.mark.parametrize(
        ("criteria", "left"),
        [
            ({"host": "one.example"}, "23"),
            ({"match": "*/image*"}, "023"),
            ({"status": "4xx", "larger_than": 5}, "0123"),
            ({"host": "*", "expired": True}, "013"),
            ({"host": "one.example", "older_than": 150}, "023"),
            ({"host": "one.example", "expired": True}, "0123"),
        ],
        ids=repr,
    )
    def test_delete_chosen(
        self, cache: BaseCache, at: Clock, criteria: dict[str, Any], left: str
    ) -> None:
        """What is chosen is deleted, and nothing else."""
        fill(cache, at)
        cache.delete(**criteria)
        assert numbers(list(cache.urls)) == left
        assert len(cache) == len(left)

    def test_choose_by_key(self, cache: BaseCache, at: Clock) -> None:
        """The beginning of a key chooses, too."""
        keys = fill(cache, at)
        prefix = keys[1][:12]
        assert [head.cache_key for head in cache.heads(key_prefix=prefix)] == [keys[1]]

    def test_wrong_choice(self, cache: BaseCache) -> None:
        """A criterion that cannot be meant is an error when it is given, not when it is used."""
        for wrong in ({"hosts": "a"}, {"status": "20"}, {"larger_than": "1 MB"}, {"match": 1}):
            with pytest.raises(ConfigurationError):
                cache.heads(**wrong)

    def test_rows(self, cache: BaseCache, at: Clock) -> None:
        """A row says what a response is; no body is read for it."""
        keys = fill(cache, at)
        rows = {row["key"]: row for row in cache.rows()}
        assert [rows[key]["size"] for key in keys] == [10, 2000, 0, 30]
        assert [rows[key]["content_type"] for key in keys] == [
            "text/html",
            "image/png",
            "text/html",
            "",
        ]
        assert [rows[key]["is_expired"] for key in keys] == [False, False, True, False]
        assert rows[keys[0]]["created_at"].timestamp() == at.now - 100
        assert rows[keys[1]]["expires"] is None

    def test_body_not_read(self, cache: BaseCache, at: Clock) -> None:
        """A response that was listed without its body says so, whatever asks for the body.

        A format that keeps head and body in one piece has read it all the same.
        """
        keys = fill(cache, at)
        for head in cache.heads():
            if head.size and cache.serializer.splits:
                with pytest.raises(BodyNotReadError, match="listed without its body"):
                    _ = head.content
                with pytest.raises(BodyNotReadError):
                    cache.write_response("copy", head)
            else:
                assert len(head.content) == head.size
            whole = cache.get_response(str(head.cache_key))
            assert len(whole.content) == head.size
        assert sorted(cache.responses) == sorted(keys)

    def test_size(self, cache: BaseCache, at: Clock) -> None:
        """A cache has a length and a size, and is true even while it is empty."""
        assert len(cache) == 0
        assert cache
        before = cache.size
        fill(cache, at)
        assert len(cache) == len(_STORED)
        assert cache.size > before
        assert cache.size > 2040
