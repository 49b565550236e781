"""What a serializer cannot write or read is an error of ours that says why."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any
from zlib import crc32

import pytest
from requests_cache.errors import (
    ConfigurationError,
    NotInstalledError,
    RecordError,
    UnsupportedValueError,
)
from requests_cache.models.response import CachedResponse
from requests_cache.serializers import Compression, Encryption, init_serializer
from requests_cache.serializers.default import unpack
from requests_cache.serializers.documents import read_response, write_response


class Odd:
    """An object with `dumps` and `loads` that cannot read what it wrote."""

    def dumps(self, value: object) -> str:
        return repr(value)

    def loads(self, data: str) -> object:
        raise LookupError("no such thing")


def test_what_cannot_be_pickled_is_named() -> None:
    with pytest.raises(UnsupportedValueError, match="'pickle' failed on a value of type function"):
        init_serializer("pickle").encode(lambda: None)


def test_what_a_format_has_no_form_for_is_refused() -> None:
    """BSON has no text with a lone surrogate."""
    with pytest.raises(UnsupportedValueError, match="'bson' failed on a value of type str"):
        init_serializer("bson").encode("\ud800")


def test_a_value_that_contains_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(UnsupportedValueError, match="contains itself"):
        init_serializer("default").encode(endless)


@pytest.mark.parametrize("packed", [{"i": "0xzz"}, {"no such tag": 1}, {"date": "never"}, {}])
def test_a_packed_value_that_means_nothing_is_damaged(packed: Any) -> None:
    with pytest.raises(RecordError, match="damaged"):
        unpack(packed)


def test_a_pickle_that_breaks_off_is_damaged_in_spite_of_its_checksum() -> None:
    head, _ = init_serializer("pickle").encode("value")
    data = head[8:-1]
    broken = head[:4] + crc32(data).to_bytes(4, "little") + data
    with pytest.raises(RecordError, match="cannot be read"):
        init_serializer("pickle").decode(broken, b"")


def test_whatever_a_callers_own_serializer_raises_means_that_the_value_cannot_be_read() -> None:
    serializer = init_serializer(Odd())
    with pytest.raises(RecordError, match=r"Odd\.loads failed: .*no such thing"):
        serializer.decode(*serializer.encode("value"))


@pytest.mark.parametrize("data", [b"", b"\0\0", b"\0\0\0\x09head"])
def test_one_piece_that_is_cut_off_is_refused(data: bytes) -> None:
    with pytest.raises(RecordError, match="cut off"):
        init_serializer("default").loads(data)


def test_an_encryption_without_keys_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="Encryption"):
        Encryption([])


def test_brotli_without_a_limit_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its old versions would unpack a bomb."""
    monkeypatch.setattr("brotli.Decompressor", object)
    with pytest.raises(NotInstalledError, match=r"brotli>=1\.2"):
        Compression("brotli")


def test_a_value_whose_codec_is_not_installed_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serializer = init_serializer("default")
    stored = (serializer | Compression("zstd", smallest=0)).encode("value" * 100)
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(RecordError, match="zstandard"):
        (serializer | Compression("zlib")).decode(*stored)


@pytest.mark.parametrize("change", [{"status": 70_000}, {"status": -1}, {"flags": 70_000}])
def test_a_document_with_an_impossible_number_is_refused(
    samples: list[CachedResponse], change: dict[str, int]
) -> None:
    document = write_response(samples[0], binary=False)
    assert read_response(document).status_code == 200
    with pytest.raises(RecordError, match="impossible status or flag"):
        read_response(replace(document, **change))  # type: ignore[arg-type]  # all are numbers


def test_a_key_cannot_be_made_without_the_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.fernet", None)
    with pytest.raises(NotInstalledError, match=r"requests-cache-core\[encryption\]"):
        Encryption.new_key()
