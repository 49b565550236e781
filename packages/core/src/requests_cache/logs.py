"""Keep secrets out of what urllib3 and we log: URLs, and errors that quote them."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any, Final

from ._matching.credentials import Redactor

__all__ = ["RedactingFilter", "protect_logs"]

# Ours, and the loggers of urllib3 that write URLs.
_LOGGERS: Final = (
    "requests_cache",
    "urllib3.connectionpool",
    "urllib3.poolmanager",
    "urllib3.util.retry",
)

# A tuple, for a union would be made anew for each record.
_NUMBERS: Final = (int, float, type(None))


class RedactingFilter(logging.Filter):
    """Replace secrets in the arguments of log records; it lets every record through."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        super().__init__()
        self.redactor: Redactor = Redactor(names)

    def filter(self, record: logging.LogRecord) -> bool:
        """Replace the secrets of one record."""
        if isinstance(record.args, tuple):
            record.args = tuple(map(self._redact, record.args))
        elif isinstance(record.args, dict):
            record.args = {name: self._redact(item) for name, item in record.args.items()}
        if record.exc_info and not record.exc_text:
            # What a handler would write below the message.
            told = logging.Formatter().formatException(record.exc_info)
            record.exc_text = self.redactor.text(told)
        return True

    def _redact(self, item: Any) -> Any:
        if isinstance(item, str):
            is_url = item.startswith(("/", "http")) and not any(map(str.isspace, item))
            return self.redactor.url(item) if is_url else self.redactor.text(item)
        return item if isinstance(item, _NUMBERS) else _Redacted(item, self.redactor)


class _Redacted:
    """Stands for an error, or anything else, whose text may quote a URL."""

    def __init__(self, item: object, redactor: Redactor) -> None:
        self._item = item
        self._redactor = redactor

    def __str__(self) -> str:
        return self._redactor.text(str(self._item))

    def __repr__(self) -> str:
        return self._redactor.text(repr(self._item))


_filter: Final = RedactingFilter()


def protect_logs(names: Iterable[str] = ()) -> None:
    """Keep known secrets, and those of `names`, out of these loggers in this process."""
    if not _filter.redactor.names.issuperset(names):
        _filter.redactor = Redactor(_filter.redactor.names.union(names))
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_filter)
