"""Secrets are replaced wherever they stand, and everything else stays as it is."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from typing import Any

import pytest
from requests import Request
from requests_cache import CachedSession
from requests_cache._matching.bodies import redact_body
from requests_cache._matching.credentials import REDACTED, Redactor
from requests_cache.logs import protect_logs
from requests_cache.testing.origin import Origin

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    ("url", "redacted"),
    [
        ("http://h/p", "http://h/p"),
        ("http://h/p?a=1&b=", "http://h/p?a=1&b="),
        ("http://h/p?a=1&api_key=s3cret&b=2", f"http://h/p?a=1&api_key={REDACTED}&b=2"),
        ("http://h/p?API_Key=s3cret", f"http://h/p?API_Key={REDACTED}"),
        ("http://h/p?%61pi_key=s3cret", f"http://h/p?%61pi_key={REDACTED}"),
        ("http://h/?user[password]=s3cret", f"http://h/?user[password]={REDACTED}"),
        ("http://h/?user%5Bpassword%5D=s3cret", f"http://h/?user%5Bpassword%5D={REDACTED}"),
        ("http://me:s3cret@h:80/p", "http://h:80/p"),
        ("/next?token=s3cret", f"/next?token={REDACTED}"),
        ("http://h/#access_token=s3cret&state=1", f"http://h/#access_token={REDACTED}&state=1"),
        ("http://[h/?token=s3cret", f"http://[h/?token={REDACTED}"),
    ],
)
def test_url_keeps_everything_but_secrets(url: str, redacted: str) -> None:
    assert Redactor().url(url) == redacted


@pytest.mark.parametrize(
    ("name", "value", "redacted"),
    [
        ("Authorization", "Bearer s3cret", REDACTED),
        ("COOKIE", "a=s3cret", REDACTED),
        ("X-Api-Key", "s3cret", REDACTED),
        ("Accept", "token=text", "token=text"),
        ("Location", "http://h/?sig=s3cret", f"http://h/?sig={REDACTED}"),
        ("Referer", "http://me:s3cret@h/?a=1", "http://h/?a=1"),
        (
            "Link",
            '<http://h/?page=2&access_token=s3cret>; rel="next"',
            f'<http://h/?page=2&access_token={REDACTED}>; rel="next"',
        ),
    ],
)
def test_header_field_keeps_everything_but_secrets(name: str, value: str, redacted: str) -> None:
    assert Redactor().headers([(name, value)]) == [(name, redacted)]


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"a=1&password=s3cret", FORM),
        ("a=1&user%5Bpassword%5D=s3cret", FORM),
        (b'payload={"token": "s3cret"}', FORM),
        (b"payload=%7B%22token%22%3A+%22s3cret%22%7D", FORM),
        (json.dumps({"a": [{"B": {"Client_Secret": "s3cret"}}]}), JSON),
        (json.dumps({"token": {"value": ["s3cret"]}}), "application/problem+json; charset=utf-8"),
        (json.dumps({"text": '{"password": "s3cret"}'}), JSON),
        (json.dumps({"password": "s3cret"}), None),
        ("token=s3cret", None),
        ('{"password": "s3cret", ', JSON),
        (b"<login><password>s3cret</password></login>", "application/xml"),
        (b"\xff\xfe password: s3cret", "text/plain"),
    ],
)
def test_body_loses_its_secrets(body: str | bytes, content_type: str | None) -> None:
    redacted = redact_body(Redactor(), body, content_type)
    assert redacted is not None
    assert b"s3cret" not in redacted
    assert REDACTED.encode() in redacted


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        (b"a=1&b=2", FORM),
        (b'{"a":  1.50, "a": 2}', JSON),
        (b"the token is not named here", "text/plain"),
        (b"\x00\xff", None),
    ],
)
def test_body_without_secrets_stays_as_it_is(body: bytes, content_type: str | None) -> None:
    assert redact_body(Redactor(), body, content_type) == body


def test_multipart_loses_only_its_secret_parts() -> None:
    files: dict[str, Any] = {
        "document": ("a.txt", b"kept", "text/plain"),
        "password": (None, "s3cret"),
        "meta": ("m.json", b'{"api_key": "s3cret", "size": 1}', JSON),
    }
    request = Request("POST", "http://h/", files=files).prepare()
    redacted = redact_body(Redactor(), request.body, str(request.headers["Content-Type"])) or b""
    assert b"s3cret" not in redacted
    assert b"kept" in redacted
    assert b'"size": 1' in redacted
    assert redacted.endswith(b"--\r\n")


def multipart(*parts: str, end: str = "\r\n") -> str:
    """Give a body of parts, each with its fields; a blank line is a line alone."""
    lines = [line for part in parts for line in ("--b", *part.split("\n"))]
    return end.join([*lines, "--b--", ""])


NAMED = 'Content-Disposition: form-data; name="{}"'.format
PARTS = "multipart/form-data; boundary=b"
LEFT = [
    ("user=ann&password=s3cret&q=a+b%26c", FORM, "user=ann&password=REDACTED&q=a+b%26c"),
    ("q=%FF&token=s3cret", FORM, "q=%FF&token=REDACTED"),
    ("q=1&token=s3cret", None, "q=1&token=REDACTED"),
    ("q=\ud800&token=s3cret", FORM, "REDACTED"),
    ('{"user": "ann", "password": "s3cret"}', JSON, '{"user": "ann", "password": "REDACTED"}'),
    (' [{"token": "s3cret", "q": [1, "a"]}]', None, '[{"token": "REDACTED", "q": [1, "a"]}]'),
    (' {"q":1,"token":"s3cret"}', None, '{"q": 1, "token": "REDACTED"}'),
    # One member names another.
    (
        '{"name": "password", "value": "s3cret", "Label": "Pass"}',
        JSON,
        '{"name": "password", "value": "REDACTED", "Label": "Pass"}',
    ),
    ('{"Field": "token", "value": "s3cret"}', JSON, '{"Field": "token", "value": "REDACTED"}'),
    ('{"name": "size", "value": "large"}', JSON, '{"name": "size", "value": "large"}'),
    ('{"size": "password", "value": "large"}', JSON, '{"size": "password", "value": "large"}'),
    ('["password", "s3cret", "s3cret"]', JSON, '["password", "REDACTED", "REDACTED"]'),
    ('[["token", "s3cret"], ["size", "l"]]', JSON, '[["token", "REDACTED"], ["size", "l"]]'),
    ('{"rows": [], "token": "s3cret"}', JSON, '{"rows": [], "token": "REDACTED"}'),
    ("text \ud800", "text/plain", b"text \xed\xa0\x80"),
    # The parts of a whole.
    *(
        (
            multipart(NAMED(name) + "\n\ns3cret", NAMED("size") + "\n\nlarge", end=end),
            PARTS,
            multipart(NAMED(name) + "\n\nREDACTED", NAMED("size") + "\n\nlarge", end=end),
        )
        for name in ("token", "a[password]")
        for end in ("\r\n", "\n")
    ),
    *(
        (
            multipart(NAMED("data") + f'{kind}\n\n{{"token": "{value}", "q": 1}}'),
            PARTS,
            multipart(NAMED("data") + f'{kind}\n\n{{"token": "REDACTED", "q": 1}}'),
        )
        for kind in ("\nContent-Type: application/json", "\nContent-Type: text/plain", "")
        for value in ("s3cret", "REDACTED")
    ),
    *(
        (
            multipart(f"Content-Disposition: form-data; name*=UTF-8''{name}\n\ns3cret"),
            PARTS,
            multipart(f"Content-Disposition: form-data; name*=UTF-8''{name}\n\nREDACTED"),
        )
        for name in ("tok%65n", "%FFtoken", "x-%C3%A4-token", "code")
    ),
    (
        multipart(NAMED("q") + "\nContent-Type: application/x-any\n\nthe password s3cret"),
        PARTS,
        multipart(NAMED("q") + "\nContent-Type: application/x-any\n\nREDACTED"),
    ),
    (
        f"--b\r\n{NAMED('token')}\r\n\r\ns3cret--b--",
        PARTS,
        f"--b\r\n{NAMED('token')}\r\n\r\nREDACTED--b--",
    ),
]
AS_IT_IS = [
    multipart(NAMED("q") + "\nContent-Type: text/plain\n\nthe password is kept"),
    f"--b\r\n{NAMED('q')}\r\n\r\nkept--b--",
    multipart(NAMED("size") + "\n\na\n\n; name=token\n\nb"),
    multipart(NAMED("size")),
    multipart(NAMED("size") + "\n\n", NAMED("q") + "\nContent-Type: application/json\n\n"),
]


@pytest.mark.parametrize(("body", "content_type", "left"), LEFT)
def test_all_but_the_secrets_of_a_body_stays(
    body: str, content_type: str | None, left: str | bytes
) -> None:
    expected = left if isinstance(left, bytes) else left.encode()
    assert redact_body(Redactor(), body, content_type) == expected


@pytest.mark.parametrize("body", AS_IT_IS)
def test_a_multipart_body_without_secrets_stays_as_it_is(body: str) -> None:
    assert redact_body(Redactor(), body, PARTS) == body.encode()


def test_body_that_is_very_large_or_a_stream_is_not_kept() -> None:
    assert redact_body(Redactor(), b"x" * (4 * 1024 * 1024 + 1), None) is None
    assert redact_body(Redactor(), b"x" * (4 * 1024 * 1024), None)
    assert redact_body(Redactor(), iter([b"token=s3cret"]), None) is None


def test_further_names_are_secret_too() -> None:
    redactor = Redactor(["Pin"])
    assert redactor.url("http://h/?pin=s3cret") == f"http://h/?pin={REDACTED}"
    assert redactor.is_secret("PIN")
    assert redactor.is_secret_field("pin")


def test_urllib3_logs_no_secrets(origin: Origin, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG), CachedSession(backend="memory") as session:
        session.get(origin.url("/json?api_key=s3cret&a=1"))
    assert f"/json?api_key={REDACTED}&a=1" in caplog.text
    assert "s3cret" not in caplog.text


def test_log_filter_is_added_once_and_takes_further_names() -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    protect_logs()
    before = len(logger.filters)
    protect_logs(["x-very-own"])
    assert len(logger.filters) == before
    record = logger.makeRecord("n", 10, "f", 1, "%s", ("/?x-very-own=s3cret",), None)
    assert logger.filter(record)
    assert record.getMessage() == f"/?x-very-own={REDACTED}"


def test_a_logged_error_shows_no_secrets() -> None:
    logger = logging.getLogger("urllib3.connectionpool")
    protect_logs()
    error = ConnectionError("http://site.test/?api_key=s3cret&a=1 is not there")
    record = logger.makeRecord("n", 10, "f", 1, "%s after %d", (error, 3), None)
    assert logger.filter(record)
    assert f"api_key={REDACTED}&a=1 is not there" in record.getMessage()
    assert record.getMessage().endswith("after 3")


def test_what_we_log_shows_no_secrets(caplog: pytest.LogCaptureFixture) -> None:
    """Whatever is logged: text, an error, values by name, a traceback."""
    logger = logging.getLogger("requests_cache")
    protect_logs()
    url = "http://me:s3cret@site.test/?api_key=s3cret&a=1"
    logger.warning("%s", url)
    logger.warning("%r and %s", OSError(url), f"failed: {url}")
    logger.warning("%(where)s", {"where": url})
    try:
        int(url)
    except ValueError:
        logger.exception("it failed after %d", 3)
    assert "s3cret" not in caplog.text
    assert caplog.text.count("a=1") == 5


@pytest.mark.parametrize(
    ("mine", "theirs"),
    [
        ({"headers": {"Authorization": "a"}}, {"headers": {"Authorization": "b"}}),
        ({"headers": {"X-API-Key": "a"}}, {}),
        ({"params": {"access_token": "a"}}, {"params": {"access_token": "b"}}),
        ({"auth": ("me", "a")}, {"auth": ("you", "a")}),
        ({"cookies": {"session": "a"}}, {"cookies": {"session": "b"}}),
    ],
)
def test_other_credentials_get_another_response_unless_that_is_turned_off(
    mine: dict[str, Any],
    theirs: dict[str, Any],
    origin: Origin,
    make_session: Callable[..., CachedSession],
) -> None:
    session: Any = make_session()
    url = origin.url("/json")
    assert not session.get(url, **mine).from_cache
    assert not session.get(url, **theirs).from_cache
    assert session.get(url, **mine).from_cache
    shared: Any = make_session(match_credentials=False)
    shared.get(url, **mine)
    assert shared.get(url, **theirs).from_cache


def test_cookies_of_a_response_are_kept_and_fill_the_jar_on_a_hit(
    origin: Origin, make_session: Callable[..., CachedSession]
) -> None:
    session: Any = make_session(replay_cookies=True)
    url = origin.url("/cookies")
    fetched = session.get(url)
    jar = dict(session.cookies)
    assert jar
    session.cookies.clear()
    hit = session.get(url)
    assert hit.from_cache
    assert dict(session.cookies) == jar
    assert hit.raw.headers.getlist("Set-Cookie") == fetched.raw.headers.getlist("Set-Cookie")
