"""Classes that were written for another version of the contract are refused when they are made."""

from __future__ import annotations

from typing import Final

from ..errors import ConfigurationError
from .capabilities import CONTRACT

__all__ = ["check_contract", "core_version"]

_OLDEST: Final = 1


def check_contract(cls: type, version: object) -> None:
    """Raise if a class is written for a contract that this core does not keep.

    Args:
        cls: subclass of a public base.
        version: its `contract`.

    Raises:
        ConfigurationError: it names both versions, and what to upgrade.
    """
    if isinstance(version, int) and _OLDEST <= version <= CONTRACT:
        return
    newer = isinstance(version, int) and version > CONTRACT
    raise ConfigurationError(
        f"{cls.__module__}.{cls.__qualname__} is written for contract {version!r};"
        f" requests-cache-core {core_version()} has contract {CONTRACT}: upgrade"
        f" {'requests-cache-core' if newer else f'the distribution of {cls.__module__}'}"
    )


def core_version() -> str:
    """Give the version of the core, as an error names it."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("requests-cache-core")
    except PackageNotFoundError:
        return "without metadata"
