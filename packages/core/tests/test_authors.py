"""What the base classes do for whoever writes a backend or a serializer, or say to them."""

from __future__ import annotations

import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from requests_cache import CachedSession, init_serializer
from requests_cache.backends.base import BaseCache, BaseStorage, DictStorage
from requests_cache.errors import ConfigurationError, UnsupportedValueError
from requests_cache.serializers import PickleSerializer, Serializer
from requests_cache.testing.origin import Origin


class Store(DictStorage):
    """A store of somebody else's."""


class Forgetful(BaseCache):
    """A cache that hands nothing on to its storages."""

    def __init__(self, name: str = "x", **options: Any) -> None:
        super().__init__(name, **options)
        self.responses, self.redirects = Store(), Store()


@pytest.mark.parametrize("options", [{"secret_key": "k" * 32}, {"serializer": "json"}])
def test_a_cache_hands_its_serializer_to_both_storages(options: Any) -> None:
    cache = Forgetful(**options)
    assert cache.responses.serializer is cache.redirects.serializer is cache.serializer
    cache.write_redirect("old", "new")
    right = init_serializer(**options).encode("new")
    entry = cache.redirects.read("old")
    assert entry is not None
    assert entry.head == right[0]


def test_a_pickled_storage_keeps_the_serializer_of_its_cache() -> None:
    cache = Forgetful(serializer=PickleSerializer())
    again = pickle.loads(pickle.dumps(cache.redirects))
    assert again.serializer.name == "pickle"


@pytest.mark.parametrize("name", ["responses", "redirects"])
def test_what_is_no_storage_is_refused(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"\.{name} = \{{\}}: give an instance"):
        setattr(BaseCache(), name, {})


def test_storages_come_after_the_constructor_of_the_base() -> None:
    class Early(BaseCache):
        def __init__(self) -> None:
            self.responses = Store()

    with pytest.raises(ConfigurationError, match=r"Early: call super\(\).__init__"):
        Early()


@pytest.mark.parametrize(
    ("verb", "behind"),
    [("__getitem__", "read"), ("__setitem__", "write"), ("__delitem__", "discard")],
)
def test_verbs_that_are_never_called_are_refused(verb: str, behind: str) -> None:
    def override(self: object, *args: object) -> None:
        """Do something that a cache would never ask for."""

    with pytest.raises(ConfigurationError, match=rf"overrides {verb}, .*override {behind} as well"):
        type("Encrypts", (Store,), {verb: override})
    type("Both", (Store,), {verb: override, behind: override})


@pytest.mark.parametrize("base", [BaseCache, BaseStorage, Serializer])
@pytest.mark.parametrize(("version", "upgrade"), [(99, "requests-cache-core"), (0, "the distrib")])
def test_a_class_for_another_contract_is_refused(base: type, version: int, upgrade: str) -> None:
    says = rf"contract {version}; requests-cache-core \S+ has contract 1: upgrade {upgrade}"
    with pytest.raises(ConfigurationError, match=says):
        type("Mine", (base,), {"contract": version})
    assert vars(type("Mine", (base,), {"contract": 1}))["contract"] == 1


class Own:
    """A serializer as the documentation describes it."""

    def dumps(self, value: object) -> bytes:
        return pickle.dumps(value)

    def loads(self, data: bytes) -> object:
        return pickle.loads(data)


class Static:
    dumps = staticmethod(pickle.dumps)
    loads = staticmethod(pickle.loads)


class Needy(Own):
    def __init__(self, secret: str) -> None:
        self.secret = secret


class Json:
    """A format of plain data, to which a response means nothing."""

    def dumps(self, value: object) -> str:
        return json.dumps(value)

    def loads(self, data: str) -> object:
        found: object = json.loads(data)
        return found


class Text(Own):
    def dumps(self, value: object) -> bytes:
        return pickle.dumps(repr(value))


class Strict(Own):
    def __init__(self) -> None:
        raise ConfigurationError("there is no key")


class Attributes:
    dumps = loads = 3


@pytest.mark.parametrize("serializer", [Own, Own(), Static, Static(), pickle, PickleSerializer])
def test_a_class_or_an_object_or_a_module_is_a_serializer(
    make_session: Callable[..., CachedSession], origin: Origin, serializer: object
) -> None:
    session = make_session(serializer=serializer)
    session.get(origin.url("/json"))
    assert session.get(origin.url("/json")).from_cache


@pytest.mark.parametrize(
    ("serializer", "says"),
    [
        (Needy, "cannot be made without arguments"),
        (Strict, "no key"),
        (Json, "DocumentSerializer"),
        (Json(), "DocumentSerializer"),
        (Text(), "came back as str"),
        (Attributes, "give one of"),
        (Attributes(), "give one of"),
        (object, "give one of"),
        (len, "give one of"),
        (DictStorage, "give one of"),
    ],
)
def test_what_cannot_serialize_is_refused_when_the_session_is_made(
    serializer: object, says: str
) -> None:
    with pytest.raises(ConfigurationError, match=says):
        CachedSession(backend="memory", serializer=serializer)


def test_a_pipeline_is_as_good_as_its_format() -> None:
    from requests_cache.serializers import Compression

    with pytest.raises(ConfigurationError, match="DocumentSerializer"):
        BaseCache(serializer=init_serializer(Json()) | Compression())


def test_plain_values_need_no_format_for_responses() -> None:
    storage = init_serializer(Json())
    assert storage.loads(storage.dumps([1, "a"])) == [1, "a"]
    with pytest.raises(
        UnsupportedValueError, match=r"\(Json\) failed on a value of type object: TypeEr"
    ):
        storage.dumps(object())
