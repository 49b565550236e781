"""What visitors do, one function for each; each gives its hits and how many there should be."""

from __future__ import annotations

from collections.abc import Callable
from http.cookiejar import LWPCookieJar
from pathlib import Path
from typing import Any

from requests_cache import BaseCache
from sites import Accounts, App, Onward, Public, SignOn
from web import Site, Visitor, Web, serial

URLS = [f"a.test/u{number}" for number in range(20)]
_MOST_MISSED = 2
Hits = tuple[int, ...]
MakeCache = Callable[[], BaseCache]
Login = Callable[[Visitor, str], object]


class Flow:
    """One flow, on one kind of store, by one kind of rules.

    Args:
        make_cache: opens the store.
        options: of all sessions.
        folder: for the files of a flow.
    """

    def __init__(self, make_cache: MakeCache, options: dict[str, Any], folder: Path) -> None:
        self.make_cache, self.options, self.folder = make_cache, options, folder
        self.place: tuple[str, str, dict[str, Any]] | None = getattr(make_cache, "place", None)
        """Backend, name and further arguments by which another process opens it, if it can."""
        self.urls = URLS[: getattr(make_cache, "urls", len(URLS))]
        self.cache = make_cache()
        self.web: Web | None = None

    def visitor(self, web: Web, **options: Any) -> Visitor:
        return Visitor(web, self.cache, **{**self.options, **options})

    def open(self, **sites: Site) -> Web:
        """Give the web of this flow."""
        self.web = Web(**{name.replace("_", "."): site for name, site in sites.items()})
        return self.web

    def scaled(self, hits: int) -> int:
        """Give how many hits there are of the URLs of this flow, if there are so many of all."""
        missed = len(URLS) - hits
        return hits if missed > _MOST_MISSED else len(self.urls) - missed

    def heads(self) -> bytes:
        """Give all that is stored, but for bodies of responses."""
        heads = [entry.head for _, entry in self.cache.responses.scan()]
        redirects = [entry.head + entry.body for _, entry in self.cache.redirects.scan(bodies=True)]
        return b"".join(heads + redirects)


def twice_then_a_second_run(
    flow: Flow,
    site: Site,
    first: Callable[[Visitor], object] = lambda visitor: None,
    urls: list[str] | None = None,
    calls: dict[str, Any] | None = None,
    **options: Any,
) -> Hits:
    """All URLs twice in one session, then in another order by a second session on the store."""
    urls = [url for url, _ in zip(urls or URLS, flow.urls, strict=False)]
    with flow.open(a_test=site) as web:
        one, other = flow.visitor(web, **options), flow.visitor(web, **options)
        first(one)
        one.hits(urls, **(calls or {}))
        again = one.hits(urls, **(calls or {}))
        first(other)
        later = other.hits(urls[::-1], **(calls or {}))
        if min(again, later) >= len(urls) - 1:
            assert one.session.cache.response_count() == len(urls), "an entry for each URL"
        return again, later


def a_session_for_each(flow: Flow, site: Site, **options: Any) -> Hits:
    """Each call by a session of its own, all URLs twice."""
    calls = options.pop("calls", {})
    with flow.open(a_test=site) as web:
        for _ in range(2):
            hits = sum(flow.visitor(web, **options).hits([url], **calls) for url in flow.urls)
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
    with flow.open(a_test=site) as web:
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


def as_json(visitor: Visitor, name: str) -> None:
    visitor.post("a.test/login", json={"user": name, "password": f"x{name}"})


def by_basic(visitor: Visitor, name: str) -> None:
    visitor.get("a.test/x", auth=(name, f"x{name}"))


def by_bearer(visitor: Visitor, name: str) -> None:
    visitor.get("a.test/x", bearer=name)


def by_mutation(visitor: Visitor, name: str) -> None:
    query = f'mutation {{ enter(a: "{name}") {{ ok }} }}'
    visitor.post("a.test/login", json={"query": query, "u": name})


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
    with flow.open(a_test=Accounts(form=kind)) as web:
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
    with flow.open(a_test=Accounts(form="session")) as web:
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
        "app_test": App(home="app.test/account"),
        "wiki_test": App(home="wiki.test/account"),
        "idp_test": SignOn(),
    }
    found = 0
    with flow.open(**sites) as web:
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
            for host in ("app.test", "wiki.test", "idp.test"):
                visitor.post(f"{host}/logout")
    return (found,)


def stripped(flow: Flow) -> Hits:
    """A redirect to another host, where the credential does not go."""
    with flow.open(a_test=Onward("b.test/y"), b_test=Accounts(renew=False)) as web:
        one, other = flow.visitor(web), flow.visitor(web)
        one.get("a.test/x", bearer="alice")
        one.get("a.test/x", bearer="alice")
        found = one.get("a.test/x", bearer="alice").from_cache
        return (found + (other.get("b.test/y").from_cache or other.get("b.test/y").from_cache),)


def copied(flow: Flow) -> Hits:
    """Cookies that the program takes from one session into another."""
    found = 0
    with flow.open(a_test=Accounts()) as web:
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


