"""Calls that are generated: how a program asks, and how it reads what it gets."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

from hypothesis import strategies as st
from requests import Request, Response, Session
from requests.auth import HTTPBasicAuth, HTTPDigestAuth

__all__ = ["Call", "calls"]


PATIENCE = 10.0  # seconds; reached only by a failing test
OF_SEND = ("stream", "allow_redirects", "timeout")


class Call(NamedTuple):
    """One call of a session."""

    method: str
    way: str
    options: tuple[tuple[str, Any], ...]
    reading: str

    def send(self, session: Session, url: str) -> Response:
        """Do what a program would do."""
        options: dict[str, Any] = {"timeout": PATIENCE, **dict(self.options)}
        if "hooks" in options:
            options["hooks"] = {"response": _note}
        if "auth" in options:
            options["auth"] = _AUTH[options["auth"]]()
        if self.way == "verb":
            return getattr(session, self.method.lower())(url, **options)  # type: ignore[no-any-return]
        if self.way == "request":
            return session.request(self.method, url, **options)
        own = {name: options.pop(name) for name in OF_SEND if name in options}
        prepared = session.prepare_request(Request(self.method, url, **options))
        return session.send(prepared, **own)

    def read(self, response: Response) -> Any:
        """Read the body in the way of the call."""
        return _READINGS[self.reading](response)


def _note(response: Response, **options: Any) -> None:
    response.hooked = response.status_code  # type: ignore[attr-defined]


_AUTH: dict[str, Callable[[], Any]] = {
    "basic": lambda: HTTPBasicAuth("ann", "pw"),
    "pair": lambda: ("ann", "pw"),
    "digest": lambda: HTTPDigestAuth("ann", "pw"),
}


def _joined(pieces: Iterable[Any]) -> Any:
    """Join pieces of text, or of bytes where no encoding is known."""
    read = list(pieces)
    return type(read[0])().join(read) if read else None


_READINGS: dict[str, Callable[[Response], Any]] = {
    "content": lambda response: response.content,
    "pieces": lambda response: b"".join(response.iter_content(5)),
    # Between CR and LF requests gives an empty line if a piece ends there, which is chance.
    "lines": lambda response: [line for line in response.iter_lines() if line],
    "text pieces": lambda response: _joined(response.iter_content(5, decode_unicode=True)),
    "iterator": lambda response: b"".join(response),
    "twice": lambda response: (response.content, response.content),
}
OPTIONS = st.fixed_dictionaries(
    {},
    optional={
        "params": st.sampled_from([{"q": "1"}, {"q": ["1", "2"], "r": "\u00fc"}, "x=1&x=2"]),
        "headers": st.sampled_from([{"Accept": "a/b"}, {"X-Other": "1", "accept": "*/*"}]),
        "cookies": st.sampled_from([{"c": "1"}]),
        "auth": st.sampled_from(sorted(_AUTH)),
        "stream": st.booleans(),
        "allow_redirects": st.booleans(),
        "hooks": st.just("note"),
        "data": st.sampled_from([{"f": "1"}, b"bytes"]),
    },
)
calls = st.builds(
    Call,
    method=st.sampled_from(["GET"] * 9 + ["HEAD", "POST", "OPTIONS"]),
    way=st.sampled_from(["verb", "request", "prepared"]),
    options=OPTIONS.map(lambda options: tuple(options.items())),
    reading=st.sampled_from(sorted(_READINGS)),
)
