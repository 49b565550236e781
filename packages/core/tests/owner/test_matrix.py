"""The matrix: what people do, on each store, by both rules. Nobody is given what is another's.

Each answer has the name of whom its site has taken the caller for; each hit is compared with whom
the site would take him for now (`web.Visitor`). Beside each flow stands how many hits there are,
exactly; of `urls` those of a second round, and of another session that comes after it. No value of
a cookie is found in what is stored but bodies.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import between as b
import flows as f
import pytest
import signing as s
from requests_cache import BaseCache
from sites import Accounts, Public
from web import Visitor

Row = tuple[Callable[[f.Flow], f.Hits], f.Hits, str | None]
PRIVATE = {"Cache_Control": "private, max-age=600"}
CACHED_POST: dict[str, Any] = {"allowable_methods": ("GET", "HEAD", "POST")}


def consent(visitor: Visitor) -> None:
    visitor.get("a.test/")
    visitor.post("a.test/consent")


def hand(visitor: Visitor) -> None:
    visitor.put("a.test", "hand", "alice")


def urls(cookies: str, *hits: int, log: str | None = None, **more: Any) -> Row:
    """20 URLs, of a site with such cookies."""
    fields = {name: more.pop(name) for name in ("Cache_Control", "Vary") if name in more}
    return (
        lambda flow: f.twice_then_a_second_run(flow, Public(cookies, **fields), **more),
        hits,
        log,
    )


def each(cookies: str, hits: int, log: str | None = None, **more: Any) -> Row:
    """20 URLs twice, a session for each call."""
    fields = {name: more.pop(name) for name in ("Cache_Control",) if name in more}
    return lambda flow: f.a_session_for_each(flow, Public(cookies, **fields), **more), (hits,), log


def people(login: f.Login, hits: int = 4, log: str | None = None, **more: Any) -> Row:
    """Two people and nobody; then somebody else on the same session. The rest is of the site."""
    options = {name: more.pop(name) for name in ("logout", *CACHED_POST) if name in more}
    return lambda flow: f.people(flow, Accounts(**more), login, **options), (hits,), log


def flow(do: Callable[..., f.Hits], *args: Any, hits: tuple[int, ...], **more: Any) -> Row:
    log = more.pop("log", None)
    return lambda flow: do(flow, *args, **more), hits, log


def enter(visitor: Visitor, name: str) -> None:
    visitor.post("a.test/login", data={"u": name})


def magic(visitor: Visitor, name: str) -> None:
    visitor.get(f"a.test/magic/{name}")


def log_out_by_get(visitor: Visitor) -> None:
    visitor.get("a.test/logout")


def by_method(method: str) -> f.Login:
    return lambda visitor, name: visitor.ask(method, "a.test/login", data={"user": name})


def in_body(body: str, content_type: str) -> f.Login:
    headers = {"Content-Type": content_type}
    return lambda visitor, name: visitor.post(
        "a.test/login", data=body.replace("NAME", name).encode(), headers=headers
    )


SECOND = [f"a.test/p?user={number}" for number in range(20)]
KEYED = [f"{url}?api_key=K" for url in f.URLS]
TOKENS = [f"a.test/{number}?access_token={number}" for number in range(20)]
BEARER = {"bearer": "alice"}
COOKIE, EVENT = "because of the cookie ", "unsafe requests (POST and the like)"

# fmt: off
MATRIX: dict[str, Row] = {
    # cookies of public pages; hits of a second round, and of a second session
    "no cookie":                                urls("none", 20, 20),
    "visitor id, set once":                     urls("visitor", 20, 19),
    "new cookie with each response":            urls("rotating", 20, 19),
    "balancer":                                 urls("balancer", 20, 20),
    "CSRF cookie":                              urls("csrf", 20, 19),
    "flash cookie, set and deleted by turns":   urls("flash", 20, 18),
    "Secure cookie that never goes by http":    urls("secure", 20, 19),
    "a language beside a rotating cookie":      urls("lang", 20, 19),
    "Bearer beside a rotating cookie":          urls("rotating", 20, 19, calls=BEARER),
    "api_key beside a rotating cookie":         urls("rotating", 20, 19, urls=KEYED),
    "pages by user beside a rotating cookie":   urls("rotating", 20, 19, urls=SECOND),
    "a cookie by hand beside a rotating one":   urls("rotating", 20, 19, first=hand),
    "private beside a rotating cookie":         urls("rotating", 0, 0, **PRIVATE,
                                                     log="match_cookies=[]"),
    "the same with match_cookies=[]":           urls("rotating", 20, 19, **PRIVATE,
                                                     match_cookies=[]),
    "private, visitor id":                      urls("visitor", 19, 0, **PRIVATE),
    "Vary: Cookie, visitor id":                 urls("visitor", 19, 0, Vary="Cookie"),
    "partition, rotating cookie":               urls("rotating", 20, 19, partition="alice"),
    "partition, a renewed token in the URL":    urls("none", 20, 20, partition="p", urls=TOKENS),
    "match_credentials=False, rotating":        urls("rotating", 20, 19, match_credentials=False),
    "replay_cookies, rotating":                 urls("rotating", 20, 20, replay_cookies=True),
    "consent by POST first, visitor id":        urls("visitor", 20, 0, first=consent, log=EVENT),
    "consent by POST first, rotating cookie":   urls("rotating", 0, 0, first=consent, log=COOKIE),
    # a session for each call
    "one-call sessions, visitor id":            each("visitor", 20, one_call=True),
    "one-call sessions, rotating and private":  each("rotating", 20, one_call=True, **PRIVATE),
    "session for each call, Bearer":            each("none", 20, calls=BEARER),
    "session for each call, visitor id":        each("visitor", 0, log="which came with them"),
    "the same with the visitor id ignored":     each("visitor", 20, ignored_parameters=["v"]),
    "install_cache, no cookie":                 flow(b.installed, "none", hits=(20, 20)),
    "install_cache, visitor id":                flow(b.installed, "visitor", hits=(20, 20)),
    "install_cache, rotating cookie":           flow(b.installed, "rotating", hits=(20, 20)),
    "install_cache, two people":                flow(b.installed_people, hits=(2,)),
    # logins, each by two people; somebody else then logs in on the same session
    "form, new cookie":                         people(f.form),
    "form raises an earlier id":                people(f.form, renew=False),
    "form, answered by a redirect":             people(f.form, home="a.test/account"),
    "form without a password":                  people(enter, renew=False),
    "JSON":                                     people(f.as_json),
    "JSON raises an earlier id":                people(f.as_json, renew=False),
    "PUT raises an earlier id":                 people(by_method("PUT"), renew=False),
    "PATCH raises an earlier id":               people(by_method("PATCH"), renew=False),
    "a method of its own":                      people(by_method("ENTER"), renew=False),
    "logout deletes the cookie":                people(f.form, forget=True),
    "an id by hand, raised by a form":          people(f.by_hand_then_form, renew=False),
    "a language by hand, logout by GET":        people(f.with_language(enter), forget=True,
                                                       logout=log_out_by_get),
    "GET with a code":                          people(f.by_url("state=1&code=k")),
    "GET with a ticket raises the id":          people(f.by_url("ticket=ST-1"), renew=False),
    "GET with a token, a language by hand":     people(f.with_language(f.by_url("token=7")),
                                                       renew=False),
    "magic link, private pages":                people(magic, private=True),
    "Basic, then the cookie alone":             people(f.by_basic, renew=False),
    "Basic with a new id, then the cookie":     people(f.by_basic),
    "Bearer, then the cookie alone":            people(f.by_bearer, renew=False),
    "Bearer with a new id, then the cookie":    people(f.by_bearer),
    "an id that each answer renews":            people(f.form, 0, slide=True, log=COOKIE),
    "an id by hand that each answer renews":    flow(f.sliding, hits=(0,), log=COOKIE),
    "cookies copied from another jar":          flow(f.copied, hits=(2,)),
    "cookies from a file":                      flow(f.from_file, hits=(2,)),
    "by hand, analytics change":                flow(f.passing_by_hand, hits=(19,)),
    "two names by hand":                        flow(f.two_names_by_hand, hits=(19,)),
    "cookies expire":                           flow(b.expiry, hits=(1,)),
    "two certificates under one path":          flow(b.one_path, hits=(4,)),
    "two partitions":                           flow(f.partitions, hits=(2,)),
    # a POST that is answered from the cache; a login is none
    "cached POST, form":                        people(f.form, renew=False, **CACHED_POST),
    "cached POST, JSON":                        people(f.as_json, renew=False, **CACHED_POST),
    "cached POST, XML":                         people(in_body("<user>NAME</user>", "text/xml"),
                                                       renew=False, **CACHED_POST),
    "cached POST, text":                        people(in_body("user: NAME", "text/plain"),
                                                       renew=False, **CACHED_POST),
    "cached POST, octets":                      people(in_body("\x0a\x05NAME", "application/x-o"),
                                                       renew=False, **CACHED_POST),
    "cached POST, mutation of GraphQL":         people(f.by_mutation, renew=False, **CACHED_POST),
    "cached queries, visitor id":               flow(f.queries, "visitor", cached=True,
                                                     hits=(20, 19)),
    "cached queries, rotating":                 flow(f.queries, "rotating", cached=True,
                                                     hits=(20, 19)),
    "queries between calls, no cookie":         flow(f.queries, "none", cached=False,
                                                     hits=(20, 20)),
    "queries between calls, balancer":          flow(f.queries, "balancer", cached=False,
                                                     hits=(20, 20)),
    "queries between calls, visitor id":        flow(f.queries, "visitor", cached=False,
                                                     hits=(0, 0), log=EVENT),
    "the same with a partition":                flow(f.queries, "visitor", cached=False,
                                                     partition="p", hits=(20, 20)),
    # login forms that are cached; both logins succeed
    "login form, CSRF cookie":                  flow(f.login_forms, "csrf", hits=(2,)),
    "login form, token of the session":         flow(f.login_forms, "session", hits=(2,)),
    "the same with a partition for both":       flow(f.login_forms, "session", partition="p",
                                                     hits=(2,)),
    "post(cookies=r.cookies) after a hit":      flow(f.login_forms, "session", send_back=True,
                                                     hits=(2,)),
    "requests.get of a login form":             flow(f.one_call_forms, hits=(0,)),
    "both in two processes":                    flow(b.two_processes, hits=(4,)),
    # several hosts, several names
    "single sign-on":                           flow(f.sign_on, hits=(8,)),
    "redirect to another host":                 flow(f.stripped, hits=(2,)),
    "a word on another host":                   flow(f.away, hits=(1,)),
    "two names by turns on one id":             flow(f.in_turns, hits=(1,)),
    "twenty Bearers through one session":       flow(f.many_through_one, hits=(19,)),
    "cookies=r.cookies with each call":         flow(f.echo, hits=(20,)),
    "Bearer on every second call":              flow(f.alternating, hits=(10,), log=COOKIE),
    # something happens meanwhile
    "login after what is answered":             flow(b.login_meanwhile, True, hits=(1,)),
    "login before what is answered":            flow(b.login_meanwhile, False, hits=(1,)),
    "login between a stale hit and its refresh": flow(b.login_before_refresh, hits=(1,)),
    "login while a refresh is on its way":      flow(b.login_while_refreshing, hits=(1,)),
    "two threads":                              flow(b.two_threads, hits=(12,)),
    "one session in two threads":               flow(b.one_session_in_two_threads, hits=(10,)),
    # what signs each request anew; a wrong secret finds nothing
    "Digest":                                   flow(s.signed, "Digest", hits=(8,)),
    "OAuth 1":                                  flow(s.signed, "OAuth 1", hits=(8,)),
    "SigV4":                                    flow(s.signed, "SigV4", hits=(8,)),
    "renewed tokens and signatures, partition": flow(s.renewed, hits=(20, 20)),
    # names that are nobody's secret choose pages; by default, in a partition, and for all
    "five pages by pageToken":                  flow(f.pages_by, "pageToken", hits=(15,)),
    "five pages by next_token":                 flow(f.pages_by, "next_token", hits=(15,)),
    "five pages by key":                        flow(f.pages_by, "key", hits=(15,)),
    "five pages by token":                      flow(f.pages_by, "token", hits=(15,)),
}
# fmt: on

KEEPS_COOKIES = {"replay_cookies, rotating"}


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("name", MATRIX)
def test_nobody_is_given_what_is_another_persons(
    name: str,
    rules: bool,
    make_cache: Callable[[], BaseCache],
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    do, hits, log = MATRIX[name]
    flow = f.Flow(make_cache, {"cache_control": rules}, tmp_path)
    with caplog.at_level(logging.INFO, "requests_cache"):
        assert do(flow) == tuple(flow.scaled(count) for count in hits)
    assert log is None or log in caplog.text
    assert flow.web is not None
    heads = flow.heads()
    ids = [value for value in flow.web.issued if len(value) > len("de")]
    assert name in KEEPS_COOKIES or not [value for value in ids if value.encode() in heads]
