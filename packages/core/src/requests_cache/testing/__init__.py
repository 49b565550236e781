"""The contract of a backend, as tests for anybody: `pip install "requests-cache-core[testing]"`.

    class TestMyDict(StorageContract):
        @pytest.fixture
        def make_storage(self, tmp_path):
            return lambda name="one", **options: MyDict(tmp_path / name, **options)

    class TestMyCache(CacheContract):
        @pytest.fixture
        def make_cache(self, tmp_path):
            return lambda name="one", **options: MyCache(tmp_path / name, **options)

    class TestMyFormat(SerializerContract):
        @pytest.fixture
        def make_serializer(self):
            return MyFormat

That is all: pytest finds the tests in the base class. What the store can and cannot do is declared
as `MyDict.capabilities`, and every test follows that declaration. The stores that the factory gives
are empty at the beginning of each test; the same name means the same store, another name another
namespace. `Origin` is an HTTP server to test whole sessions with; it needs no pytest.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .._store.entry import Capabilities
    from .caches import CacheContract
    from .formats import SerializerContract
    from .origin import Origin
    from .stores import StorageContract
    from .table import support_table

__all__ = [
    "CacheContract",
    "Capabilities",
    "Origin",
    "SerializerContract",
    "StorageContract",
    "support_table",
]

_PLACES = {
    "CacheContract": ".caches",
    "Capabilities": ".._store.entry",
    "Origin": ".origin",
    "SerializerContract": ".formats",
    "StorageContract": ".stores",
    "support_table": ".table",
}
_OF_PYTEST = ("CacheContract", "SerializerContract", "StorageContract")


def __getattr__(name: str) -> Any:
    """Import a name on first use, so that an origin can be had without pytest."""
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    if name in _OF_PYTEST:
        _show_values_of_assertions()
    value = getattr(import_module(_PLACES[name], __name__), name)
    globals()[name] = value
    return value


def _show_values_of_assertions() -> None:
    """Have pytest treat the asserts of this package as those of a test file."""
    try:
        import pytest
    except ImportError as error:
        raise ImportError(
            'the contract suite needs pytest: pip install "requests-cache-core[testing]"'
        ) from error
    of_pytest = ("stores", "caches", "formats", "contract")
    pytest.register_assert_rewrite(*(f"{__name__}.{name}" for name in of_pytest))
