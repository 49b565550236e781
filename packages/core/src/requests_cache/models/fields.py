"""What the text of a record has in it: each field with its type, for mypy to check."""

from __future__ import annotations

from typing import Any, Literal, TypedDict

Line = tuple[str, str]
"""Name and value of a header field; read from JSON it is a list of both."""


class RequestFields(TypedDict, total=False):
    """The request of a response, with secrets replaced."""

    method: str | None
    url: str
    headers: list[Line]
    body: Any
    """Text, or octets as `{"base64": ...}`; absent where there was none, or it is not kept."""


class Fields(TypedDict, total=False):
    """The text of a record, and of each redirect in its `history`.

    `shape` says which of them are required and checks what was read; `describe` and the recorder of
    an exchange write them.
    """

    url: str
    reason: str | None
    headers: list[Line]
    encoding: str | None
    elapsed: float
    """Seconds."""
    version: int | None
    protocol: str | None
    request: RequestFields
    cookies: list[list[Any]]
    """The attributes of each; see `cookies.ATTRIBUTES`."""
    history: list[Fields]
    """The redirects on the way to the response."""
    status: int
    """Of a redirect in `history` alone: that of a response is in the head."""
    body: str
    """Of a redirect in `history` alone, as base64."""

    sent: float
    """When the request was sent, in seconds since the epoch."""
    vary: list[tuple[str, str | None]]
    """What the request said in the fields that `Vary` names."""
    lifetime: float | Literal["inf"] | None
    """The lifetime in seconds that a setting gave; "inf" is for ever."""

    owner: str
    """A digest of whose response it is; empty for nobody's."""
    selected: str
    """A digest of the cookies whose values selected it."""
    needs: list[list[str]]
    """Name, domain and path of the cookies that came with it."""
    own: dict[str, list[str | None]]
    """For each line of a header field, where the request has what was replaced in it."""

    siblings: list[str]
    """Keys of the other responses of the URL."""
    others: list[list[Any] | None]
    """What is known of each of them; see `Sibling`."""
