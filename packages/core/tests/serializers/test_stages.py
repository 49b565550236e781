"""Compression, signatures and encryption: what they let through, and what they refuse."""

from __future__ import annotations

import logging
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from requests_cache._store.entry import Entry
from requests_cache.backends.base import BaseCache
from requests_cache.errors import (
    ConfigurationError,
    FormatMismatchError,
    RecordError,
    SignatureError,
)
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import (
    Compression,
    Encryption,
    Serializer,
    SerializerPipeline,
    Signature,
    init_serializer,
)

KEY = Encryption.new_key()


@pytest.mark.parametrize("name", ["default", "json", "yaml", "bson", "pickle"])
def test_secret_key_signs_values_of_any_format(name: str) -> None:
    signed = init_serializer(name, secret_key="key", salt="salt")
    head, body = signed.encode({"b": 1})
    assert signed.decode(head, body) == {"b": 1}
    with pytest.raises(FormatMismatchError, match="its secret_key"):
        init_serializer(name).decode(head, body)


@pytest.mark.parametrize(
    ("key", "salt"), [("other", None), ("key", "other"), (["old", "other"], None)]
)
def test_value_that_was_signed_with_another_key_or_salt_is_refused(key: Any, salt: Any) -> None:
    head, body = init_serializer(secret_key="key").encode("value")
    with pytest.raises(SignatureError):
        init_serializer(secret_key=key, salt=salt).decode(head, body)


def test_value_without_a_signature_is_refused() -> None:
    with pytest.raises(SignatureError, match="not signed"):
        init_serializer(secret_key="key").decode(*init_serializer().encode("value"))


def test_keys_are_rotated_by_appending_one() -> None:
    by_old = init_serializer(secret_key="old").encode("value")
    both = init_serializer(secret_key=["old", "new"])
    by_new = both.encode("value")
    assert both.decode(*by_old) == "value"
    only_new = init_serializer(secret_key="new")
    assert only_new.decode(*by_new) == "value"
    with pytest.raises(SignatureError):
        only_new.decode(*by_old)


def test_wrong_signature_is_a_miss_with_a_warning_and_is_counted(
    samples: list[CachedResponse], caplog: pytest.LogCaptureFixture
) -> None:
    theirs = BaseCache(secret_key="theirs")
    theirs.write_response("key", samples[0])
    ours = BaseCache(secret_key="ours")
    entry = theirs.responses.read("key")
    assert entry is not None
    ours.responses.write("key", entry)
    with caplog.at_level(logging.WARNING):
        assert ours.get_response("key") is None
    assert "not signed with our secret_key" in caplog.text
    assert ours.stats.invalid == 1


@pytest.mark.parametrize(
    "stage", [lambda: Signature("key"), lambda: Encryption(Encryption.new_key())]
)
def test_body_of_another_response_is_refused(
    stage: Callable[[], Any], samples: list[CachedResponse]
) -> None:
    """Even if it has the length and the checksum that the head names."""
    serializer = init_serializer() | stage()
    head, _ = serializer.encode(samples[0])
    _, body = serializer.encode(b"some other body")
    with pytest.raises(SignatureError, match="does not belong"):
        serializer.decode(head, body)
    with pytest.raises(SignatureError, match="does not belong"):
        serializer.decode(head, b"")


def test_signed_head_is_read_without_its_body(samples: list[CachedResponse]) -> None:
    for serializer in (init_serializer(secret_key="key"), init_serializer() | Encryption(KEY)):
        head, _ = serializer.encode(samples[1])
        response: Any = serializer.decode(head, None)
        assert (response.status_code, response.size) == (201, 256)


def test_encrypted_value_shows_nothing_and_needs_its_key(samples: list[CachedResponse]) -> None:
    old, new = Encryption.new_key(), Encryption.new_key()
    stored = b"".join((init_serializer() | Encryption(old)).encode(samples[0]))
    assert b"origin.test" not in stored
    assert b"text" not in stored
    pair = (init_serializer() | Encryption(old)).encode("value")
    assert (init_serializer() | Encryption([old, new])).decode(*pair) == "value"
    with pytest.raises(SignatureError, match="another key"):
        (init_serializer() | Encryption(new)).decode(*pair)
    with pytest.raises(FormatMismatchError, match="Encryption stage"):
        init_serializer().decode(*pair)


def test_compression_makes_smaller_and_reads_what_is_not_compressed() -> None:
    plain, packed = init_serializer(), init_serializer() | Compression()
    value = "abcdefgh " * 1000
    assert len(packed.dumps(value)) < len(plain.dumps(value)) / 20
    assert packed.decode(*plain.encode(value)) == value
    for codec in ("zstd", "brotli"):
        other = init_serializer() | Compression(codec)
        assert packed.decode(*other.encode(value)) == value


