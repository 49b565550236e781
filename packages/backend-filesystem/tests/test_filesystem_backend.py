"""What the filesystem backend does beyond the contract of a store."""

from __future__ import annotations

import errno
import json
import math
import os
import pickle
import stat
import struct
import subprocess
import sys
from collections.abc import Iterator
from inspect import signature
from pathlib import Path
from threading import Thread

import pytest
import requests
import yaml
from requests_cache import clock
from requests_cache.backends import init_backend
from requests_cache.backends.base import Entry
from requests_cache.backends.filesystem import FileCache, FileDict, folder, layout
from requests_cache.backends.filesystem.folder import map_error
from requests_cache.backends.filesystem.layout import file_name, key_of, shard_of
from requests_cache.errors import (
    ConfigurationError,
    StorageFullError,
    StorageUnavailableError,
    UnknownOptionError,
    ValueTooLargeError,
)

KEY = "0123456789abcdef" * 4
ODD_KEYS = [
    "", "a", "A", "con", "LPT1", "../evil", "/etc/passwd", "a/b", "a\\b", "a.bin", ".", "..",
    "tmp", "a\0b", "line\nbreak", "*", "[a]?", "=mfra", "+" + "0" * 64, "\xe9", "e\u0301", "\ud800",
    "a" * 128, "a" * 129, "A" * 79, "A" * 80, "\N{SNOWMAN}" * 5000,
]  # fmt: skip


@pytest.fixture
def store(tmp_path: Path) -> FileDict:
    return FileDict(tmp_path / "store")


@pytest.fixture
def cache(tmp_path: Path) -> Iterator[FileCache]:
    cache = FileCache(tmp_path / "cache")
    yield cache
    cache.close()


def response(url: str = "http://example.com/", body: bytes = b"body") -> requests.Response:
    made = requests.Response()
    made.url = url
    made.status_code = 200
    made._content = body
    made.request = requests.Request("GET", url).prepare()
    return made


