"""What the fast path relies on in requests: one list, and whether it is as we have read it.

The fast path knows what these functions make of a call, and does not call them. So a call takes the
long way while one of them is replaced, by a test or by what traces requests, and in a release of
requests in which one of them is another: then it is really called.
"""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from types import CodeType, FunctionType
from typing import Any, Final
from zlib import crc32

from requests import PreparedRequest, Request, models, sessions

from .._exchange.environment import OriginalSession

STEPS: Final[dict[Any, tuple[str, ...]]] = {
    OriginalSession: ("get", "request", "prepare_request", "merge_environment_settings"),
    PreparedRequest: (
        *("prepare", "prepare_method", "prepare_url", "prepare_headers", "prepare_cookies"),
        *("prepare_body", "prepare_content_length", "prepare_auth", "prepare_hooks"),
    ),
    sessions: (
        *("Request", "PreparedRequest", "merge_setting", "merge_hooks", "merge_cookies"),
        *("cookiejar_from_dict", "get_netrc_auth"),
    ),
}
"""The steps from `Session.get` to `Session.send`, by where requests keeps them: looked at for each
call, because tests put doubles in their places."""

TOOLS: Final[dict[Any, tuple[str, ...]]] = {
    Request: ("__init__", "register_hook"),
    PreparedRequest: ("__init__", "register_hook", "_encode_params", "_get_idna_encoded_host"),
    sessions: ("to_key_val_list",),
    models: (
        *("HTTPBasicAuth", "check_header_validity", "default_hooks", "get_auth_from_url"),
        *("get_cookie_header", "parse_url", "requote_uri", "to_key_val_list"),
        *("to_native_string", "unicode_is_ascii", "urlencode", "urlunparse"),
    ),
}
"""What the steps use: looked at before a key is made."""

# One for each way in which releases since 2.32.0 wrote these functions.
_READ: Final = frozenset({207331981, 925422190, 2158424988, 2595663728, 4211519522})

# Put together and compared where it has to be fast, see `SessionState.holds`. They are taken out
# of dictionaries, for Python's cache of the attributes of classes is too small to hold all of them.
of_session, of_prepared, of_sessions = (itemgetter(*names) for names in STEPS.values())
IN_SESSION, IN_PREPARED, IN_SESSIONS = map(vars, STEPS)

steps: tuple[Any, ...] | None = None
"""The steps, once they and the tools were found to be those that we have read."""
_tools: list[Any] | None = None


def is_as_read() -> bool:
    """Say whether the steps and the tools are those that we have read; then a key can be made."""
    global steps, _tools  # a process has one requests
    now = (of_session(IN_SESSION), of_prepared(IN_PREPARED), of_sessions(IN_SESSIONS))
    tools = [getattr(owner, name) for owner, names in TOOLS.items() for name in names]
    if steps is None and fingerprint([*chain(*now), *tools]) in _READ:
        steps, _tools = now, tools
    return now == steps and tools == _tools


def fingerprint(functions: list[Any]) -> int | None:
    """Give a number for what functions of requests do; None if one is not a function at all.

    It is made of the names and texts in their code, which do not depend on Python's version,
    comments or types.
    """
    said: list[tuple[str, ...]] = []
    for function in functions:
        if not isinstance(function, FunctionType | type):
            return None
        said.append((function.__module__, function.__qualname__))
        # The functions of a class are in the lists; those of urllib3 and Python are known by name.
        if isinstance(function, FunctionType) and function.__module__.startswith("requests."):
            said.append(tuple(sorted(_words(function.__code__) - {function.__doc__})))
    return crc32(repr(said).encode())


def _words(code: CodeType) -> set[str]:
    # ".0" is what a comprehension loops over, where that is a function of its own.
    words = {*code.co_names, *code.co_varnames, *code.co_cellvars} - {".0"}
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            words |= _words(constant)
        elif isinstance(constant, str):
            words.add(constant)
    return words
