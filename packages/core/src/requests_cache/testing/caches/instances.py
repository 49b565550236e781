"""Several caches of one store, several stores side by side, closing, opening again, pickling."""

from __future__ import annotations

import pickle

import pytest

from ...backends import init_backend
from ...backends.base import BaseCache
from ...errors import UnknownOptionError
from ...serializers import Stage, init_serializer
from ..contract import advises
from ..stores.instances import NAMESPACES
from .base import URL, CacheTests, MakeCache, response_to, save
from .redirects import redirect

__all__ = ["InstanceTests"]


_MARK = b"stage"


class _Marking(Stage):
    """Puts a mark before each head, as a signature or encryption does."""

    name = "marking"

    def encode(self, head: bytes, body: bytes) -> tuple[bytes, bytes]:
        return _MARK + head, body

    def decode(self, head: bytes, body: bytes | None) -> tuple[bytes, bytes | None]:
        return head.removeprefix(_MARK), body


def _fill(name: str, cache: BaseCache) -> None:
    cache.save_response(response_to(content=name.encode()), "key")
    redirect(cache, "key")


class InstanceTests(CacheTests):
    """A cache is its name, not the object that opened it."""

    advice = (
        "let __init__ take the name first, hand it and all options that are not yours to"
        " `super().__init__(name, **options)`, and derive the names of both storages from it"
    )

    def test_opening_again(self, open_cache: MakeCache) -> None:
        """Responses and redirects are there when a cache is opened again, if it is persistent."""
        one = open_cache("one")
        key = save(one)
        alias = redirect(one, key)
        one.close()
        two = open_cache("one")
        expected = [key, alias] if one.responses.capabilities.persistent else []
        assert sorted(two.keys()) == sorted(expected)
        assert [response.url for response in two.values()] == [URL for _ in expected[:1]]

    def test_two_caches_of_one_store(self, open_cache: MakeCache) -> None:
        """Two caches of one name share their responses, if they are persistent."""
        one, two = open_cache("one"), open_cache("one")
        key = save(one)
        shared = one.responses.capabilities.persistent
        assert two.contains(key) == shared
        two.delete(key)
        assert one.contains(key) != shared

    def test_responses_and_redirects_are_apart(self, cache: BaseCache) -> None:
        """A response and a redirect may have the same key, and are cleared alone."""
        cache.responses["key"] = "value"
        cache.redirects["key"] = "other"
        assert cache.responses["key"] == "value"
        cache.redirects.clear()
        assert cache.responses["key"] == "value"
        cache.redirects["key"] = "other"
        cache.responses.clear()
        assert dict(cache.redirects) == {"key": "other"}

    def test_caches_are_apart(self, open_cache: MakeCache) -> None:
        """Caches whose names are prefixes of each other, or patterns, share nothing."""
        caches = {name: open_cache(name) for name in NAMESPACES[:4]}
        for name, cache in caches.items():
            _fill(name, cache)
        for cleared, one in caches.items():
            one.clear()
            assert list(one.keys()) == []
            for name, cache in caches.items():
                if name != cleared:
                    found = cache.get_response("key").content
                    assert found == name.encode(), f"{cleared!r} was cleared"
                    assert len(list(cache.keys())) == 2, f"{cleared!r} was cleared"
            _fill(cleared, one)

    def test_close_twice(self, cache: BaseCache) -> None:
        """A cache may be closed twice, and is open again when it is used."""
        cache.close()
        cache.close()
        key = save(cache)
        cache.close()
        assert cache.contains(key) or not cache.responses.capabilities.persistent
        assert save(cache) == key
        assert cache.get_response(key).url == URL

    def test_pickling(self, cache: BaseCache) -> None:
        """A pickled cache opens the same store, with the same options."""
        key = save(cache)
        again: BaseCache = pickle.loads(pickle.dumps(cache))
        assert type(again) is type(cache)
        assert again.cache_name == cache.cache_name
        assert again.contains(key) == cache.responses.capabilities.persistent
        again.close()

    def test_a_cache_knows_its_name(self, open_cache: MakeCache) -> None:
        """`cache_name` and `repr` say which cache it is, for logs and errors."""
        one, two = open_cache("one"), open_cache("two")
        assert one.cache_name != two.cache_name, "the name is not handed to super().__init__"
        assert one.cache_name in repr(one)

    @advises(
        "assign both storages after `super().__init__`, which hands the serializer to them, and do"
        " not change `serializer` of a storage afterwards"
    )
    def test_both_storages_have_the_serializer(self, open_cache: MakeCache) -> None:
        """What goes into either storage is signed and encrypted, if the cache is."""
        cache = open_cache("one", serializer=init_serializer("default") | _Marking())
        redirect(cache, save(cache))
        for storage in (cache.responses, cache.redirects):
            ((_, entry),) = storage.scan(bodies=True)
            assert entry.head.startswith(_MARK), "it is stored past the stages of the serializer"
            assert list(storage.values()), "what has passed the stages is not read back"

    def test_unknown_option(self, open_cache: MakeCache) -> None:
        """A misspelt option is an error that suggests the right one."""
        with pytest.raises(UnknownOptionError, match="match_headers"):
            open_cache("one", match_header=True)

    def test_options_of_every_cache(self, open_cache: MakeCache) -> None:
        """A cache takes the options that say which requests are the same."""
        cache = open_cache("one", ignored_parameters=["token"], match_headers=["Accept"])
        assert cache.create_key(method="GET", url=f"{URL}?token=1") == cache.create_key(
            method="GET", url=f"{URL}?token=2"
        )
        keys = {cache.create_key(method="GET", url=URL, headers={"Accept": kind}) for kind in "ab"}
        assert len(keys) == 2

    def test_instance_as_backend(self, cache: BaseCache) -> None:
        """A cache that is given as backend is used as it is."""
        assert init_backend(cache) is cache
