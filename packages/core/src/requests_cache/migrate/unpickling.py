"""Read the pickles of older versions without running what they name."""

from __future__ import annotations

import pickle
from io import BytesIO
from typing import Any, Final

from ..errors import RecordError

__all__ = ["StandIn", "read_pickle"]

# What the pickles of responses name besides classes of requests_cache and urllib3.
_HARMLESS: Final = frozenset(
    {
        ("_codecs", "encode"),
        ("_io", "BytesIO"),
        ("builtins", "object"),
        ("builtins", "set"),
        ("collections", "OrderedDict"),
        ("collections", "deque"),
        ("copyreg", "_reconstructor"),
        ("datetime", "datetime"),
        ("datetime", "timedelta"),
        ("datetime", "timezone"),
        ("http.cookiejar", "Cookie"),
        ("http.cookiejar", "DefaultCookiePolicy"),
        ("requests.cookies", "RequestsCookieJar"),
        ("requests.structures", "CaseInsensitiveDict"),
    }
)
_REQUEST: Final = "body cookies headers method url"
_RESPONSE: Final = (
    "_content url status_code cookies created_at elapsed expires encoding headers history reason"
    " request raw"
)
# Earlier releases of attrs give the values of slots without their names; so 0.7.0 had responses.
_SLOTS: Final = {len(names.split()): names.split() for names in (_REQUEST, _RESPONSE)}
_STOOD_IN_FOR: Final = ("requests_cache.", "requests.models", "urllib3.")


class StandIn(dict[str, Any]):
    """Takes the state of an object whose class is not there, or is another one today."""

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__()

    def __setstate__(self, state: Any) -> None:
        """Keep the state, of slots or not, as items."""
        if isinstance(state, tuple) and len(state) in _SLOTS:
            state = dict(zip(_SLOTS[len(state)], state, strict=True))
        for part in state if isinstance(state, tuple) else (state,):
            if isinstance(part, dict):
                self.update(part)


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) in _HARMLESS:
            return super().find_class(module, name)
        if f"{module}.".startswith(_STOOD_IN_FOR):
            return StandIn
        raise RecordError(f"the pickle asks for {module}.{name}, which no cached response needs")


def read_pickle(data: bytes) -> Any:
    """Give what a pickle of a response holds, as plain values and `StandIn` objects.

    A signature after the pickle is passed over.

    Raises:
        RecordError: it cannot be read, or asks for something else than a response does.
    """
    try:
        return _Unpickler(BytesIO(data)).load()
    except RecordError:
        raise
    except Exception as error:  # a damaged pickle may raise anything at all
        raise RecordError("the pickle cannot be read") from error
