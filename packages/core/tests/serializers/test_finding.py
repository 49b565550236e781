"""Finding serializers: by name, by entry point, and what is said about missing libraries."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest


def run(code: str, *path: Path) -> str:
    """Run a program, and give what it prints."""
    program = f"import sys; sys.path[:0] = {[str(each) for each in path]!r}\n{code}"
    result = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, result.stderr
    return result.stdout.strip()


def test_entry_point_names_a_serializer(tmp_path: Path) -> None:
    (tmp_path / "backwards.py").write_text(
        "class Backwards:\n"
        "    def dumps(self, value): return repr(value)[::-1]\n"
        "    def loads(self, text): return text[::-1]\n"
        "backwards = Backwards()\n"
    )
    info = tmp_path / "backwards-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: backwards\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[requests_cache.serializers]\nbackwards = backwards:backwards\n"
    )
    code = (
        "from requests_cache import init_serializer\n"
        "s = init_serializer('backwards')\n"
        "print(s.loads(s.dumps(12)))\n"
        "try: init_serializer('forwards')\n"
        "except ValueError as error: print(error)\n"
    )
    assert run(code, tmp_path).splitlines() == [
        "12",
        "no serializer 'forwards'; there are"
        " backwards, bson, default, json, pickle, safe_pickle, yaml",
    ]


@pytest.mark.parametrize(
    ("library", "call", "install"),
    [
        ("cattrs", "init_serializer('json')", "requests-cache-core[json]"),
        ("cattrs", "cattrs.CattrStage()", "requests-cache-core[json]"),
        ("cattrs", "Own()", "pip install cattrs"),
        ("yaml", "init_serializer('yaml')", "requests-cache-core[yaml]"),
        ("bson", "init_serializer('bson')", "requests-cache-core[bson]"),
        ("itsdangerous", "init_serializer(secret_key='key')", "requests-cache-core[security]"),
        ("itsdangerous", "preconf.signer_stage('key')", "requests-cache-core[security]"),
        ("cryptography", "Encryption('key')", "requests-cache-core[encryption]"),
        ("zstandard", "Compression('zstd')", "pip install zstandard"),
        ("brotli", "Compression('brotli')", 'pip install "brotli>=1.2"'),
    ],
)
def test_missing_library_is_named_with_what_to_install(
    library: str, call: str, install: str
) -> None:
    code = (
        f"sys.modules[{library!r}] = None\n"
        "from requests_cache import init_serializer\n"
        "from requests_cache.serializers import Compression, DocumentSerializer, Encryption\n"
        "from requests_cache.serializers import cattrs, preconf\n"
        "class Own(DocumentSerializer):\n"
        "    name, to_bytes, from_bytes = 'own', repr, eval\n"
        f"try: {call}\n"
        "except ImportError as error: print(type(error).__name__, error)\n"
    )
    printed = run(code)
    assert printed.startswith("NotInstalledError")
    assert install in printed


def test_default_serializer_imports_no_optional_library() -> None:
    code = (
        # Old versions of urllib3 import what they can decode with.
        "import requests\n"
        "before = set(sys.modules)\n"
        "import requests_cache\n"
        "session = requests_cache.CachedSession(backend='memory')\n"
        "names = ('cattrs', 'attrs', 'itsdangerous', 'yaml', 'bson', 'cryptography', 'zstandard')\n"
        "print([name for name in names if name in sys.modules.keys() - before])\n"
    )
    assert run(code) == "[]"
