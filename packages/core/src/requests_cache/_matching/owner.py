"""What a request says, who is asking by it, and whose the response to it is.

A word is what a caller says of who he is: a place, such as a header field, and a digest of what
stands there. A cookie keeps the words with which it has travelled; it counts unless all of them are
said again. Pure: who keeps the marks of a jar is `_exchange.jar_marks`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from collections.abc import Set as AbstractSet
from functools import lru_cache
from hashlib import sha256
from os import urandom
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar
from urllib.parse import quote, unquote_plus, urlsplit

from requests import PreparedRequest
from requests.structures import CaseInsensitiveDict

from .credentials import IN_PATH, REDACTED, Own, Redactor, Source

# Header fields, without the detours of the classes that hold them

_Value = TypeVar("_Value")


def lines(headers: Mapping[str, _Value]) -> Iterable[tuple[str, _Value]]:
    """Give names and values of header fields, in order."""
    # What CaseInsensitiveDict keeps; its own items() looks each name up again.
    store: Mapping[str, tuple[str, _Value]] | None = getattr(headers, "_store", None)
    return headers.items() if store is None else store.values()


def names_in(headers: Mapping[str, object]) -> AbstractSet[str]:
    """Give the names of header fields in lower case."""
    store: Mapping[str, object] | None = getattr(headers, "_store", None)
    return {name.lower() for name in headers} if store is None else store.keys()


def value_in(headers: Mapping[str, _Value], name: str) -> _Value | None:
    """Give the value of a header field; None if there is none."""
    store: Mapping[str, tuple[str, _Value]] | None = getattr(headers, "_store", None)
    if store is None:
        return headers.get(name)
    found = store.get(name.lower())
    return None if found is None else found[1]


def copied(headers: CaseInsensitiveDict[_Value]) -> CaseInsensitiveDict[_Value]:
    """Copy header fields as their `copy` does, which takes them one by one."""
    copy: CaseInsensitiveDict[_Value] = CaseInsensitiveDict.__new__(CaseInsensitiveDict)
    copy._store = headers._store.copy()
    return copy


def as_text(value: str | bytes) -> str:
    """Give the value of a header field as text."""
    return value.decode("latin-1") if isinstance(value, bytes) else value


# Servers take these as the method of the request, so two requests that differ in them differ.
METHOD_OVERRIDES: Final = ("x-http-method", "x-http-method-override", "x-method-override")


def overrides_of(headers: Mapping[str, str | bytes]) -> list[str]:
    """Give what servers may take as the method instead, in upper case."""
    if names_in(headers).isdisjoint(METHOD_OVERRIDES):
        return []
    values = (headers.get(name) for name in METHOD_OVERRIDES)
    return [as_text(value).strip().upper() for value in values if value]


# Who asks

Word: TypeAlias = tuple[str, str]
"""Where something is said, and a digest of it."""

_EVENT: Final = "event"
_MOST_WORDS: Final = 64


class SentCookie(NamedTuple):
    """A cookie that goes with a request."""

    name: str
    value: str
    is_program: bool = True
    """Whether the program set it; False if it arrived by a response in this jar."""
    words: tuple[Word, ...] = ()
    """With which it has travelled, in the order in which they last did."""


class Asker(NamedTuple):
    """What is known of who asks, beside what the request itself shows."""

    said: frozenset[Word] = frozenset()
    """Words of the auth object, of the client certificate and of an unsafe request."""
    cookies: tuple[SentCookie, ...] = ()
    knows_cookies: bool = False
    """Whether `cookies` are all that the request has; if not, they are the program's."""
    signed: frozenset[str] = frozenset()
    """Header fields and parameters, in lower case, that the auth object makes anew each time."""
    partition: str | None = None
    """A digest of the partition, which takes the place of all the others."""
    has_auth: bool = False
    """Whether an auth object, which shows nothing else, has made a credential."""
    is_open: bool = False
    """Whether more may be said than can be known, as by an auth object that answers a challenge."""


NOBODY: Final = Asker()


class AskedRequest(PreparedRequest):
    """A prepared request that knows who asks, beside what it shows; so does a copy of it."""

    asker: Asker = NOBODY
    asked_with: str | bytes | None = None
    """The `Cookie` field that the asker tells of."""

    def copy(self) -> PreparedRequest:
        """Copy the request, who asks included."""
        copy = super().copy()
        ask(copy, self.asker, self.asked_with)
        return copy


