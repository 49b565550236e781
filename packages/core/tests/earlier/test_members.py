"""Methods, attributes and inner names of earlier versions: there, or refused with a sentence."""

from __future__ import annotations

import pickle
import subprocess
import sys
import zlib
from copy import deepcopy
from importlib import import_module
from io import BytesIO
from types import SimpleNamespace
from typing import Any

import pytest
import requests
import requests_cache
from requests_cache import (
    CachedRequest,
    CachedResponse,
    CachedSession,
    CacheSettings,
    OriginalResponse,
    Stage,
    init_serializer,
)
from requests_cache._earlier.members import MEMBERS, OVERRIDES
from requests_cache._earlier.names import INNER, MODULES
from requests_cache.errors import UnavailableAttributeError, UnavailableNameError
from requests_cache.models.raw_response import CachedHTTPResponse
from requests_cache.policy.expiration import get_expiration_datetime
from requests_cache.serializers import Compression

ALL = [(owner, name, member) for owner, found in MEMBERS.items() for name, member in found.items()]
MADE: dict[str, Any] = {
    "BaseCache": lambda _: requests_cache.BaseCache(),
    "BaseStorage": lambda _: requests_cache.DictStorage(),
    "CachedRequest": lambda _: CachedRequest("GET", "http://a.test/"),
    "CachedResponse": lambda _: CachedResponse(status_code=200),
    "CachedSession": lambda _: CachedSession("a", backend="memory"),
    "CacheSettings": lambda _: requests_cache.CacheSettings(),
    "OriginalResponse": lambda _: OriginalResponse(),
    "SerializerPipeline": lambda _: init_serializer("json") | Compression("zlib"),
    "Stage": lambda _: Stage(zlib, "compress", "decompress"),
    "StoredResponse": lambda _: CachedResponse(status_code=200).raw,
    "FileDict": requests_cache.FileDict,
    "DbDict": lambda folder: requests_cache.SQLiteDict(folder / "a"),
}


@pytest.mark.parametrize(
    ("owner", "name", "member"), [each for each in ALL if each[0] in MADE], ids=str
)
def test_a_member_is_there_or_says_what_to_use(
    owner: str, name: str, member: Any, tmp_path: Any
) -> None:
    made = MADE[owner](tmp_path / "made")
    assert hasattr(made, name) is member.here
    if not member.here:
        with pytest.raises(UnavailableAttributeError, match=f"{name} of requests-cache is not her"):
            getattr(made, name)


def test_settings_are_made_of_arguments_that_have_others_too() -> None:
    made = CacheSettings.from_kwargs(expire_after=3, old_data_on_error=True, timeout=5)
    assert (made.expire_after, made.stale_if_error) == (3, True)


def test_a_response_is_wrapped_as_one_of_the_origin() -> None:
    response = requests.Response()
    wrapped = OriginalResponse.wrap_response(response, SimpleNamespace(cache_key="a"))
    assert wrapped is response
    assert isinstance(wrapped, OriginalResponse)
    assert (wrapped.from_cache, wrapped.cache_key, wrapped.expires) == (False, "a", None)
    hit = CachedResponse(status_code=200)
    assert OriginalResponse.wrap_response(hit) is hit
    assert hit.from_cache


@pytest.mark.parametrize("body", [b"abc", BytesIO(b"abc")])
def test_a_raw_response_is_made_of_bytes(body: Any) -> None:
    raw = CachedHTTPResponse(body=body, status=200, headers={"a": "b"}, reason=None)
    assert (raw.read(1), raw.read(), raw.status, raw.headers["A"]) == (b"a", b"bc", 200, "b")
    assert isinstance(CachedResponse(status_code=200).raw, CachedHTTPResponse)
    assert CachedHTTPResponse().read() == b""


