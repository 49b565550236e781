"""With the default settings nothing that is stored can reach a reader that runs code."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

PROGRAM = """
import builtins, os, pickle, random, sqlite3, sys
from pathlib import Path

MARKER = Path(sys.argv[1]) / "executed"
class Payload:
    def __reduce__(self):
        return (Path.touch, (MARKER,))

payloads = [pickle.dumps(Payload(), protocol) for protocol in range(6)]
payloads += [pickle.dumps({"a": 1}), b"", b"cos\\nsystem\\n(S'false'\\ntR."]
payloads += [b"__import__('os')", b"!!python/object/apply:os.system [false]", bytes(64)]
import marshal
payloads += [marshal.dumps(compile("1", "x", "eval"))]

import requests
from requests_cache import clock
from requests_cache import CachedSession
from requests_cache._store.entry import Entry
from requests_cache.testing.origin import Origin

def make_sessions():
    yield CachedSession("safe", backend="memory")
    yield CachedSession(sys.argv[1] + "/safe.sqlite", backend="sqlite")

calls = []
def trap(name):
    def trapped(*args, **kwargs):
        calls.append(name)
        raise AssertionError(name + " was called")
    return trapped

with Origin() as origin:
    sessions = list(make_sessions())
    url = origin.url("/json")
    for session in sessions:
        session.get(url)
    records = [b"".join(entry[:2]) for s in sessions for _, entry in s.cache.responses.scan(True)]
    # Python reads its own compiled modules with marshal, so what may be imported is imported now.
    import contextlib, importlib, pkgutil, requests_cache, yaml
    for found in pkgutil.walk_packages(requests_cache.__path__, "requests_cache."):
        if not found.name.startswith(("requests_cache.testing", "requests_cache.migrate")):
            with contextlib.suppress(ImportError):
                importlib.import_module(found.name)
    for module in ("pickle", "_pickle", "marshal"):
        loaded = __import__(module)
        for name in ("load", "loads", "Unpickler", "_load", "_loads", "_Unpickler"):
            if hasattr(loaded, name):
                setattr(loaded, name, trap(module + "." + name))
    for name in ("load", "load_all", "unsafe_load", "full_load", "safe_load", "parse"):
        setattr(yaml, name, trap("yaml." + name))
    builtins.eval = trap("eval")
    rng = random.Random(1)
    for session in sessions:
        responses = session.cache.responses
        (key,) = responses
        good = responses.read(key)
        for payload in payloads + [payload + record for payload in payloads for record in records]:
            for head, body in (
                (payload, b""), (good.head, payload), (good.head[:40] + payload, good.body),
                (b"RQC\\x01" + payload, payload), (b"RQV\\x01" + payload, b""),
                (b"RQB\\x01" + payload, payload),
                (b"RQP\\x01" + payload, b""), (b"RQS\\x01" + payload, b""),
            ):
                responses.write(key, Entry(head, body))
                assert session.get(url).status_code == 200
                responses.write(key, Entry(head, body))
                session.cache.redirects.write("alias", Entry(payload, payload))
                assert session.cache.get_response("alias") is None
                list(session.cache.filter())
        session.get(url)
        assert session.get(url).from_cache
        session.close()
assert not calls, calls
assert not MARKER.exists()
print("safe")
"""


def test_no_stored_bytes_reach_pickle_marshal_eval_or_yaml(tmp_path: Path) -> None:
    result = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], capture_output=True, text=True, check=False
    )
    assert result.stdout.strip() == "safe", result.stderr[-3000:]
