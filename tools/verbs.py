"""Write what type checkers know of the verbs of a session, which take our options.

The options of one call are named in `Options` alone, the arguments of requests here.
"""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from packages import ROOT

CORE = ROOT / "packages" / "core" / "src" / "requests_cache"

_ARGUMENTS = {
    "params": "Params = None",
    "data": "Any = None",
    "headers": "Headers = None",
    "cookies": "Cookies = None",
    "files": "Any = None",
    "auth": "Auth = None",
    "timeout": "Timeout = None",
    "allow_redirects": "bool = {}",
    "proxies": "Proxies = None",
    "hooks": "Mapping[str, Any] | None = None",
    "stream": "bool | None = None",
    "verify": "bool | FileName | None = None",
    "cert": "FileName | tuple[FileName, FileName] | None = None",
    "json": "Any = None",
}
"""Of `requests.Session.request`, in their order."""
_OF_SEND = ("timeout", "allow_redirects", "proxies", "stream", "verify", "cert")
_VERBS = {
    "get": ("params",),
    "options": (),
    "head": (),
    "post": ("data", "json"),
    "put": ("data",),
    "patch": ("data",),
    "delete": (),
}
"""What each takes by position, after the URL."""

# In the session they take any arguments, for the classes that it is mixed with.
_ANY = "  # type: ignore[override]"

_STUB = """\
# What type checkers know of the verbs of a session; the types of requests' arguments are those that
# it documents. Written by `hatch run docs` (tools/verbs.py).

from collections.abc import Callable, Iterable, Mapping
from http.cookiejar import CookieJar
from os import PathLike
from typing import Any, Protocol, TypeAlias

import requests
import urllib3

from .expiration import ExpirationTime
from .models.response import CachedResponse, OriginalResponse

AnyResponse: TypeAlias = OriginalResponse | CachedResponse

class _Items(Protocol):
    def items(self) -> Any: ...

Params: TypeAlias = _Items | Iterable[Any] | None
Headers: TypeAlias = Mapping[str, str | bytes | None] | None
Cookies: TypeAlias = CookieJar | Mapping[str, Any] | None
Auth: TypeAlias = tuple[str | bytes, str | bytes] | Callable[[Any], Any] | None
Timeout: TypeAlias = float | tuple[float | None, float | None] | urllib3.Timeout | None
Proxies: TypeAlias = Mapping[str, Any] | None
FileName: TypeAlias = str | PathLike[str]

class Verbs(requests.Session):
"""


def generated() -> list[tuple[str, str]]:
    """Give the stub, by name."""
    return [("verbs.pyi", _STUB + "".join(_declarations()))]


def _options() -> Iterator[tuple[str, str]]:
    """Give name and type of each option of a call, as `Options` has them."""
    source = CORE / "_exchange" / "request_context.py"
    classes = ast.parse(source.read_text("utf-8")).body
    found = next(n for n in classes if isinstance(n, ast.ClassDef) and n.name == "Options")
    for field in found.body:
        if isinstance(field, ast.AnnAssign) and ast.unparse(field.target) != "given":
            assert field.value is not None
            typed = f"{ast.unparse(field.annotation)} = {ast.unparse(field.value)}"
            yield ast.unparse(field.target), typed


def of_session() -> str:
    """Declare what the session has itself, and takes any arguments there for other classes."""
    own = _own()
    first = ["method: str", "url: str | bytes", *_typed(_ARGUMENTS), "*", *own]
    sent = ["request: requests.PreparedRequest", "*", *own, *_typed(_OF_SEND)]
    return _declare("request", first, _ANY) + _declare("send", sent, _ANY)


def _declarations() -> Iterator[str]:
    for verb, placed in _VERBS.items():
        named = _typed((name for name in _ARGUMENTS if name not in placed), verb != "head")
        yield _declare(verb, ["url: str | bytes", *_typed(placed), "*", *_own(), *named])


def _own() -> list[str]:
    return [f"{name}: {typed}" for name, typed in _options()]


def _typed(names: Iterable[str], follows: bool = True) -> list[str]:
    return [f"{name}: {_ARGUMENTS[name].format(follows)}" for name in names]


def _declare(name: str, parameters: list[str], remark: str = "") -> str:
    lines = "".join(f"        {parameter},\n" for parameter in parameters)
    return f"    def {name}({remark}\n        self,\n{lines}    ) -> AnyResponse: ...\n"