@pytest.mark.parametrize("codec", ["zlib", "zstd", "brotli"])
def test_what_shrinks_too_well_is_kept_as_it_is(codec: str) -> None:
    """So nothing that we wrote ourselves looks like a bomb."""
    serializer = init_serializer() | Compression(codec)
    value = bytes(1_000_000)
    head, body = serializer.encode(value)
    assert body == value
    assert serializer.decode(head, body) == value


@pytest.mark.parametrize("codec", ["zlib", "zstd", "brotli"])
@pytest.mark.parametrize("claimed", [10**15, 10_000_000, 1000, 2**63 - 1, -5])
def test_bomb_is_not_unpacked(codec: str, claimed: int) -> None:
    stage = Compression(codec)
    bomb = stage._codec.compress(bytes(50_000_000), None)
    head = b"RQZ\x01" + stage._codec.mark + (-1).to_bytes(8, "little", signed=True)
    head += claimed.to_bytes(8, "little", signed=True)
    with pytest.raises(RecordError):
        stage.decode(head, bomb)


def test_unknown_codec_in_a_stored_value_is_an_unreadable_value() -> None:
    with pytest.raises(RecordError, match="unknown way"):
        Compression().decode(b"RQZ\x01?" + bytes(16), b"")
    with pytest.raises(RecordError, match="cut off"):
        Compression().decode(b"RQZ\x01", b"")


def test_new_head_goes_with_an_old_body_unless_the_body_varies() -> None:
    """A 304 replaces the head alone only if the signature in it still fits the stored body."""
    default = init_serializer()
    assert (default | Signature("key")).keeps_body
    assert (default | Compression()).keeps_body
    assert (default | Encryption(KEY)).keeps_body
    assert not (default | Compression() | Signature("key")).keeps_body
    assert not (init_serializer("json") | Signature("key")).keeps_body


@pytest.mark.parametrize("options", [{}, {"secret_key": "key"}, {"secret_key": ["old", "new"]}])
def test_redirect_keeps_its_history_under_every_stage(
    options: dict[str, Any], samples: list[CachedResponse]
) -> None:
    for serializer in (None, init_serializer("json"), init_serializer() | Compression(smallest=0)):
        cache = BaseCache(serializer=serializer, **options)
        cache.write_response("target", samples[0])
        cache.write_redirect("alias", "target", samples[1].record.fields["history"])
        found = cache.get_response("alias")
        assert [hop.status_code for hop in found.history] == [302]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"secret_key": ""}, "not empty"),
        ({"secret_key": []}, "one or several"),
        ({"secret_key": ["a", 5]}, "one or several"),
        ({"salt": "alone"}, "secret_key"),
        ({"serializer": "safe_pickle"}, "give a secret_key"),
        ({"serializer": "jsn"}, "there are bson, default, json"),
        ({"serializer": 5}, "dumps"),
    ],
)
def test_wrong_option_says_what_to_give(options: dict[str, Any], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        init_serializer(options.pop("serializer", None), **options)


def test_wrong_stage_says_what_to_give() -> None:
    with pytest.raises(ConfigurationError, match="new_key"):
        Encryption("not a key")
    with pytest.raises(ConfigurationError, match="brotli, zlib, zstd"):
        Compression("gzip")
    with pytest.raises(ConfigurationError, match="is not a stage"):
        SerializerPipeline(init_serializer(), zlib)  # the same by name
    with pytest.raises(ConfigurationError, match="is not a stage"):
        init_serializer() | zlib  # type: ignore[operator]  # what somebody may try


def test_stored_values_of_every_kind_are_told_apart() -> None:
    """A cache that is opened with another serializer says who wrote it, and gives no garbage."""
    names = ["default", "json", "yaml", "bson", "pickle"]
    for writer in names:
        cache = BaseCache(serializer=writer)
        pair = cache.serializer.encode(["value"])
        for reader in names:
            if reader != writer:
                with pytest.raises(FormatMismatchError, match=f'serializer="{writer}"'):
                    init_serializer(reader).decode(*pair)


def test_entry_that_is_no_response_is_a_miss() -> None:
    cache = BaseCache(serializer="json")
    cache.responses.write("key", Entry(*cache.serializer.encode([1])))
    assert cache.get_response("key") is None


def test_new_expiration_leaves_a_response_readable(
    serializer: Serializer, samples: list[CachedResponse]
) -> None:
    cache = BaseCache(serializer=serializer)
    for number, sample in enumerate(samples):
        cache.write_response(f"key {number}", sample)
    cache.reset_expiration(-1)
    for number, sample in enumerate(samples):
        found = cache.get_response(f"key {number}")
        assert found.content == sample.content
        assert found.expires is None
    assert [response.url for response in cache.filter()] == [each.url for each in samples]
