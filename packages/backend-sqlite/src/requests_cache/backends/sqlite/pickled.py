"""A table of pickled values."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from .storage import DbDict

__all__ = ["DbPickleDict"]


class DbPickleDict(DbDict):
    """Same as DbDict, but pickles values before saving: takes any value, trusts the file."""

    def __init__(
        self,
        db_path: str | Path,
        table_name: str = "http_cache",
        fast_save: bool = False,
        use_temp: bool = False,
        **kwargs: Any,
    ) -> None:
        kwargs.setdefault("serializer", "pickle")
        super().__init__(db_path, table_name, fast_save, use_temp, **kwargs)
