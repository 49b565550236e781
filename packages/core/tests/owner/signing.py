"""A site that checks signatures, and what signs: another text for each request."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from hashlib import md5, sha256
from types import SimpleNamespace
from typing import Any

from flows import Flow, Hits
from requests import PreparedRequest
from requests.auth import AuthBase, HTTPDigestAuth
from web import Call, Says, Site, serial

SECRETS = {"alice": "of-alice", "bob": "of-bob"}
Make = Callable[[str, str], Any]


def _sign(user: str, secret: str, nonce: str) -> str:
    digest = hmac.new(secret.encode(), f"{user} {nonce}".encode(), sha256).hexdigest()
    return f"Signed {user} {nonce} {digest}"


class _Signer(AuthBase):
    def __init__(self, user: str, secret: str) -> None:
        self._parts: Callable[[], tuple[str, str]] = lambda: (user, secret)

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        request.headers["Authorization"] = _sign(*self._parts(), str(next(serial)))
        return request


class OAuth1(_Signer):
    """Shows what the object of requests-oauthlib does."""

    def __init__(self, user: str, secret: str) -> None:
        super().__init__(user, secret)
        self.client = SimpleNamespace(client_key=user, client_secret=secret)


class SignatureV4(_Signer):
    """Shows what the object of requests-aws4auth does."""

    def __init__(self, user: str, secret: str) -> None:
        super().__init__(user, secret)
        self.access_id, self.signing_key = user, SimpleNamespace(secret_key=secret)


class Signed(Site):
    """Answers who signs rightly, by Digest (RFC 7616) or in a way of its own."""

    def who(self, call: Call) -> str | None:
        scheme, _, said = call.headers.get("authorization", "").partition(" ")
        if scheme == "Digest":
            return self._by_digest(call, said)
        user, nonce, _ = said.split() if scheme == "Signed" else ("", "", "")
        right = _sign(user, SECRETS.get(user, ""), nonce)
        return user if user in SECRETS and right == f"{scheme} {said}" else None

    def _by_digest(self, call: Call, said: str) -> str | None:
        parts = {n: v.strip('"') for n, _, v in (p.partition("=") for p in said.split(", "))}
        user = parts["username"]

        def digest(*texts: str) -> str:
            return md5(":".join(texts).encode()).hexdigest()  # Digest has it so

        one = digest(user, parts["realm"], SECRETS.get(user, ""))
        two = digest(call.method, parts["uri"])
        right = digest(one, *(parts[n] for n in ("nonce", "nc", "cnonce", "qop")), two)
        return user if parts["response"] == right else None

    def says(self, call: Call) -> Says:
        who = self.who(call)
        if who is None:
            fresh = f'Digest realm="r", nonce="{next(serial)}", qop="auth"'
            return Says("who?", 401, WWW_Authenticate=fresh, Cache_Control="no-store")
        if call.path == "/onward":
            return Says(who=who, to="a.test/target")
        return Says(f"page {call.path}", who=who)


SIGNERS: dict[str, Make] = {"Digest": HTTPDigestAuth, "OAuth 1": OAuth1, "SigV4": SignatureV4}


def signed(flow: Flow, kind: str) -> Hits:
    """Each of two people finds his pages again; nobody does, nor who has a wrong secret."""
    hits, make, pages = 0, SIGNERS[kind], ["/me", "/onward"]
    with flow.open(a_test=Signed()) as web:
        # The request of a hit has not been signed by a challenge.
        web.check = web.check_whom = lambda *told: None  # type: ignore[method-assign, assignment]
        for name in ("alice", "bob", "alice"):
            visitor = flow.visitor(web)
            for page in pages * 2:
                answer = visitor.get(f"a.test{page}", auth=make(name, SECRETS[name]))
                assert answer.headers["X-Whom"] == name
                hits += answer.from_cache
            for auth in (make(name, "wrong"), None):
                assert visitor.get("a.test/me", auth=auth).status_code == 401
                assert visitor.get("a.test/onward", auth=auth).status_code == 401
    return (hits,)


def renewed(flow: Flow) -> Hits:
    """Tokens and signatures that are others each time, in a partition: all URLs three times."""

    class Anybody(Signed):
        def who(self, call: Call) -> str | None:
            return None

        def says(self, call: Call) -> Says:
            return Says(f"page {call.path}")

    found, auth = [], _Signer("alice", "x")
    with flow.open(a_test=Anybody()) as web:
        for _ in range(3):
            visitor = flow.visitor(web, partition="alice")
            urls = [
                f"a.test/{number}?access_token={next(serial)}" for number, _ in enumerate(flow.urls)
            ]
            found.append(visitor.hits(urls, auth=auth))
    return tuple(found[1:])
