"""Several responses of one URL: pure."""

from __future__ import annotations

import pytest
from requests_cache._matching.variants import describe_variant, is_variant, variant_key


def test_the_selecting_fields_are_described_with_their_values() -> None:
    described = describe_variant(
        "Accept-Language, accept ,, Accept", {"accept-language": "de ,  en", "accept": b"a/b"}
    )
    assert described == [("accept", "a/b"), ("accept-language", "de,en")]
    assert describe_variant("Accept", {}) == [("accept", None)]


@pytest.mark.parametrize("vary", ["*", "Accept, *"])
def test_vary_by_everything_has_no_description(vary: str) -> None:
    assert describe_variant(vary, {}) is None


def test_a_credential_is_described_by_a_digest() -> None:
    described = describe_variant("Cookie", {"cookie": "id=secret"})
    assert described is not None
    assert "secret" not in str(described)
    assert is_variant(described, {"cookie": "id=secret"})
    assert not is_variant(described, {"cookie": "id=other"})


def test_a_variant_is_selected_by_the_same_values() -> None:
    described = describe_variant("Accept", {"accept": "a/b, c/d"})
    assert described is not None
    assert is_variant(described, {"accept": "a/b ,c/d", "other": "1"})
    assert not is_variant(described, {"accept": "c/d, a/b"})
    assert not is_variant(described, {})


def test_each_variant_has_a_key_of_its_own() -> None:
    described = [["accept", "a/b"]]
    keys = {
        variant_key(key, described, headers)
        for key in ("one", "two")
        for headers in ({}, {"accept": "a"}, {"accept": "b"})
    }
    assert len(keys) == 6
    again = variant_key("one", [["accept", "whatever"]], {"accept": "a"})
    assert again in keys
