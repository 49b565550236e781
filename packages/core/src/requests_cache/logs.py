"""Keep secrets out of what urllib3 logs: it writes the path and the query of every request."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from ._matching.credentials import Redactor

__all__ = ["RedactingFilter", "protect_logs"]

# The loggers of urllib3 that write URLs.
_LOGGERS: Final = (
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.util.retry",
)


class RedactingFilter(logging.Filter):
    """Replace secrets in the arguments of log records; it lets every record through."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        super().__init__()
        self.redactor = Redactor(names)

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the secrets of one record."""
        if isinstance(record.args, tuple):
            record.args = tuple(self._redact(item) for item in record.args)
        return True

    def _redact(self, item: Any) -> Any:
        if isinstance(item, BaseException):
            item = repr(item)
        if not isinstance(item, str):
            return item
        is_url = item.startswith(("/", "http")) and not any(map(str.isspace, item))
        return self.redactor.url(item) if is_url else self.redactor.text(item)


_filter: Final = RedactingFilter()


def protect_logs(names: Iterable[str] = ()) -> None:
    """Keep known secrets, and those of `names`, out of urllib3's loggers in this process."""
    if not _filter.redactor.names.issuperset(names):
        _filter.redactor = Redactor(_filter.redactor.names.union(names))
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_filter)
