"""The matrix: what people do, on each store, by both rules. Nobody is given what is another's.

Each answer has the name of whom its site has taken the caller for; each hit is compared with whom
the site would take him for now (`web.Visitor`). Beside each flow stands how many hits there are.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flows as f
import pytest
from requests_cache import BaseCache
from sites import Accounts, Public
from web import Visitor

PRIVATE = {"Cache_Control": "private, max-age=600"}


def consent(visitor: Visitor) -> None:
    visitor.get("a.test/")
    visitor.post("a.test/consent")


def hand(visitor: Visitor) -> None:
    visitor.put("a.test", "hand", "alice")


Row = tuple[Callable[[f.Flow], tuple[int, ...]], tuple[int, ...]]


def urls(site: Callable[[], Any], *expected: int, **options: Any) -> Row:
    return lambda flow: f.twice_then_a_second_run(flow, site(), **options), expected


def people(site: Callable[[], Any], login: f.Login, *expected: int, **options: Any) -> Row:
    return lambda flow: f.people(flow, site(), login, **options), expected or (4,)


HITS: dict[str, Row] = {
    # of 20 URLs the second time, and of a second session
    "no cookie": urls(Public, 20, 20),
    "visitor id, set once": urls(lambda: Public("visitor"), 20, 19),
    "new cookie with each response": urls(lambda: Public("rotating"), 20, 19),
    "balancer": urls(lambda: Public("balancer"), 20, 20),
    "CSRF cookie": urls(lambda: Public("csrf"), 20, 19),
    "flash cookie, set and deleted by turns": urls(lambda: Public("flash"), 20, 18),
    "a language beside a rotating cookie": urls(lambda: Public("lang"), 20, 19),
    "Bearer beside a rotating cookie": urls(
        lambda: Public("rotating"), 20, 19, calls={"bearer": "alice"}
    ),
    "api_key in the URL beside a rotating cookie": urls(
        lambda: Public("rotating"), 20, 19, urls=[f"{url}?api_key=K" for url in f.URLS]
    ),
    "pages by user beside a rotating cookie": urls(
        lambda: Public("rotating"), 20, 19, urls=[f"a.test/p?user={n}" for n in range(20)]
    ),
    "a cookie set by hand beside a rotating one": urls(
        lambda: Public("rotating"), 20, 19, first=hand
    ),
    "private beside a rotating cookie": urls(lambda: Public("rotating", **PRIVATE), 0, 0),
    "the same with match_cookies=[]": urls(
        lambda: Public("rotating", **PRIVATE), 20, 19, match_cookies=[]
    ),
    "private, visitor id": urls(lambda: Public("visitor", **PRIVATE), 19, 0),
    "Vary: Cookie, visitor id": urls(lambda: Public("visitor", Vary="Cookie"), 19, 0),
    "partition, rotating cookie": urls(lambda: Public("rotating"), 20, 19, partition="alice"),
    "partition, a renewed token in the URL": urls(
        Public, 20, 20, partition="p", urls=[f"a.test/{n}?access_token={n}" for n in range(20)]
    ),
    "match_credentials=False, rotating cookie": urls(
        lambda: Public("rotating"), 20, 19, match_credentials=False
    ),
    "replay_cookies, rotating": urls(lambda: Public("rotating"), 20, 20, replay_cookies=True),
    "consent by POST first, visitor id": urls(lambda: Public("visitor"), 20, 0, first=consent),
    "consent by POST first, rotating cookie": urls(lambda: Public("rotating"), 0, 0, first=consent),
    # a session for each call
    "one-call sessions, visitor id": (
        lambda flow: f.a_session_for_each(flow, Public("visitor"), one_call=True),
        (20,),
    ),
    "one-call sessions, rotating and private": (
        lambda flow: f.a_session_for_each(flow, Public("rotating", **PRIVATE), one_call=True),
        (20,),
    ),
    "session for each call, Bearer": (
        lambda flow: f.a_session_for_each(flow, Public(), calls={"bearer": "alice"}),
        (20,),
    ),
    "session for each call, visitor id": (
        lambda flow: f.a_session_for_each(flow, Public("visitor")),
        (0,),
    ),
    "session for each call, visitor id ignored": (
        lambda flow: f.a_session_for_each(flow, Public("visitor"), ignored_parameters=["v"]),
        (20,),
    ),
    # cookies that go back
    "cookies=r.cookies with each call": (f.echo, (20,)),
    "Bearer on every second call": (f.alternating, (10,)),
    # logins
    "form, new cookie": people(Accounts, f.form),
    "form raises an earlier id": people(lambda: Accounts(renew=False), f.form),
    "form, answered by a redirect": people(lambda: Accounts(home="a.test/account"), f.form),
    "form without a password": people(
        lambda: Accounts(renew=False),
        lambda visitor, name: visitor.post("a.test/login", data={"user": name}),
    ),
    "logout deletes the cookie": people(lambda: Accounts(forget=True), f.form),
    "an id set by hand, raised by a form": people(
        lambda: Accounts(renew=False), f.by_hand_then_form
    ),
    "a language by hand, logout by GET": people(
        lambda: Accounts(forget=True),
        f.with_language(lambda visitor, name: visitor.post("a.test/login", data={"u": name})),
        logout=lambda visitor: visitor.get("a.test/logout"),
    ),
    "GET with a code": people(Accounts, f.by_url("state=1&code=k")),
    "GET with a ticket raises the id": people(
        lambda: Accounts(renew=False), f.by_url("ticket=ST-1")
    ),
    "GET with a token, a language by hand": people(
        lambda: Accounts(renew=False), f.with_language(f.by_url("token=7"))
    ),
    "magic link, private pages": people(
        lambda: Accounts(private=True), lambda visitor, name: visitor.get(f"a.test/magic/{name}")
    ),
    "Bearer, then the cookie alone": people(
        lambda: Accounts(renew=False), lambda visitor, name: visitor.get("a.test/x", bearer=name)
    ),
    "Bearer with a new id, then the cookie alone": people(
        Accounts, lambda visitor, name: visitor.get("a.test/x", bearer=name)
    ),
    "an id that each answer renews": people(lambda: Accounts(slide=True), f.form, 0),
    "cached POST, form": people(
        lambda: Accounts(renew=False), f.form, allowable_methods=("GET", "HEAD", "POST")
    ),
    "cached queries, visitor id": (lambda flow: f.queries(flow, "visitor", cached=True), (20, 19)),
    "cached queries, rotating": (lambda flow: f.queries(flow, "rotating", cached=True), (20, 19)),
    "queries between calls, no cookie": (
        lambda flow: f.queries(flow, "none", cached=False),
        (20, 20),
    ),
    "queries between calls, balancer": (
        lambda flow: f.queries(flow, "balancer", cached=False),
        (20, 20),
    ),
    "queries between calls, visitor id": (
        lambda flow: f.queries(flow, "visitor", cached=False),
        (0, 0),
    ),
    "the same with a partition": (
        lambda flow: f.queries(flow, "visitor", cached=False, partition="p"),
        (20, 20),
    ),
    "login form, CSRF cookie": (lambda flow: f.login_forms(flow, "csrf"), (2,)),
    "login form, token of the session": (lambda flow: f.login_forms(flow, "session"), (2,)),
    "the same with a partition for both": (
        lambda flow: f.login_forms(flow, "session", partition="p"),
        (2,),
    ),
    "post(cookies=r.cookies) after a hit": (
        lambda flow: f.login_forms(flow, "session", send_back=True),
        (2,),
    ),
    "requests.get of a login form": (f.one_call_forms, (0,)),
    "single sign-on": (f.sign_on, (8,)),
    "redirect to another host": (f.stripped, (2,)),
    "login while an answer is on its way": (f.login_meanwhile, (1,)),
    "cookies copied from another jar": (f.copied, (2,)),
    "two names by turns on one id": (f.in_turns, (1,)),
    "twenty Bearers through one session": (f.many_through_one, (19,)),
    "a word on another host": (f.away, (1,)),
    "two names by hand": (f.two_names_by_hand, (19,)),
    "two partitions": (f.partitions, (2,)),
    "five pages by pageToken": (lambda flow: f.pages_by(flow, "pageToken"), (15,)),
    "five pages by next_token": (lambda flow: f.pages_by(flow, "next_token"), (15,)),
    "five pages by key": (lambda flow: f.pages_by(flow, "key"), (15,)),
    "five pages by token": (lambda flow: f.pages_by(flow, "token"), (15,)),
}


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("name", HITS)
def test_nobody_is_given_what_is_another_persons(
    name: str, rules: bool, make_cache: Callable[[], BaseCache]
) -> None:
    flow, expected = HITS[name]
    found = f.Flow(make_cache, {"cache_control": rules}).run(lambda it: flow(it))
    assert all(a >= b for a, b in zip(found, expected, strict=True)), (found, expected)