def files_of(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_parameters_are_those_of_the_seed() -> None:
    assert list(signature(FileCache).parameters) == ["cache_name", "use_temp", "kwargs"]
    assert signature(FileCache).parameters["cache_name"].default == "http_cache"
    assert signature(FileCache).parameters["use_temp"].default is False
    names = ["cache_name", "use_temp", "extension", "kwargs"]
    assert list(signature(FileDict).parameters) == names
    assert signature(FileDict).parameters["extension"].default is None


def test_is_found_by_name(tmp_path: Path) -> None:
    cache = init_backend("filesystem", tmp_path / "cache")
    assert type(cache) is FileCache
    cache.close()


@pytest.mark.parametrize("cls", [FileCache, FileDict])
def test_unknown_option_is_an_error_that_names_the_nearest(
    cls: type[FileCache | FileDict], tmp_path: Path
) -> None:
    with pytest.raises(UnknownOptionError, match=r"secret_keys.*did you mean 'secret_key'"):
        cls(tmp_path / "cache", secret_keys="x")
    assert not files_of(tmp_path)


def test_folder_that_is_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(ConfigurationError, match="cannot be a folder"):
        FileCache(tmp_path / "cache")


@pytest.mark.parametrize("extension", ["../x", "a/b", ".key", "a b", "x" * 17])
def test_extension_that_is_no_suffix_is_refused(extension: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="extension="):
        FileDict(tmp_path / "store", extension=extension)


@pytest.mark.parametrize("key", ODD_KEYS)
def test_any_key_is_one_file_in_the_folder(key: str, store: FileDict, tmp_path: Path) -> None:
    store[key] = key
    assert store[key] == key
    assert list(store) == [key]
    (path,) = store.paths()
    assert Path(path).resolve().parent.parent == tmp_path / "store"
    del store[key]
    assert not files_of(tmp_path)


def test_keys_do_not_collide_on_any_file_system(store: FileDict) -> None:
    for key in ODD_KEYS:
        store[key] = key
    assert sorted(store) == sorted(ODD_KEYS)
    assert len({Path(path).name.lower() for path in store.paths()}) == len(ODD_KEYS)
    assert {key: store[key] for key in ODD_KEYS} == {key: key for key in ODD_KEYS}


def test_name_of_a_hash_is_the_hash() -> None:
    assert file_name(KEY) == KEY


@pytest.mark.parametrize("name", ["README", "=0", "=ME", "a b c d", "\xe9\xe9\xe9\xe9\xe9"])
def test_name_that_no_key_has_is_no_key(name: str) -> None:
    assert key_of(name) is None


@pytest.mark.parametrize(
    "size", [0, 1, 4062, 4063, 4064, 65_500, 65_511, 65_512, 65_513, 65_536, 200_000, 5_000_000]
)
def test_body_of_any_size_round_trips(size: int, store: FileDict) -> None:
    entry = Entry(b"h", b"b" * size, 1.5, 2.5)
    store.write(KEY, entry)
    assert store.read(KEY) == entry
    assert list(store.scan()) == [(KEY, entry._replace(body=b""))]
    assert list(store.scan(bodies=True)) == [(KEY, entry)]


@pytest.mark.parametrize("size", [4059, 4060, 4061, 4063, 4064, 4065, 65_512, 65_513, 300_000])
def test_head_of_any_size_round_trips(size: int, store: FileDict) -> None:
    entry = Entry(b"h" * size, b"body")
    store.write(KEY, entry)
    assert store.read(KEY) == entry
    assert list(store.scan()) == [(KEY, entry._replace(body=b""))]


@pytest.mark.parametrize("size", [0, 10, 5000, 2_000_000])
@pytest.mark.parametrize("version", [1, 2])
def test_file_of_an_earlier_version_is_read(version: int, size: int, store: FileDict) -> None:
    """Its prefix does not have the length of the body; in version 2 the body comes first."""
    entry = Entry(b"head" * 300, os.urandom(size), 1.5, None)
    prefix = struct.pack("<4sddI", b"RQF%c" % version, 1.5, math.inf, len(entry.head))
    store.write(KEY, Entry(b"new"))
    parts = (entry.head, entry.body) if version == 1 else (entry.body, entry.head)
    Path(store.paths()[0]).write_bytes(prefix + b"".join(parts))
    assert store.read(KEY) == entry
    assert list(store.scan()) == [(KEY, entry._replace(body=b""))]
    opened = store.open_body(KEY)
    assert opened is not None
    with opened[1] as body:
        assert (opened[0], body.read()) == (entry._replace(body=b""), entry.body)


@pytest.mark.parametrize("size", [0, 3000, 200_000])
def test_file_that_claims_to_be_huge_takes_no_more_memory_than_it_has(
    size: int, store: FileDict
) -> None:
    """A length that is damaged may be any number."""
    prefix = struct.pack("<4sddIQ", b"RQF\x03", 1.5, 2.5, 4, 1 << 60)
    store.write(KEY, Entry(b"new"))
    Path(store.paths()[0]).write_bytes(prefix + b"head" + bytes(size))
    assert store.read(KEY) == Entry(b"head", bytes(size), 1.5, 2.5)


@pytest.mark.parametrize("taken", [None, 0, 10, 32, 37, 100, 5000])
def test_a_value_is_stored_whatever_the_system_writes_at_once(
    taken: int | None, store: FileDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It may write a part of what it is given, and Windows takes no two pieces at once."""
    entry = Entry(b"heads", os.urandom(9000), 1.5, 2.5)

    def write_some(file: int, pieces: tuple[bytes, ...]) -> int:
        return os.write(file, b"".join(pieces)[:taken])

    monkeypatch.setattr(folder, "_CAN_GATHER", taken is not None)
    monkeypatch.setattr(os, "writev", write_some, raising=False)
    store.write(KEY, entry)
    assert store.read(KEY) == entry


def test_a_hit_takes_four_calls_to_the_system_and_of_a_small_file_three(
    store: FileDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.write("small", Entry(b"head", b"b" * 2000))
    store.write("large", Entry(b"head", b"b" * 100_000))
    calls: list[str] = []

    def note(module: object, name: str) -> None:
        function = getattr(module, name)

        def noted(*args: object) -> object:
            calls.append(name)
            return function(*args)

        monkeypatch.setattr(module, name, noted)

    for name in ("open", "read", "close", "fstat", "stat", "lseek"):
        note(os, name)
    note(layout, "read_piece")
    store.read("small")
    assert calls == ["open", "read", "close"]
    calls.clear()
    store.read("large")
    assert calls == ["open", "read", "read_piece", "close"]


@pytest.mark.parametrize(
    "content",
    [b"", b"RQF\x01", b"garbage", *(b"RQF%c" % n + b"\xff" * 40 for n in (1, 2, 3, 4, 5))],
)
def test_damaged_file_is_no_response_and_can_be_deleted(content: bytes, cache: FileCache) -> None:
    cache.save_response(response(), KEY)
    Path(cache.paths()[0]).write_bytes(content)
    assert cache.get_response(KEY) is None
    assert list(cache.values()) == []
    cache.delete(invalid=True)
    assert cache.paths() == []


def test_files_and_folders_are_private(cache: FileCache) -> None:
    cache.save_response(response(), KEY)
    paths = [cache.cache_dir, *cache.cache_dir.rglob("*")]
    assert len(paths) > 4
    assert all(stat.S_IMODE(path.stat().st_mode) & 0o077 == 0 for path in paths)


def test_only_responses_are_counted(cache: FileCache) -> None:
    cache.save_response(response(), KEY)
    cache.write_redirect("other", KEY)
    (cache.cache_dir / "responses" / "tmp" / "leftover").write_bytes(b"x")
    (cache.cache_dir / "notes.bin").write_text("a file of somebody else's")
    assert len(cache.responses) == 1
    assert cache.response_count() == 1
    assert list(cache.responses.keys()) == [KEY]
    assert cache.paths() == [str(path) for path in cache.cache_dir.rglob(f"{KEY}.bin")]


def test_clear_leaves_other_files_alone(cache: FileCache) -> None:
    cache.save_response(response(), KEY)
    cache.save_response(response(), "K" * 1000)
    cache.write_redirect("other", KEY)
    notes = cache.cache_dir / "responses" / "notes.bin"
    notes.write_text("a file of somebody else's")
    cache.clear()
    assert list(cache.keys()) == []
    assert files_of(cache.cache_dir / "responses") == [notes]


def test_leftovers_of_a_killed_writer_are_deleted_after_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    FileDict(tmp_path)
    leftover = tmp_path / "tmp" / "leftover"
    leftover.write_bytes(b"x")
    written = leftover.stat().st_mtime
    monkeypatch.setattr(clock, "now", lambda: written + 3599)
    FileDict(tmp_path)
    assert leftover.exists()
    monkeypatch.setattr(clock, "now", lambda: written + 3601)
    FileDict(tmp_path)
    assert not leftover.exists()


def test_writer_that_fails_leaves_the_old_value_and_no_leftover(
    store: FileDict, monkeypatch: pytest.MonkeyPatch
) -> None:
    store[KEY] = "old"

    def full(*_: object) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        patch.setattr(os, "writev", full, raising=False)
        with pytest.raises(StorageFullError, match="disk is full") as raised:
            store[KEY] = "new"
    assert isinstance(raised.value.__cause__, OSError)
    assert store[KEY] == "old"
    assert len(files_of(store.cache_dir)) == 1


@pytest.mark.parametrize(
    ("number", "kind"),
    [(errno.EROFS, StorageUnavailableError), (errno.EFBIG, ValueTooLargeError)],
)
def test_errors_of_the_system_have_a_meaning(number: int, kind: type[Exception]) -> None:
    assert type(map_error("path", OSError(number, "text"))) is kind


def test_a_file_in_the_place_of_a_subfolder_is_replaced(store: FileDict) -> None:
    (store.cache_dir / shard_of(KEY)).write_text("")
    assert store.read(KEY) is None
    store[KEY] = 1
    assert store[KEY] == 1


def test_folder_that_was_deleted_is_made_again(store: FileDict) -> None:
    store[KEY] = 1
    for path in sorted(store.cache_dir.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() else path.unlink()
    assert KEY not in store
    store[KEY] = 2
    assert store[KEY] == 2


def test_value_is_never_missing_while_it_is_replaced(store: FileDict) -> None:
    """Three threads write whole values of three sizes; a reader sees each of them whole."""
    values = [Entry(bytes([n]) * 10, bytes([n]) * size) for n, size in enumerate((1, 9999, 99_999))]
    store.write(KEY, values[0])

    def write(entry: Entry) -> None:
        for _ in range(100):
            store.write(KEY, entry)

    threads = [Thread(target=write, args=(entry,)) for entry in values]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        assert store.read(KEY) in values
    assert len(files_of(store.cache_dir)) == 1


def test_long_key_stays_while_one_thread_stores_and_another_deletes(store: FileDict) -> None:
    key = "k" * 1000

    def delete() -> None:
        for _ in range(200):
            store.discard(key)

    thread = Thread(target=delete)
    thread.start()
    while thread.is_alive():
        store[key] = 1
    thread.join()
    store[key] = 2
    assert list(store) == [key]


def test_what_a_killed_process_wrote_is_there(store: FileDict) -> None:
    program = (
        "import os, sys; from requests_cache.backends.filesystem import FileDict;"
        "FileDict(sys.argv[1])['key'] = 'value'; os.kill(os.getpid(), 9)"
    )
    subprocess.run([sys.executable, "-c", program, str(store.cache_dir)], check=False)
    assert store["key"] == "value"


def test_fsync_stores_as_well(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[int] = []
    monkeypatch.setattr(os, "fsync", synced.append)
    store = FileDict(tmp_path / "store", fsync=True)
    store[KEY] = 1
    assert store[KEY] == 1
    assert len(synced) == 2, "the file, and the folder that has its name"


def test_suffixes_are_mappings_of_their_own(tmp_path: Path) -> None:
    stores = [FileDict(tmp_path, extension=extension) for extension in ("", "a", ".b")]
    long = "k" * 1000
    for number, store in enumerate(stores):
        store["key"] = store[long] = number
    del stores[0][long]
    stores[1].clear()
    assert [sorted(store) for store in stores] == [["key"], [], ["key", long]]


def test_pickled_cache_opens_the_same_folder(cache: FileCache) -> None:
    cache.save_response(response(body=b"kept"), KEY)
    copy = pickle.loads(pickle.dumps(cache))
    assert copy.get_response(KEY).content == b"kept"
    copy.close()


def test_redirects_outlive_the_cache(cache: FileCache) -> None:
    cache.save_response(response(body=b"target"), KEY)
    cache.write_redirect("from", KEY)
    cache.close()
    again = FileCache(cache.cache_dir)
    assert again.get_response("from").content == b"target"
    again.close()


def test_expired_responses_are_deleted_by_their_heads(cache: FileCache) -> None:
    cache.save_response(response(), "expired", expires=1.0)
    cache.save_response(response(), "forever")
    assert cache.response_count(check_expiry=True) == 1
    cache.delete(expired=True)
    assert list(cache.keys()) == ["forever"]


@pytest.mark.parametrize("name", ["json", "yaml"])
def test_readable_file_is_the_document_and_nothing_else(name: str, tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", serializer=name)
    cache.save_response(response(body=b"a text to read"), KEY)
    (path,) = cache.paths()
    assert path.endswith(f"{KEY}.{name}")
    text = Path(path).read_text("utf-8")
    document = json.loads(text) if name == "json" else yaml.safe_load(text)
    assert document["url"] == "http://example.com/"
    assert "a text to read" in text
    cache.close()


def test_edited_file_says_itself_when_it_expires(tmp_path: Path) -> None:
    cache = FileCache(tmp_path / "cache", serializer="json")
    cache.save_response(response(), KEY, expires=1.0)
    assert cache.response_count(check_expiry=True) == 0
    path = Path(cache.paths()[0])
    document = json.loads(path.read_bytes())
    del document["crc32"], document["expires"]
    path.write_text(json.dumps(document), "utf-8")
    assert cache.response_count(check_expiry=True) == 1
    cache.delete(expired=True)
    assert list(cache.keys()) == [KEY]
    cache.close()


def test_readable_format_declares_that_listing_reads_whole_files(tmp_path: Path) -> None:
    assert FileDict(tmp_path).capabilities.heads_apart
    assert not FileDict(tmp_path, serializer="json").capabilities.heads_apart
    assert FileDict(tmp_path, serializer="json", secret_key="x").capabilities.heads_apart