def ask(
    request: PreparedRequest, asker: Asker, asked_with: str | bytes | None = None
) -> PreparedRequest:
    """Note who asks."""
    if type(request) is PreparedRequest:
        request.__class__ = AskedRequest
    vars(request).update(asker=asker, asked_with=asked_with)
    return request


def asker_of(request: PreparedRequest) -> Asker:
    """Give who asks, as far as that still holds: cookies that were changed since are unknown."""
    state = vars(request)
    asker: Asker | None = state.get("asker")
    if asker is None:
        return NOBODY
    if asker.knows_cookies and request.headers.get("Cookie") != state.get("asked_with"):
        return asker._replace(cookies=(), knows_cookies=False)
    return asker


def word_of(place: str, value: str) -> Word:
    """Make a word."""
    return place, _digest(value)


def _digest(value: str) -> str:
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def new_event() -> Word:
    """Make the word of an unsafe request, which nobody says a second time."""
    return _EVENT, urandom(8).hex()


def is_event(word: Word) -> bool:
    """Say whether a word is that of an unsafe request."""
    return word[0] == _EVENT


def said_elsewhere(host: str, words: Iterable[Word]) -> list[Word]:
    """Give what words are on another host, to which they did not go."""
    return [(f"{host} {place}", value) for place, value in sorted(words) if place != _EVENT]


def could_count(name: str, ignored: Collection[str] = ()) -> bool:
    """Say whether a cookie with this name may say who is asking."""
    # Most sessions have no cookies, and the tables take a while to compile.
    from .cookie_names import is_csrf_cookie

    return is_asked_for(name, ignored) and not is_csrf_cookie(name)


def words_said(
    secrets: Iterable[tuple[str, str]], asker: Asker, ignored: Collection[str] = ()
) -> frozenset[Word]:
    """Give all that is said of who is asking, in places and values of the request and beside it."""
    programs = (
        word_of(f"cookie {cookie.name}", cookie.value)
        for cookie in asker.cookies
        if cookie.is_program and is_asked_for(cookie.name, ignored)
    )
    return asker.said.union((word_of(*secret) for secret in secrets), programs)


def counting(
    cookies: Iterable[SentCookie], word: frozenset[Word], ignored: Collection[str] = ()
) -> list[SentCookie]:
    """Give the cookies of responses that say more of who is asking than the request itself."""
    return [
        cookie
        for cookie in cookies
        if not cookie.is_program
        and not word.issuperset(cookie.words)
        and could_count(cookie.name, ignored)
    ]


def describe_owner(
    secrets: list[tuple[str, str]], asker: Asker, ignored: Collection[str] = ()
) -> list[Any] | None:
    """Give whose response it is, to be digested; None for nobody's.

    What a caller says in a place stands for all that was said there before; an event stays.
    """
    if asker == NOBODY:
        return list(secrets) or None
    word = words_said(secrets, asker, ignored)
    spoken = {place for place, _ in word} | {_EVENT}
    counted = counting(asker.cookies, word, ignored)
    programs = [c for c in asker.cookies if c.is_program and could_count(c.name, ignored)]
    cookies = [
        (
            cookie.name,
            "",
            _digest(cookie.value),
            [w for w in cookie.words if _stays(w, word, spoken)],
        )
        for cookie in sorted((*counted, *programs))
    ]
    further = sorted(word.difference(word_of(*secret) for secret in secrets))
    if further or cookies:
        return [secrets, further, cookies]
    return list(secrets) or None


def _stays(word: Word, said: frozenset[Word], spoken: set[str]) -> bool:
    return word not in said if is_event(word) else word[0] not in spoken


