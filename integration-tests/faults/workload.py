"""What a process of the tests does to a store: `python -m faults.workload COMMAND ...`."""

from __future__ import annotations

import json
import sys
import time
from threading import Thread
from typing import Any

from requests_cache import CachedSession
from requests_cache.backends.base import BaseCache, BaseStorage
from services.patience import patient_options

from faults.ledger import Clears
from faults.mixing import Mixer
from faults.values import make_entry

__all__ = ["THREADS", "open_store"]

THREADS = 8


def open_store(kind: str, where: str, name: str = "own", *, patient: bool = True) -> BaseStorage:
    """Open a store by its kind: in a file or a folder, or in what a server is told in JSON.

    Args:
        kind: of store.
        where: path, or options of the store; their `name` is that of the database or table.
        name: of the namespace, of which there are several in one place.
        patient: wait longer for a server than a store does by default.
    """
    if kind == "sqlite":
        from requests_cache.backends.sqlite import DbDict

        return DbDict(where, name, timeout=30)
    if kind == "filesystem":
        from requests_cache.backends.filesystem import FileDict

        return FileDict(f"{where}/{name}")
    options = json.loads(where) | (patient_options(kind) if patient else {})
    place = options.pop("name")
    if kind == "redis":
        from requests_cache.backends.redis import RedisDict

        return RedisDict(place, name, **options)
    if kind == "mongodb":
        from requests_cache.backends.mongo import MongoDict

        return MongoDict(place, name, **options)
    if kind == "gridfs":
        from requests_cache.backends.gridfs import GridFSDict

        return GridFSDict(place, name, **options)
    from requests_cache.backends.dynamodb import DynamoDbDict

    return DynamoDbDict(place, name, **options)


def mixed(kind: str, where: str, clears: str, process: str, seconds: str) -> None:
    """Let 8 threads put, get, delete, expire and clear; print how many operations, and errors."""
    stores = open_store(kind, where), open_store(kind, where, "shared")
    errors = list[str]()
    end = time.monotonic() + float(seconds)
    mixers = [
        Mixer(*stores, Clears(clears), f"{process}-{n}", clearing=f"{process}-{n}" == "0-0")
        for n in range(THREADS)
    ]

    def work(mixer: Mixer) -> None:
        try:
            mixer.run(end)
        except BaseException as error:  # noqa: BLE001  # whatever it is, the test has to hear of it
            errors.append(f"{type(error).__name__}: {error}")

    threads = [Thread(target=work, args=(mixer,)) for mixer in mixers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for store in stores:
        store.close()
    operations = sum(mixer.operations for mixer in mixers)
    gone = sum(mixer.ledger.cleared for mixer in mixers)
    print(json.dumps({"operations": operations, "gone": gone, "errors": errors}))


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


def crowd(kind: str, where: str, url: str) -> None:
    """Say that we are there, wait for a word, and let 8 threads request a URL at once."""
    cache = BaseCache("crowd")
    cache.responses = open_store(kind, where)
    cache.redirects = open_store(kind, where, "redirects")
    bodies = set[bytes]()
    with CachedSession(backend=cache, collapse="processes") as session:
        threads = [
            Thread(target=lambda: bodies.add(session.get(url).content)) for _ in range(THREADS)
        ]
        print("ready", flush=True)
        sys.stdin.readline()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    print(json.dumps([body.decode() for body in bodies]))


COMMANDS: dict[str, Any] = {"mixed": mixed, "write": write, "lead": lead, "crowd": crowd}

if __name__ == "__main__":
    COMMANDS[sys.argv[1]](*sys.argv[2:])
