"""What happens while something else does: logins meanwhile, other threads, other processes."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import Any
from unittest import mock

import pytest
import requests
from flows import Flow, Hits, form
from requests_cache import clock, enabled
from sites import Accounts, Public

_PROCESS = Path(__file__).with_name("in_process.py")


@contextmanager
def later(seconds: float) -> Iterator[None]:
    """Have the cache believe that it is later."""
    now = clock.now
    with mock.patch.object(clock, "now", side_effect=lambda: now() + seconds):
        yield


def login_meanwhile(flow: Flow, says_first: bool) -> Hits:
    """Somebody logs in on the same session while an answer is on its way."""
    with flow.open(a_test=Accounts(renew=False)) as web:
        web.says_first = says_first
        visitor = flow.visitor(web)
        visitor.get("a.test/")
        web.meanwhile = lambda: form(visitor, "alice")
        visitor.get("a.test/account")
        other = flow.visitor(web)
        other.get("a.test/")
        other.get("a.test/account")
        visitor.get("a.test/account")
        return (visitor.get("a.test/account").from_cache,)


def login_before_refresh(flow: Flow) -> Hits:
    """Somebody logs in between a stale hit and its refresh; nothing is fetched for nobody then."""
    with flow.open(a_test=Accounts(renew=False)) as web:
        options = {"stale_while_revalidate": True, "expire_after": 60}
        visitor, refreshes = flow.visitor(web, **options), []
        session: Any = visitor.session
        session.refresh_in_background = lambda key, fetch, url: refreshes.append(fetch)
        visitor.hits(["a.test/", "a.test/account"])
        with later(5000):
            assert visitor.get("a.test/account").from_cache
            form(visitor, "alice")
            asked = web.asked
            assert [refresh().cache_status.detail for refresh in refreshes] == ["owner-changed"]
            assert web.asked == asked
            other = flow.visitor(web, **options)
            return (other.hits(["a.test/account"]) + visitor.hits(["a.test/account"]),)


def login_while_refreshing(flow: Flow) -> Hits:
    """Somebody logs in while a refresh is on its way; what comes is stored for nobody."""
    with flow.open(a_test=Accounts(renew=False)) as web:
        options = {"stale_while_revalidate": True, "expire_after": 60}
        visitor, refreshes = flow.visitor(web, **options), []
        session: Any = visitor.session
        session.refresh_in_background = lambda key, fetch, url: refreshes.append(fetch)
        visitor.hits(["a.test/", "a.test/account"])
        with later(5000):
            assert visitor.get("a.test/account").from_cache
            web.says_first, web.meanwhile = False, lambda: form(visitor, "alice")
            for refresh in refreshes:
                refresh()
            nobody = flow.visitor(web, **options)
            nobody.get("a.test/")
            nobody.hits(["a.test/account"] * 2)
            return (visitor.hits(["a.test/account"] * 2),)


def expiry(flow: Flow) -> Hits:
    """A session ends with its cookie."""
    with flow.open(a_test=Accounts()) as web:
        visitor = flow.visitor(web)
        visitor.get("a.test/")
        form(visitor, "alice")
        hits = visitor.hits(["a.test/account"] * 2)
        for cookie in visitor.session.cookies:
            cookie.expires = 1
        visitor.hits(["a.test/account"] * 2)
        return (hits,)


def one_path(flow: Flow) -> Hits:
    """Two client certificates that lie, one after the other, under the same path."""
    file = flow.folder / "me.pem"

    class ByCertificate(Public):
        def who(self, call: Any) -> str | None:
            return file.read_text()

    hits = 0
    with flow.open(a_test=ByCertificate()) as web:
        for name in ("alice", "bob", "alice"):
            file.write_text(name)
            visitor = flow.visitor(web)
            visitor.session.cert = str(file)
            hits += visitor.hits(["a.test/me"] * 2)
    return (hits,)


def in_threads(*works: Callable[[], object]) -> None:
    """Do all of these at the same time; raise what one of them raises."""
    raised: list[BaseException] = []

    def run(work: Callable[[], object]) -> None:
        try:
            work()
        except BaseException as error:  # noqa: BLE001  # the test shall see any
            raised.append(error)

    threads = [Thread(target=run, args=(work,)) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if raised:
        raise raised[0]


def two_threads(flow: Flow) -> Hits:
    """Two people with a session each, at the same time."""
    pages = ["a.test/", "a.test/account", "a.test/b"]
    hits: list[int] = []
    with flow.open(a_test=Accounts(renew=False)) as web:

        def live(name: str) -> None:
            visitor = flow.visitor(web)
            visitor.hits(pages * 2)
            form(visitor, name)
            visitor.hits(pages)
            hits.append(visitor.hits(pages * 2))

        in_threads(lambda: live("alice"), lambda: live("bob"))
        flow.visitor(web).hits(pages * 2)
    return (sum(hits),)


def one_session_in_two_threads(flow: Flow) -> Hits:
    """A session logs in while another thread of its reads pages; nobody finds any of them."""
    pages = [f"a.test/{number}" for number in range(10)]
    with flow.open(a_test=Accounts(renew=False)) as web:
        visitor = flow.visitor(web)
        visitor.get("a.test/")
        web.check = lambda response: None  # type: ignore[method-assign]  # it is just changing
        web.check_whom = lambda answer, request: None  # type: ignore[method-assign]
        in_threads(lambda: form(visitor, "alice"), lambda: visitor.hits(pages))
        del web.check, web.check_whom
        nobody = flow.visitor(web)
        nobody.hits(["a.test/", *pages])
        visitor.hits(pages)
        return (visitor.hits(pages),)


def installed(flow: Flow, kind: str) -> Hits:
    """`requests.get` under an installed cache, a session for each call: all URLs three times."""
    found = []
    with flow.open(a_test=Public(kind)) as web:
        proxies = {"http": web.url("")}
        for urls in (flow.urls, flow.urls, flow.urls[::-1]):
            with enabled(backend=flow.cache, **flow.options, autoclose=False):
                answers: list[Any] = [
                    requests.get(f"http://{url}", proxies=proxies, timeout=9) for url in urls
                ]
            found.append(sum(answer.from_cache for answer in answers))
    return tuple(found[1:])


def installed_people(flow: Flow) -> Hits:
    """A login by `requests.post`, whose cookies go with each call that follows."""
    hits = 0
    with flow.open(a_test=Accounts()) as web, enabled(backend=flow.cache, **flow.options):
        with_web: dict[str, Any] = {"proxies": {"http": web.url("")}, "timeout": 9}
        for name in ("alice", "bob"):
            data = {"user": name, "password": "x"}
            entered = requests.post("http://a.test/login", data=data, **with_web)
            for _ in range(2):
                page: Any = requests.get(
                    "http://a.test/account", cookies=entered.cookies, **with_web
                )
                assert page.headers["X-Whom"] == name
                hits += page.from_cache
            assert requests.get("http://a.test/account", **with_web).headers["X-Whom"] == "nobody"
    return (hits,)


def two_processes(flow: Flow) -> Hits:
    """Two people fetch two login forms and send them, each in a process of his own."""
    place = flow.place
    if place is None:
        pytest.skip("a cache in memory is that of one process")
    hits = 0
    sites = {"csrf_test": Accounts(form="csrf"), "session_test": Accounts(form="session")}
    with flow.open(**sites) as web:
        for name in ("alice", "bob"):
            told = json.dumps([*place, flow.options, web.url(""), name])
            run = [sys.executable, str(_PROCESS)]
            done = subprocess.run(run, input=told, capture_output=True, text=True, check=False)
            assert done.returncode == 0, done.stderr
            for status, whom, found in json.loads(done.stdout):
                assert (status, whom) == (200, name)
                hits += found
        nobody = flow.visitor(web)
        for host in ("csrf.test", "session.test"):
            nobody.hits([f"{host}/", f"{host}/login", f"{host}/x"])
    return (hits,)