def merge(
    words: Iterable[Word], inherited: Iterable[Word], own: Collection[Word] = ()
) -> tuple[Word, ...]:
    """Give words in the order in which they last travelled: the own ones of a request come last.

    A new event stands for all that were before it, for nobody says it a second time; so does one
    for the oldest words, where they are many.
    """
    is_anew = any(map(is_event, own))
    before = [word for word in (*words, *inherited) if not (is_anew and is_event(word))]
    merged = [*dict.fromkeys(word for word in before if word not in own), *sorted(own)]
    if len(merged) <= _MOST_WORDS:
        return tuple(merged)
    oldest, latest = merged[: -_MOST_WORDS // 2], merged[-_MOST_WORDS // 2 :]
    return ((_EVENT, _digest(repr(oldest))), *latest)


def selected_values(
    cookies: Iterable[SentCookie],
    names: Collection[str] | None = None,
    ignored: Collection[str] = (),
) -> list[tuple[str, str]]:
    """Give the cookies of responses by whose values answers are selected, as `Vary` does.

    Without `names` all select but those that only pass by.
    """
    return sorted(
        (cookie.name, cookie.value)
        for cookie in cookies
        if not cookie.is_program
        and (cookie.name in names if names is not None else is_asked_for(cookie.name, ignored))
    )


def is_asked_for(name: str, ignored: Collection[str] = ()) -> bool:
    """Say whether an answer that sets a cookie with this name is only half of what was said."""
    from .cookie_names import is_passing

    return not (is_passing(name) or name.lower() in ignored)


# What is the caller's own: his secrets, by where a request has them, so that each gets his own back


def own_of(redactor: Redactor, request: PreparedRequest) -> dict[str, str]:
    """Give the secrets of a request: value -> where it stands."""
    found: dict[str, str] = {}
    signed = asker_of(request).signed
    secret = _secret_among(tuple([name for name, _ in lines(request.headers)]), redactor)
    for name, value in lines(request.headers) if secret or signed else ():
        if name in secret or name.lower() in signed:
            for source, said in _in_field(name, value):
                found.setdefault(said, source)
    for source, name, said in _in_url(request.url or ""):
        if name in signed or redactor.is_secret(name) or redactor.is_secret_within(said):
            found.setdefault(said, source)
    found.pop("", None)
    return found


@lru_cache(64)
def _secret_among(names: tuple[str, ...], redactor: Redactor) -> frozenset[str]:
    """Give those of header fields that are secret; those of a session are the same each time."""
    return frozenset(n for n in names if n.lower() == "cookie" or redactor.is_secret_field(n))


def values_of(request: PreparedRequest) -> dict[str, str]:
    """Give all that a request says, by where it stands."""
    said = {source: value for line in lines(request.headers) for source, value in _in_field(*line)}
    return said | {source: value for source, _, value in _in_url(request.url or "")}


def cookie_source(name: str) -> str:
    """Give where a request has the value of a cookie."""
    return f"cookie {name}"


def put_back(text: str, sources: list[Source], values: Own) -> str:
    """Give a stored text with the caller's own values in the place of those that were replaced."""
    pieces = text.split(REDACTED)
    if len(pieces) != len(sources) + 1:
        # The origin itself wrote it.
        return text
    filled = [pieces[0]]
    for source, piece in zip(sources, pieces[1:], strict=True):
        value = None if source is None else values.get(source)
        in_url = filled[-1].endswith("=") and source is not None and not source.startswith("url")
        filled += [REDACTED if value is None else quote(value) if in_url else value, piece]
    return "".join(filled)


def numbered(items: Iterable[tuple[str, str]]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Give header fields, each with its name and which line of this name it is."""
    seen: Counter[str] = Counter()
    for name, value in items:
        lowered = name.lower()
        yield f"{lowered} {seen[lowered]}", (name, value)
        seen[lowered] += 1


def _in_field(name: str, value: str | bytes) -> Iterator[tuple[str, str]]:
    """Give source and value of what a field says; of `Cookie` for each cookie."""
    text = value.decode("latin-1") if isinstance(value, bytes) else str(value)
    lowered = name.lower()
    if lowered == "cookie":
        for item in text.split(";"):
            cookie, _, crumb = item.strip().partition("=")
            yield cookie_source(cookie), crumb
        return
    yield f"field {lowered}", text
    scheme, blank, token = text.partition(" ")
    if blank and scheme.isalpha() and lowered.endswith("authorization"):
        yield f"field {lowered} 1", token


def _in_url(url: str) -> Iterator[tuple[str, str, str]]:
    """Give source, name and value of each parameter of a URL, in its path or in its query."""
    if "=" not in url and "?" not in url:
        return
    before, _, query = url.partition("#")[0].partition("?")
    # Few have one in the path, and taking a URL apart takes longer than all the rest.
    path = urlsplit(url).path if "=" in before else ""
    for number, found in enumerate(IN_PATH.finditer(path)):
        yield f"url path {number}", unquote_plus(found["name"]), found["value"]
    for number, item in enumerate(query.split("&")):
        name, _, value = item.partition("=")
        yield f"url {number}", unquote_plus(name), value
