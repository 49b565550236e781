"""No secret of a request is stored in clear: generated names in generated formats."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import quote, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Request
from requests_cache._matching.bodies import redact_body
from requests_cache._matching.credentials import REDACTED, Redactor
from requests_cache.models.describe import describe_request

CANARY = "CANARY0123456789"
FIRST = ("my", "new", "old", "client", "user", "access", "refresh", "app")
FORM, JSON, XML = "application/x-www-form-urlencoded", "application/json", "text/xml"


def spell(words: list[str], style: str) -> str:
    if style == "camel":
        return words[0] + "".join(word.title() for word in words[1:])
    if style == "title":
        return "".join(word.title() for word in words)
    return style.join(words)


secret_names = st.builds(
    spell,
    st.tuples(
        st.lists(
            st.sampled_from(["my", "new", "old", "client", "user", "access", "refresh", "app"]),
            max_size=2,
        ),
        st.sampled_from(["password", "secret", "token", "passphrase", "credential", "jwt"]),
    ).map(lambda parts: [*parts[0], parts[1]]),
    st.sampled_from(["camel", "title", "_", "-"]),
)

BODIES: dict[str, tuple[str, Callable[[str], str | bytes]]] = {
    "form": (FORM, lambda n: urlencode({"a": 1, n: CANARY})),
    "form in brackets": (FORM, lambda n: urlencode({f"user[{n}]": CANARY, f"{n}[]": CANARY})),
    "form without a type": ("", lambda n: f"{n}={CANARY}"),
    "JSON": (JSON, lambda n: json.dumps({"a": [{n: CANARY}]})),
    "JSON without a type": ("", lambda n: json.dumps({n: {"value": [CANARY]}})),
    "JSON in JSON": (JSON, lambda n: json.dumps({"a": json.dumps({n: CANARY})})),
    "JSON in a form": (FORM, lambda n: urlencode({"payload": json.dumps({n: CANARY})})),
    "JSON lines": ("application/x-ndjson", lambda n: f'{{"a": 1}}\n{{"{n}": "{CANARY}"}}'),
    "escaped JSON": ("text/plain", lambda n: f'{{"\\u{ord(n[0]):04x}{n[1:]}": "{CANARY}"}}'),
    "damaged JSON": (JSON, lambda n: f'{{"{n}": "{CANARY}", '),
    "name and value": (JSON, lambda n: json.dumps([{"name": n, "value": CANARY}])),
    "key and value": (JSON, lambda n: json.dumps({"fields": [{"Key": n, "Value": CANARY}]})),
    "pairs": (JSON, lambda n: json.dumps([[n, CANARY]])),
    "GraphQL": (JSON, lambda n: json.dumps({"query": f'{{ login({n}: "{CANARY}") }}'})),
    "element": (XML, lambda n: f"<a><{n}>{CANARY}</{n}></a>"),
    "element with an attribute": (XML, lambda n: f'<x:{n} type="t">{CANARY}</x:{n}>'),
    "CDATA": (XML, lambda n: f"<{n}><![CDATA[{CANARY}]]></{n}>"),
    "comment": (XML, lambda n: f"<{n}><!-- c -->{CANARY}</{n}>"),
    "attribute": (XML, lambda n: f"<login {n}='{CANARY}'/>"),
    "plist": (XML, lambda n: f"<dict><key>{n}</key><string>{CANARY}</string></dict>"),
    "XML-RPC": (XML, lambda n: f"<name>{n}</name><value><string>{CANARY}</string></value>"),
    "parameter": (XML, lambda n: f'<param name="{n}" value="{CANARY}"/>'),
    "XML without a type": ("", lambda n: f"<{n}>{CANARY}</{n}>"),
    "CSV": ("text/csv", lambda n: f"user,{n}\nann,{CANARY}"),
    "tabs": ("text/tab-separated-values", lambda n: f"user\t{n}\nann\t{CANARY}"),
    "table without a type": ("", lambda n: f'"user";"{n}"\n"ann";"{CANARY}"'),
    "YAML": ("application/yaml", lambda n: f"a: 1\n{n}: {CANARY}\n"),
    "TOML": ("application/toml", lambda n: f'[login]\n{n} = "{CANARY}"\n'),
    "text": ("text/plain", lambda n: f"{n}: {CANARY}"),
    "octets": ("application/octet-stream", lambda n: b"\x0a\x05" + f"{n}\x12{CANARY}".encode()),
    "multipart": (
        "multipart/form-data; boundary=b",
        lambda n: f'--b\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{CANARY}\r\n--b--',
    ),
    "multipart with bare LF": (
        "multipart/form-data; boundary=b",
        lambda n: f"--b\nContent-Disposition: form-data; name={n}\n\n{CANARY}\n--b--",
    ),
    "JSON in multipart": (
        "multipart/form-data; boundary=b",
        lambda n: (
            f'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\n{{"{n}": "{CANARY}"}}\r\n--b--'
        ),
    ),
}


@pytest.mark.parametrize("kind", BODIES)
@given(secret_names)
def test_a_body_loses_what_has_a_secret_name(kind: str, name: str) -> None:
    content_type, make = BODIES[kind]
    redacted = redact_body(Redactor(), make(name), content_type or None)
    assert redacted is not None
    assert CANARY.encode() not in redacted
    assert REDACTED.encode() in redacted


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ("a=1&b=2&pageToken=7", FORM),
        ('{"a":  1.50, "token_type": "x", "author": "ann"}', JSON),
        ("<page><author>ann</author><next_token>3</next_token></page>", XML),
        ("name,year\nann,1999", "text/csv"),
        ("the token is not named here; neither is a password", "text/plain"),
    ],
)
def test_a_body_without_a_secret_stays_as_it_is(body: str, content_type: str) -> None:
    assert redact_body(Redactor(), body, content_type) == body.encode()


@given(secret_names, st.sampled_from("?;#"), st.sampled_from(["/p?a=1&{}", "/p;v=1;{};w=2/q?a=1"]))
def test_a_url_loses_what_has_a_secret_name(name: str, mark: str, place: str) -> None:
    sent = "http://h" + place.format(f"{quote(name)}={CANARY}")
    redactor = Redactor()
    assert all(part in redactor.url(sent) for part in place.split("{}"))
    assert CANARY not in redactor.url(sent)
    assert CANARY not in redactor.text(f"fetching <{sent}>{mark} failed")
    for field in ("Location", "Content-Location", "Link", "Refresh", "Referer"):
        value = f"<{sent}>; rel=next" if field == "Link" else sent
        if name.lower() != "token":
            assert CANARY not in redactor.field(field, value)


@given(secret_names)
def test_a_field_loses_what_has_a_secret_name(name: str) -> None:
    request = Request("GET", "http://h/", headers={f"X-{name}": CANARY}).prepare()
    assert CANARY not in json.dumps(describe_request(request, Redactor()))
