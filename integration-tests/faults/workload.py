"""What a process of the tests does to a store: `python workload.py mixed|write|lead ARGUMENTS`.

A value says its key, its number and its own checksum, so a torn or foreign one is seen.
"""

from __future__ import annotations

import json
import random
import sys
import time
from hashlib import sha256
from threading import Thread
from typing import Any

from requests_cache.backends.base import BaseStorage, Entry

THREADS = 8


def open_store(kind: str, where: str) -> BaseStorage:
    """Open a store by its kind: a file, a folder, or a mapping of a server."""
    if kind == "sqlite":
        from requests_cache.backends.sqlite import DbDict

        return DbDict(where, timeout=30)
    if kind == "filesystem":
        from requests_cache.backends.filesystem import FileDict

        return FileDict(where)
    options = json.loads(where)
    name = options.pop("name")
    if kind == "redis":
        from requests_cache.backends.redis import RedisDict

        return RedisDict(name, **options)
    if kind == "mongodb":
        from requests_cache.backends.mongo import MongoDict

        return MongoDict(name, **options)
    from requests_cache.backends.dynamodb import DynamoDbDict

    return DynamoDbDict(name, **options)


def make_entry(key: str, number: int, size: int) -> Entry:
    """Make a value that can be checked."""
    body = random.Random(f"{key}/{number}").randbytes(size)
    head = json.dumps([key, number, sha256(body).hexdigest()]).encode()
    return Entry(head, body)


def check(key: str, entry: Entry) -> int:
    """Give the number of a value; raise if it is torn or another key's."""
    name, number, digest = json.loads(entry.head)
    assert name == key, f"foreign value under {key}: {name}"
    assert sha256(entry.body).hexdigest() == digest, f"torn value under {key}"
    return int(number)


def mixed(kind: str, where: str, process: str, seconds: str) -> None:
    """Let 8 threads put, get, delete, expire and clear; print how many operations, and errors."""
    store = open_store(kind, where)
    counts, errors = [0] * THREADS, list[str]()
    end = time.monotonic() + float(seconds)

    def work(number: int) -> None:
        try:
            counts[number] = _mix(store, f"{process}-{number}", end)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test has to hear of it
            errors.append(f"{type(error).__name__}: {error}")

    threads = [Thread(target=work, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    store.close()
    print(json.dumps({"operations": sum(counts), "errors": errors}))


def _mix(store: BaseStorage, me: str, end: float) -> int:
    """Work on keys of one's own, where nothing may be lost, and on keys that all share."""
    rng, mine, count = random.Random(me), dict[str, int](), 0
    while time.monotonic() < end:
        count += 1
        own, shared = f"own-{me}-{rng.randrange(20)}", f"shared-{rng.randrange(20)}"
        action = rng.random()
        if action < 0.3:
            store.write(own, make_entry(own, count, rng.choice((10, 2000, 100_000))))
            mine[own] = count
        elif action < 0.6:
            found = store.read(own)
            number = None if found is None else check(own, found)
            assert number == mine.get(own), f"lost: {own} is {number}, not {mine.get(own)}"
        elif action < 0.65:
            store.discard(own)
            mine.pop(own, None)
        elif action < 0.75:
            store.write(shared, make_entry(shared, count, 5000))
        elif action < 0.9:
            entry = store.read(shared)
            if entry is not None:
                check(shared, entry)
        elif action < 0.95:
            store.discard(shared)
        elif action < 0.99:
            store.sweep(time.time(), 8)
            store.bulk_delete([f"shared-{number}" for number in range(5)])
        else:
            store.delete_expired(time.time())
    return count


def write(kind: str, where: str, first: str) -> None:
    """Write until killed; print the number of each value once it is stored."""
    store = open_store(kind, where)
    number = int(first)
    while True:
        key = f"key-{number % 50}"
        store.write(key, make_entry(key, number, (10, 3000, 200_000)[number % 3]))
        sys.stdout.write(f"{number}\n")
        sys.stdout.flush()
        number += 1


def lead(kind: str, where: str) -> None:
    """Take a lease, say so, and wait to be killed."""
    store = open_store(kind, where)
    print(store.lease("page", 2.0), flush=True)
    sys.stdin.read()


COMMANDS: dict[str, Any] = {"mixed": mixed, "write": write, "lead": lead}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
