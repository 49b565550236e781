"""A client certificate says who is asking, by its content."""

from __future__ import annotations

from pathlib import Path

import pytest
from requests import Request
from requests.exceptions import InvalidSchema
from requests_cache import BaseCache, CachedSession

URL = "https://site.test/me"


def test_two_contents_under_one_path_are_two_users(tmp_path: Path) -> None:
    cache, file = BaseCache(), tmp_path / "me.pem"
    file.write_bytes(b"ann")
    ann = cache.create_key(Request("GET", URL), cert=str(file))
    file.write_bytes(b"bobby")
    bob = cache.create_key(Request("GET", URL), cert=str(file))
    nobody = cache.create_key(Request("GET", URL))
    assert len({ann, bob, nobody}) == 3


def test_one_content_under_two_paths_is_one_user(tmp_path: Path) -> None:
    cache, files = BaseCache(), [tmp_path / "1.pem", tmp_path / "2.pem"]
    for file in files:
        file.write_bytes(b"ann")
    one, other = (cache.create_key(Request("GET", URL), cert=str(file)) for file in files)
    assert one == other


def test_the_key_of_a_certificate_is_part_of_it() -> None:
    cache = BaseCache()
    one, other = (
        cache.create_key(Request("GET", URL), cert=("ann.pem", key)) for key in ("a.key", "b.key")
    )
    assert one != other


def test_who_has_no_adapter_has_no_certificate() -> None:
    with CachedSession(backend="memory") as session:
        del session.adapters["https://"]
        with pytest.raises(InvalidSchema):
            session.get(URL)
