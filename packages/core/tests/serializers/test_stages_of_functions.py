"""Stages and lists of stages as version 1 had them."""

from __future__ import annotations

import bz2
import gzip
import json
import pickle
from collections.abc import Callable
from typing import Any

import pytest
from requests_cache import (
    CachedSession,
    SerializerPipeline,
    Stage,
    json_serializer,
    pickle_serializer,
)
from requests_cache.errors import ConfigurationError, RecordError
from requests_cache.serializers import Serializer, init_serializer
from requests_cache.serializers.cattrs import CattrStage
from requests_cache.serializers.preconf import (
    base_stage,
    safe_pickle_serializer,
    signer_stage,
    utf8_encoder,
)
from requests_cache.testing.origin import Origin

GZIP = Stage(dumps=gzip.compress, loads=gzip.decompress)
PIPELINES: dict[str, Callable[[], Serializer]] = {
    "pickle, gzip": lambda: SerializerPipeline([pickle, GZIP], is_binary=True),
    "a name by position": lambda: SerializerPipeline([pickle, GZIP], "mine", is_binary=True),
    "a serializer object": lambda: SerializerPipeline([pickle_serializer, GZIP], name="mine"),
    "a pipeline in one": lambda: SerializerPipeline([SerializerPipeline([pickle]), GZIP]),
    "dictionaries as JSON": lambda: SerializerPipeline([CattrStage(), Stage(json), utf8_encoder]),
    "the base stage": lambda: SerializerPipeline([base_stage, Stage(pickle)]),
    "text": lambda: SerializerPipeline([CattrStage(), json]),
    "functions by name": lambda: SerializerPipeline([pickle, Stage(bz2, "compress", "decompress")]),
    "a signature": lambda: SerializerPipeline([pickle, signer_stage("secret", "salt")]),
    "a signed pickle": lambda: safe_pickle_serializer(secret_key="secret"),
    "json": lambda: json_serializer,
    "a stage after a format": lambda: SerializerPipeline(init_serializer("default"), GZIP),
    "a stage by the operator": lambda: init_serializer("json") | GZIP,
}


@pytest.mark.parametrize("name", PIPELINES)
def test_a_pipeline_of_version_1_stores_responses_and_redirects(
    name: str, origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session = make_session(serializer=PIPELINES[name]())
    for _ in range(2):
        response = session.get(origin.url("/redirect/1"))
    assert response.from_cache
    assert response.history
    assert response.json()


def test_a_list_gives_back_what_it_took() -> None:
    pipeline = SerializerPipeline([pickle, GZIP], is_binary=True)
    value: dict[str, Any] = {"a": [1, b"2"]}
    assert pipeline.loads(pipeline.dumps(value)) == value
    assert isinstance(pipeline, SerializerPipeline)
    assert pipeline.name == "custom"


@pytest.mark.parametrize("stage", [5, gzip, object()])
def test_what_has_no_functions_is_no_stage_of_a_list(stage: object) -> None:
    with pytest.raises(ConfigurationError, match=r"dumps\(\) and loads\(\)"):
        SerializerPipeline([pickle, stage])


@pytest.mark.parametrize("arguments", [(), (gzip,), (None, "dumps"), (gzip, "compress", "nothing")])
def test_a_stage_without_its_functions_is_an_error(arguments: tuple[Any, ...]) -> None:
    with pytest.raises(ConfigurationError, match="give dumps= and loads="):
        Stage(*arguments)


def test_a_stage_reads_nothing_but_its_own() -> None:
    with pytest.raises(RecordError):
        (init_serializer() | GZIP).decode(*init_serializer().encode("value"))
    head, body = (init_serializer() | GZIP).encode("value")
    with pytest.raises(RecordError, match="'functions' failed"):
        (init_serializer() | GZIP).decode(head[:10], body)


def test_a_subclass_may_have_the_functions_as_methods() -> None:
    class Backwards(Stage):
        def dumps(self, value: bytes) -> bytes:
            return value[::-1]

        def loads(self, value: bytes) -> bytes:
            return value[::-1]

    pipeline = SerializerPipeline([pickle, Backwards()])
    assert pipeline.loads(pipeline.dumps("abc")) == "abc"