@pytest.mark.parametrize("name", ["json", "default"])
def test_a_copy_of_a_pipeline_does_the_same(name: str) -> None:
    pipeline = init_serializer(name, False) | Stage(zlib, "compress", "decompress").copy()
    copied: Any = pipeline.copy()
    response = CachedResponse(status_code=200, content=b"x")
    assert copied is not pipeline
    assert copied.decode(*pipeline.encode(response)).content == b"x"


@pytest.mark.parametrize("name", ["MongoCache", "MongoDict"])
@pytest.mark.parametrize("verb", ["get_ttl", "set_ttl"])
def test_a_time_to_live_in_mongo_says_what_to_use(name: str, verb: str) -> None:
    cls = getattr(requests_cache, name)
    with pytest.raises(UnavailableAttributeError, match="expire_after="):
        getattr(cls.__new__(cls), verb)


@pytest.mark.parametrize("made", [CachedRequest("GET", "http://a.test/"), CachedResponse()])
def test_what_has_such_members_is_copied_and_pickled(made: Any) -> None:
    assert type(deepcopy(made)) is type(pickle.loads(pickle.dumps(made))) is type(made)


@pytest.mark.parametrize(
    ("module", "name"), [(module, name) for module, found in INNER.items() for name in found]
)
def test_a_name_of_a_module_is_there_or_says_what_to_use(module: str, name: str) -> None:
    package = import_module(f"requests_cache.{module}")
    if ":" in INNER[module][name].partition(" ")[0]:
        assert getattr(package, name)
        return
    assert not hasattr(package, name)
    says = rf"{module}\.{name} of requests-cache is not here: "
    with pytest.raises(UnavailableAttributeError, match=says):
        getattr(package, name)
    with pytest.raises(UnavailableNameError, match=says):
        exec(f"from requests_cache.{module} import {name}")


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("models.base", "RichMixin"),
        ("models.response", "set_response_defaults"),
        ("policy.directives", "CacheDirectives"),
        ("policy.directives", "set_request_headers"),
        ("serializers.preconf", "orjson_serializer"),
    ],
)
def test_a_name_of_the_top_is_refused_where_it_was(module: str, name: str) -> None:
    with pytest.raises(ImportError, match=f"{name} of requests-cache is not here"):
        exec(f"from requests_cache.{module} import {name}")


@pytest.mark.parametrize("name", ["DEFAULT_CACHE_NAME", "ALL_METHODS", "DEFAULT_STATUS_CODES"])
def test_constants_are_also_where_the_session_is(name: str) -> None:
    assert getattr(import_module("requests_cache.session"), name)


def test_text_that_is_no_date_can_be_no_lifetime() -> None:
    assert get_expiration_datetime("no date", ignore_invalid_httpdate=True) is None
    with pytest.raises(requests_cache.errors.ConfigurationError):
        get_expiration_datetime("no date")


def test_modules_are_there_after_an_import_of_the_package_alone() -> None:
    """Earlier versions imported all of it at once, so programs name `requests_cache.session`."""
    program = (
        "import sys, requests_cache\n"
        "from requests_cache._earlier.names import MODULES\n"
        "for name in sorted(MODULES):\n"
        "    for old in [each for each in sys.modules if each.startswith('requests_cache.')]:\n"
        "        del sys.modules[old]\n"
        "    place = sys.modules['requests_cache']\n"
        "    for part in name.split('.'):\n"
        "        vars(place).pop(part, None)\n"
        "        place = getattr(place, part)\n"
        "    print(place.__name__)\n"
    )
    run = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert run.stdout.split() == [f"requests_cache.{name}" for name in sorted(MODULES)], run.stderr


@pytest.mark.parametrize("name", OVERRIDES)
def test_who_overrides_the_inside_of_a_session_is_told_what_to_use(name: str) -> None:
    with pytest.warns(
        UserWarning, match=f"Own.{name} of requests-cache is not called here"
    ) as told:
        type("Own", (CachedSession,), {name: lambda self: None})
    assert OVERRIDES[name] in str(told[0].message)
