"""Stored bytes that cannot be read are a miss, and never an error of the request."""

from __future__ import annotations

import logging

import pytest

from ...backends.base import BaseCache, Entry
from .base import URL, CacheTests, MakeCache, response_to, save
from .redirects import redirect

__all__ = ["DamageTests"]

DAMAGED: dict[str, Entry] = {
    "empty": Entry(b"", b""),
    "foreign": Entry(b"<html>", b"not ours"),
    "cut off": Entry(b"RQC\x01\0\0", b""),
    "newer": Entry(b"RQC\xfe" + bytes(60), b"of a later version"),
    "older": Entry(b"RQC\x00" + bytes(60), b"of an earlier version"),
    "pickle": Entry(b"RQP\x01\x80\x04N.", b""),
    "another value": Entry(b"RQB\x01", b"bytes that are no response"),
}


def damage(cache: BaseCache, key: str) -> None:
    """Change one byte of a stored body."""
    entry = cache.responses.read(key)
    assert entry is not None
    cache.responses.write(key, entry._replace(head=entry.head[:-1] + b"?"))


class DamageTests(CacheTests):
    """Damaged, foreign, older and newer records."""

    advice = (
        "store bytes as they are: what is in them is the matter of the serializer, and not of a"
        " store"
    )

    @pytest.mark.parametrize("entry", DAMAGED.values(), ids=DAMAGED)
    def test_unreadable_response(
        self, cache: BaseCache, caplog: pytest.LogCaptureFixture, entry: Entry
    ) -> None:
        """A record that cannot be read is as good as missing, with a warning in the log."""
        key = save(cache)
        cache.responses.write("bad", entry)
        with caplog.at_level(logging.WARNING, "requests_cache"):
            assert cache.get_response("bad", "default") == "default"
        assert "bad" in caplog.text
        assert cache.get_response(key).content == b"content"

    @pytest.mark.parametrize("entry", DAMAGED.values(), ids=DAMAGED)
    def test_listing_with_unreadable_responses(self, cache: BaseCache, entry: Entry) -> None:
        """Lists leave out what cannot be read."""
        save(cache)
        cache.responses.write("bad", entry)
        assert [response.url for response in cache.values()] == [URL]
        assert [response.url for response in cache.filter(invalid=True)] == [URL]
        assert list(cache.urls) == [URL]
        assert cache.response_count() == 1

    @pytest.mark.parametrize("entry", DAMAGED.values(), ids=DAMAGED)
    def test_deleting_unreadable_responses(self, cache: BaseCache, entry: Entry) -> None:
        """What cannot be read can be deleted, alone or by a sweep."""
        key = save(cache)
        cache.responses.write("bad", entry)
        cache.delete(invalid=True)
        assert list(cache.keys()) == [key]
        cache.responses.write("bad", entry)
        cache.remove_expired_responses()
        assert list(cache.keys()) == [key]

    @pytest.mark.parametrize("entry", DAMAGED.values(), ids=DAMAGED)
    def test_writing_over_unreadable_responses(self, cache: BaseCache, entry: Entry) -> None:
        """A new response takes the place of what could not be read."""
        cache.responses.write("key", entry)
        cache.save_response(response_to(), "key")
        assert cache.get_response("key").content == b"content"

    @pytest.mark.parametrize("entry", DAMAGED.values(), ids=DAMAGED)
    def test_unreadable_redirect(self, cache: BaseCache, entry: Entry) -> None:
        """A redirect that cannot be read is a miss, and does not hinder deletion."""
        key = save(cache)
        alias = redirect(cache, key)
        cache.redirects.write("bad", entry)
        assert cache.get_response("bad") is None
        assert cache.get_response(alias).url == URL
        cache.delete(key)
        assert alias not in cache.redirects
        assert cache.response_count() == 0

    def test_damaged_response(self, cache: BaseCache) -> None:
        """One wrong byte in a record is noticed."""
        key = save(cache)
        damage(cache, key)
        assert cache.get_response(key) is None
        cache.reset_expiration(60)
        cache.delete(invalid=True)
        assert cache.response_count() == 0

    def test_another_serializer(self, open_cache: MakeCache) -> None:
        """What was written by another serializer is a miss, and can be written anew."""
        pickling = open_cache("one", serializer="pickle")
        key = save(pickling)
        assert pickling.get_response(key).content == b"content"
        default = open_cache("one")
        assert default.get_response(key) is None
        save(default)
        assert default.get_response(key).content == b"content"