def from_file(flow: Flow) -> Hits:
    """Cookies that a program has saved, and loads again."""
    found, file = 0, flow.folder / "cookies"
    with flow.open(a_test=Accounts()) as web:
        for name in ("alice", "bob"):
            visitor, saved = flow.visitor(web), LWPCookieJar(file)
            form(visitor, name)
            for cookie in visitor.session.cookies:
                saved.set_cookie(cookie)
            saved.save(ignore_discard=True)
            for _ in range(2):
                other, loaded = flow.visitor(web), LWPCookieJar(file)
                loaded.load(ignore_discard=True)
                other.session.cookies = loaded  # type: ignore[assignment]  # any jar will do
                found += other.get("a.test/account").from_cache
        flow.visitor(web).get("a.test/account")
    return (found,)


def sliding(flow: Flow) -> Hits:
    """An id set by hand, which each answer renews."""
    site = Accounts(slide=True)
    with flow.open(a_test=site) as web:
        for name in ("alice", "bob"):
            visitor = flow.visitor(web)
            site.users[f"hand-{name}"] = name
            visitor.put("a.test", "sid", f"hand-{name}")
            hits = [visitor.hits(flow.urls) for _ in range(2)]
    return (hits[-1],)


def in_turns(flow: Flow) -> Hits:
    """Two names by turns through one session with one id."""
    with flow.open(a_test=Accounts(renew=False)) as web:
        visitor = flow.visitor(web)
        visitor.get("a.test/")
        for name in ("alice", "bob", "alice", "alice"):
            visitor.get("a.test/x", bearer=name)
            visitor.get("a.test/account")
            visitor.get("a.test/account")
        return (visitor.get("a.test/account").from_cache,)


def many_through_one(flow: Flow) -> Hits:
    """Twenty Bearers through one session."""
    with flow.open(a_test=Public("visitor")) as web:
        visitor = flow.visitor(web)
        for _ in range(2):
            hits = sum(visitor.get("a.test/me", bearer=url).from_cache for url in flow.urls)
    return (hits,)


def away(flow: Flow) -> Hits:
    """A word that stayed on another host, and the same word here."""
    with flow.open(a_test=Accounts(renew=False), b_test=Onward("a.test/account")) as web:
        visitor = flow.visitor(web)
        visitor.put("a.test", "sid", "fixed-1234")
        visitor.get("b.test/y", bearer="alice")
        visitor.hits(["a.test/account"] * 2)
        visitor.get("a.test/x", bearer="alice")
        visitor.get("a.test/account")
        return (visitor.get("a.test/account").from_cache,)


def echo(flow: Flow) -> Hits:
    """Each call sends back the cookies of the answer before."""
    with flow.open(a_test=Public("rotating")) as web:
        visitor, cookies = flow.visitor(web), None
        for _ in range(2):
            hits = 0
            for url in flow.urls:
                response = visitor.get(url, cookies=cookies)
                cookies, hits = response.cookies, hits + response.from_cache
    return (hits,)


def passing_by_hand(flow: Flow) -> Hits:
    """Cookies taken from a browser, among them some that its balancer and its analytics renew."""
    with flow.open(a_test=Public("rotating")) as web:
        for _ in range(2):
            visitor = flow.visitor(web)
            hits = 0
            for url in flow.urls:
                cookies = {
                    "hand": "alice",
                    "_ga": f"GA{next(serial)}",
                    "cf_clearance": f"c{next(serial)}",
                }
                hits += visitor.get(url, cookies=cookies).from_cache
    return (hits,)


def alternating(flow: Flow) -> Hits:
    """A Bearer on every second call."""
    with flow.open(a_test=Public("rotating")) as web:
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
    with flow.open(a_test=Public(kind)) as web:
        for run in range(2):
            visitor = flow.visitor(web, **options)
            for _ in range(2 - run):
                found.append(0)
                for number, url in enumerate(flow.urls):
                    answer = visitor.post("a.test/gql", data={"query": str(number)})
                    found[-1] += answer.from_cache if cached else visitor.get(url).from_cache
    return tuple(found[1:])


def two_names_by_hand(flow: Flow) -> Hits:
    """Two people whose programs set their cookie."""
    with flow.open(a_test=Public("rotating")) as web:
        for name in ("alice", "bob", "alice"):
            visitor = flow.visitor(web)
            visitor.put("a.test", "hand", name)
            hits = visitor.hits(flow.urls)
    return (hits,)


def partitions(flow: Flow) -> Hits:
    """Two partitions on one store."""
    with flow.open(a_test=Accounts(renew=False)) as web:
        for name in ("alice", "bob", "alice"):
            visitor = flow.visitor(web, partition=name)
            form(visitor, name)
            hits = visitor.hits(["a.test/account", "a.test/b"])
    return (hits,)


def pages_by(flow: Flow, name: str) -> Hits:
    """Five pages, each its own answer, by three kinds of sessions."""
    found = 0
    urls = [f"a.test/list?{name}={page}" for page in range(5)]
    with flow.open(a_test=Public()) as web:
        for options in ({}, {"partition": "p"}, {"match_credentials": False}):
            visitor = Visitor(web, flow.make_cache(), **{**flow.options, **options})
            assert len({visitor.get(url).text for url in urls}) == 5
            found += visitor.hits(urls)
            again = {visitor.get(url).text for url in urls}
            assert len(again) == 5
    return (found,)
