"""What visitors do, one function for each; each gives its hits and how many there should be."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from requests_cache import BaseCache
from sites import Accounts, App, Onward, Public, SignOn
from web import Site, Visitor, Web

URLS = [f"a.test/u{number}" for number in range(20)]
Hits = tuple[int, ...]
MakeCache = Callable[[], BaseCache]
Login = Callable[[Visitor, str], object]


class Flow:
    """One flow, on one kind of store, by one kind of rules.

    Args:
        make_cache: opens the store.
        options: of all sessions.
    """

    def __init__(self, make_cache: MakeCache, options: dict[str, Any]) -> None:
        self.make_cache, self.options = make_cache, options

    def run(self, flow: Callable[..., Any], *args: Any, **more: Any) -> Any:
        self.cache = self.make_cache()
        return flow(self, *args, **more)

    def visitor(self, web: Web, **options: Any) -> Visitor:
        return Visitor(web, self.cache, **{**self.options, **options})

    @property
    def entries(self) -> int:
        return len(self.cache.responses)


def twice_then_a_second_run(
    flow: Flow,
    site: Site,
    first: Callable[[Visitor], object] = lambda visitor: None,
    urls: list[str] = URLS,
    calls: dict[str, Any] | None = None,
    **options: Any,
) -> Hits:
    """All URLs twice in one session, then in another order by a second session on the store."""
    with Web(**{"a.test": site}) as web:
        one, other = flow.visitor(web, **options), flow.visitor(web, **options)
        first(one)
        one.hits(urls, **(calls or {}))
        again = one.hits(urls, **(calls or {}))
        first(other)
        return again, other.hits(urls[::-1], **(calls or {}))


def a_session_for_each(flow: Flow, site: Site, **options: Any) -> Hits:
    """Each call by a session of its own, all URLs twice."""
    calls = options.pop("calls", {})
    with Web(**{"a.test": site}) as web:
        for _ in range(2):
            hits = sum(flow.visitor(web, **options).hits([url], **calls) for url in URLS)
    return (hits,)


def people(
    flow: Flow,
    site: Site,
    login: Login,
    logout: Callable[[Visitor], object] = lambda visitor: visitor.post("a.test/logout"),
    **options: Any,
) -> Hits:
    """Two people and nobody; then one logs out, and somebody else in on the same session."""
    pages, found = ["a.test/", "a.test/account"], 0
    with Web(**{"a.test": site}) as web:
        nobody = flow.visitor(web)
        nobody.hits(pages)
        for name in ("alice", "bob"):
            visitor = flow.visitor(web, **options)
            visitor.hits(pages)
            login(visitor, name)
            visitor.hits(pages)
            found += visitor.hits(pages)
            flow.visitor(web).hits(pages)
            logout(visitor)
            visitor.hits(pages)
            login(visitor, "carol")
            visitor.hits(pages)
            visitor.hits(pages)
            nobody.hits(pages)
    return (found,)


def form(visitor: Visitor, name: str) -> None:
    visitor.post("a.test/login", data={"user": name, "password": f"x{name}"})


def by_url(kind: str) -> Login:
    return lambda visitor, name: visitor.get(f"a.test/login?{kind}-{name}")


def by_hand_then_form(visitor: Visitor, name: str) -> None:
    visitor.put("a.test", "sid", f"fixed-{id(visitor)}")
    form(visitor, name)


def with_language(login: Login) -> Login:
    def both(visitor: Visitor, name: str) -> None:
        visitor.put("a.test", "lang", "de")
        login(visitor, name)

    return both


def login_forms(flow: Flow, kind: str, *, send_back: bool = False, **options: Any) -> Hits:
    """Two people fetch the login form, send it, and look at their account."""
    found = 0
    with Web(**{"a.test": Accounts(form=kind)}) as web:
        for name in ("alice", "bob"):
            visitor = flow.visitor(web, **options)
            visitor.get("a.test/")
            visitor.get("a.test/login")
            page = visitor.get("a.test/login")
            found += page.from_cache
            token = page.text.partition('value="')[2].partition('"')[0]
            cookies = {"cookies": page.cookies} if send_back else {}
            data = {"user": name, "token": token}
            assert visitor.post("a.test/login", data=data, **cookies).status_code == 200
            assert "partition" in options or visitor.get("a.test/x").headers["X-Whom"] == name
    return (found,)


def one_call_forms(flow: Flow) -> Hits:
    """As `requests.get` and `requests.post` do: a session for each call."""
    with Web(**{"a.test": Accounts(form="session")}) as web:
        for name in ("alice", "bob"):
            page = flow.visitor(web, one_call=True).get("a.test/login")
            token = page.text.partition('value="')[2].partition('"')[0]
            data = {"user": name, "token": token}
            entered = flow.visitor(web, one_call=True).post(
                "a.test/login", data=data, cookies=page.cookies
            )
            assert entered.status_code == 200
    return (0,)


def sign_on(flow: Flow) -> Hits:
    """Two applications behind one sign-on, two people each, one after the other."""
    sites = {
        "app.test": App(home="app.test/account"),
        "wiki.test": App(home="wiki.test/account"),
        "idp.test": SignOn(),
    }
    found = 0
    with Web(**sites) as web:
        for name in ("alice", "bob"):
            visitor = flow.visitor(web)
            visitor.get("app.test/")
            for user in (name, "carol"):
                visitor.post("idp.test/login", data={"user": user, "app": "app.test"})
                visitor.get("wiki.test/")
                for url in ("app.test/account", "wiki.test/account"):
                    assert visitor.get(url).headers["X-Whom"] in (user, name)
                    found += visitor.get(url).from_cache
                for host in ("app.test", "wiki.test"):
                    visitor.session.cookies.clear(host)
                assert visitor.get("wiki.test/").headers["X-Whom"] in (user, name)
            for host in sites:
                visitor.post(f"{host}/logout")
    return (found,)


def stripped(flow: Flow) -> Hits:
    """A redirect to another host, where the credential does not go."""
    with Web(**{"a.test": Onward("b.test/y"), "b.test": Accounts(renew=False)}) as web:
        one, other = flow.visitor(web), flow.visitor(web)
        one.get("a.test/x", bearer="alice")
        one.get("a.test/x", bearer="alice")
        found = one.get("a.test/x", bearer="alice").from_cache
        return (found + (other.get("b.test/y").from_cache or other.get("b.test/y").from_cache),)


def login_meanwhile(flow: Flow) -> Hits:
    """Somebody logs in on the same session while an answer is on its way."""
    with Web(**{"a.test": Accounts(renew=False)}) as web:
        visitor = flow.visitor(web)
        visitor.get("a.test/")
        web.meanwhile = lambda: form(visitor, "alice")
        visitor.get("a.test/account")
        other = flow.visitor(web)
        other.get("a.test/")
        other.get("a.test/account")
        visitor.get("a.test/account")
        return (visitor.get("a.test/account").from_cache,)


def copied(flow: Flow) -> Hits:
    """Cookies that the program takes from one session into another."""
    found = 0
    with Web(**{"a.test": Accounts()}) as web:
        for name in ("alice", "bob"):
            visitor = flow.visitor(web)
            form(visitor, name)
            visitor.get("a.test/account")
            for _ in range(2):
                other = flow.visitor(web)
                other.session.cookies.update(visitor.session.cookies)
                found += other.get("a.test/account").from_cache
        flow.visitor(web).get("a.test/account")
    return (found,)


def in_turns(flow: Flow) -> Hits:
    """Two names by turns through one session with one id."""
    with Web(**{"a.test": Accounts(renew=False)}) as web:
        visitor = flow.visitor(web)
        visitor.get("a.test/")
        for name in ("alice", "bob", "alice", "alice"):
            visitor.get("a.test/x", bearer=name)
            visitor.get("a.test/account")
            visitor.get("a.test/account")
        return (visitor.get("a.test/account").from_cache,)


def many_through_one(flow: Flow) -> Hits:
    """Twenty Bearers through one session."""
    with Web(**{"a.test": Public("visitor")}) as web:
        visitor = flow.visitor(web)
        for _ in range(2):
            hits = sum(visitor.get("a.test/me", bearer=f"u{n}").from_cache for n in range(20))
    return (hits,)


def away(flow: Flow) -> Hits:
    """A word that stayed on another host, and the same word here."""
    with Web(**{"a.test": Accounts(renew=False), "b.test": Onward("a.test/account")}) as web:
        visitor = flow.visitor(web)
        visitor.put("a.test", "sid", "fixed-1234")
        visitor.get("b.test/y", bearer="alice")
        visitor.hits(["a.test/account"] * 2)
        visitor.get("a.test/x", bearer="alice")
        visitor.get("a.test/account")
        return (visitor.get("a.test/account").from_cache,)


def echo(flow: Flow) -> Hits:
    """Each call sends back the cookies of the answer before."""
    with Web(**{"a.test": Public("rotating")}) as web:
        visitor, cookies = flow.visitor(web), None
        for _ in range(2):
            hits = 0
            for url in URLS:
                response = visitor.get(url, cookies=cookies)
                cookies, hits = response.cookies, hits + response.from_cache
    return (hits,)


def alternating(flow: Flow) -> Hits:
    """A Bearer on every second call."""
    with Web(**{"a.test": Public("rotating")}) as web:
        visitor = flow.visitor(web)
        for _ in range(2):
            hits = sum(
                visitor.get(url, bearer="alice" if number % 2 else None).from_cache
                for number, url in enumerate(URLS)
            )
    return (hits,)


def queries(flow: Flow, kind: str, *, cached: bool, **options: Any) -> Hits:
    """Queries by POST, cached or between other calls."""
    if cached:
        options["allowable_methods"] = ("GET", "HEAD", "POST")
    found = []
    with Web(**{"a.test": Public(kind)}) as web:
        for run in range(2):
            visitor = flow.visitor(web, **options)
            for _ in range(2 - run):
                found.append(0)
                for number, url in enumerate(URLS):
                    answer = visitor.post("a.test/gql", data={"query": str(number)})
                    found[-1] += answer.from_cache if cached else visitor.get(url).from_cache
    return tuple(found[1:])


def two_names_by_hand(flow: Flow) -> Hits:
    """Two people whose programs set their cookie."""
    with Web(**{"a.test": Public("rotating")}) as web:
        for name in ("alice", "bob", "alice"):
            visitor = flow.visitor(web)
            visitor.put("a.test", "hand", name)
            hits = visitor.hits(URLS)
    return (hits,)


def partitions(flow: Flow) -> Hits:
    """Two partitions on one store."""
    with Web(**{"a.test": Accounts(renew=False)}) as web:
        for name in ("alice", "bob", "alice"):
            visitor = flow.visitor(web, partition=name)
            form(visitor, name)
            hits = visitor.hits(["a.test/account", "a.test/b"])
    return (hits,)


def pages_by(flow: Flow, name: str) -> Hits:
    """Five pages, each its own answer, by three kinds of sessions."""
    found = 0
    urls = [f"a.test/list?{name}={page}" for page in range(5)]
    with Web(**{"a.test": Public()}) as web:
        for options in ({}, {"partition": "p"}, {"match_credentials": False}):
            visitor = Visitor(web, flow.make_cache(), **{**flow.options, **options})
            assert len({visitor.get(url).text for url in urls}) == 5
            found += visitor.hits(urls)
            again = {visitor.get(url).text for url in urls}
            assert len(again) == 5
    return (found,)
