"""Whole sessions, against a real server."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from requests import Response

from ...backends.base import BaseCache
from ...session import CachedSession
from ..origin import PNG, Origin
from .base import CacheTests, Clock

__all__ = ["SessionTests"]

_RESOURCES = ("/json", "/image", "/gzip", "/chunked", "/bytes/0", "/bytes/1000")
_MB = 1024 * 1024


def get(session: CachedSession, url: str, from_cache: bool) -> Response:
    """Get a URL, and assert where the response came from."""
    response = session.get(url)
    assert getattr(response, "from_cache", False) is from_cache
    return response


class SessionTests(CacheTests):
    """`CachedSession` with this cache."""

    advice = (
        "open the session with on_error='raise' and do by hand what the test does: the first"
        " error is the store's"
    )

    @pytest.fixture
    def session(self, cache: BaseCache) -> Iterator[CachedSession]:
        """Give a session whose responses expire after a minute."""
        with CachedSession(backend=cache, expire_after=60, on_error="raise") as session:
            yield session

    @pytest.mark.parametrize("path", _RESOURCES)
    def test_miss_and_hit(self, session: CachedSession, origin: Origin, path: str) -> None:
        """The second request is answered from the cache, with what the first one got."""
        miss = get(session, origin.url(path), from_cache=False)
        hit = get(session, origin.url(path), from_cache=True)
        assert hit.content == miss.content
        assert hit.status_code == miss.status_code == 200
        assert hit.headers == miss.headers
        assert hit.encoding == miss.encoding
        assert origin.count(path) == 1

    def test_cookies(self, session: CachedSession, origin: Origin) -> None:
        """A hit shows the cookies of the session's own jar; one that lacks them asks for them."""
        get(session, origin.url("/cookies"), from_cache=False)
        hit = get(session, origin.url("/cookies"), from_cache=True)
        assert dict(hit.cookies) == {"flavour": "chocolate", "size": "large"}
        session.cookies.clear()
        get(session, origin.url("/cookies"), from_cache=False)
        assert dict(session.cookies) == {"flavour": "chocolate", "size": "large"}

    def test_image(self, session: CachedSession, origin: Origin) -> None:
        """Bytes that are no text come back as they were."""
        get(session, origin.url("/image"), from_cache=False)
        assert get(session, origin.url("/image"), from_cache=True).content == PNG

    def test_redirect(self, session: CachedSession, origin: Origin) -> None:
        """A chain of redirects is one hit afterwards, with its history; each target is one too."""
        miss = session.get(origin.url("/redirect/3"))
        sent = origin.count()
        hit = get(session, origin.url("/redirect/3"), from_cache=True)
        assert hit.url == origin.url("/json")
        assert hit.content == miss.content
        assert [hop.url for hop in hit.history] == [hop.url for hop in miss.history]
        assert [hop.status_code for hop in hit.history] == [302, 302, 302]
        get(session, origin.url("/redirect/1"), from_cache=True)
        get(session, origin.url("/json"), from_cache=True)
        assert origin.count() == sent

    @pytest.mark.parametrize("path", ["/etag", "/last-modified"])
    def test_validation(self, session: CachedSession, origin: Origin, at: Clock, path: str) -> None:
        """An expired response is validated, and lives again if the origin says so."""
        miss = get(session, origin.url(path), from_cache=False)
        at.move(61)
        validated = get(session, origin.url(path), from_cache=True)
        assert validated.content == miss.content
        assert getattr(validated, "revalidated", False)
        assert origin.count(path) == 2
        at.move(59)
        get(session, origin.url(path), from_cache=True)
        assert origin.count(path) == 2

    def test_expiry(self, session: CachedSession, origin: Origin, at: Clock) -> None:
        """A response is used until the moment that it expires."""
        get(session, origin.url("/json"), from_cache=False)
        at.move(59)
        get(session, origin.url("/json"), from_cache=True)
        at.move(1)
        get(session, origin.url("/json"), from_cache=False)
        assert session.cache.response_count() == 1

    def test_origin_fails(self, session: CachedSession, origin: Origin, at: Clock) -> None:
        """An expired response stands in for an origin that fails, if that is wanted."""
        session.settings.stale_if_error = True
        miss = get(session, origin.url("/json"), from_cache=False)
        origin.failing = True
        at.move(3600)
        assert get(session, origin.url("/json"), from_cache=True).content == miss.content

    def test_vary(self, session: CachedSession, origin: Origin) -> None:
        """Responses that differ by a header field of the request are kept side by side."""
        url = origin.url("/vary")
        texts: dict[str, str] = {}
        for language in ("de", "fr", "de", "fr"):
            response = session.get(url, headers={"Accept-Language": language})
            assert texts.setdefault(language, response.text) == response.text
        assert len(set(texts.values())) == 2
        assert origin.count("/vary") == 2

    @pytest.mark.parametrize("size", [_MB, 50 * _MB], ids=["1 MB", "50 MB"])
    def test_large_body(self, session: CachedSession, origin: Origin, size: int) -> None:
        """A large response is kept whole; one beyond the limit is not kept, and not disturbed."""
        size = min(size, self.largest)
        path = f"/bytes/{size}"
        miss = get(session, origin.url(path), from_cache=False)
        assert len(miss.content) == size
        again = session.get(origin.url(path))
        same_content = again.content == miss.content
        assert same_content
        limit = session.cache.responses.capabilities.max_value_size
        assert origin.count(path) == (1 if limit is None or size < limit - _MB // 16 else 2)

    def test_post_is_not_cached(self, session: CachedSession, origin: Origin) -> None:
        """Other methods than GET and HEAD go to the origin."""
        for _ in range(2):
            session.post(origin.url("/echo"), data="x")
        assert origin.count("/echo") == 2
        assert session.cache.response_count() == 0

    def test_parameters_are_told_apart(self, session: CachedSession, origin: Origin) -> None:
        """Query parameters make requests different; their order does not."""
        for query in ("?a=1&b=2", "?b=2&a=1", "?a=2&b=1", "?a=*", "?a=%00"):
            session.get(origin.url(f"/json{query}"))
        assert origin.count("/json") == 4
        assert session.cache.response_count() == 4

    def test_unreadable_record(self, session: CachedSession, origin: Origin) -> None:
        """A damaged record is fetched anew, and the request notices nothing."""
        miss = get(session, origin.url("/json"), from_cache=False)
        (key,) = session.cache.keys()
        entry = session.cache.responses.read(key)
        assert entry is not None
        session.cache.responses.write(key, entry._replace(head=entry.head[:-1]))
        assert get(session, origin.url("/json"), from_cache=False).content == miss.content
        get(session, origin.url("/json"), from_cache=True)

    def test_use_after_close(self, session: CachedSession, origin: Origin) -> None:
        """A closed session works on, as one of requests does."""
        get(session, origin.url("/json"), from_cache=False)
        session.close()
        session.close()
        persistent = session.cache.responses.capabilities.persistent
        again = session.get(origin.url("/json"))
        assert getattr(again, "from_cache", False) or not persistent
        get(session, origin.url("/json"), from_cache=True)
