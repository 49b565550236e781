"""Generated histories of three sessions on one store: no one ever sees what is another's.

The site writes into each answer whom it took the caller for, and each hit is compared with whom it
would take him for now (`web.Visitor`). Login and logout are never a plain GET without a word.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from between import in_threads
from requests_cache import BaseCache
from sites import Accounts, Onward
from web import Visitor, Web, serial

_SEEDS = 8
_SEEDS_OF_THREADS = 2
_STEPS = 25


def live(pick: random.Random, web: Web, visitors: list[Visitor], *, is_alone: bool = True) -> None:
    """Do one thing, whatever it is."""
    visitor, name = pick.choice(visitors), pick.choice(["alice", "bob", "carol"])
    page = pick.choice(["a.test/", "a.test/account", "a.test/x"])

    def form() -> Any:
        return visitor.post("a.test/login", data={"user": name, "password": "x"})

    def form_meanwhile() -> Any:
        web.meanwhile = form
        visitor.get(page)
        web.meanwhile = None

    ways: list[Callable[[], Any]] = [
        *[lambda: visitor.get(page)] * 6,
        form,
        lambda: visitor.post("a.test/logout"),
        lambda: visitor.get(f"a.test/login?ticket=ST-{pick.randrange(3)}-{name}"),
        lambda: visitor.get(f"a.test/login?code=k{next(serial)}-{name}&state=1"),
        lambda: visitor.get(page, bearer=name),
        lambda: visitor.put("a.test", "sid", f"fixed-{id(visitor)}"),
        lambda: visitor.put("a.test", "lang", pick.choice(["de", "en"])),
        lambda: visitor.get("b.test/y", bearer=pick.choice([None, name])),
        lambda: visitor.post("a.test/p", data={"q": pick.choice("12")}),
        lambda: visitor.ask("PUT", "a.test/login", json={"user": name}),
        lambda: visitor.get(page, auth=(name, "x")),
        lambda: visitor.get("b.test/z", allow_redirects=pick.random() < 0.8),
        *[form_meanwhile] * is_alone,
    ]
    pick.choice(ways)()


def make_site(pick: random.Random) -> Accounts:
    return Accounts(
        renew=pick.random() < 0.5,
        slide=pick.random() < 0.2,
        private=pick.random() < 0.3,
        home=pick.choice([None, "a.test/account"]),
        forget=pick.random() < 0.5,
    )


def make_visitors(pick: random.Random, web: Web, cache: BaseCache, rules: bool) -> list[Visitor]:
    visitors = []
    for _ in range(3):
        methods = ("GET", "HEAD", *(["POST"] if pick.random() < 0.2 else []))
        options: dict[str, Any] = {"cache_control": rules, "allowable_methods": methods}
        visitors.append(Visitor(web, cache, **options))
    return visitors


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("seed", range(_SEEDS))
def test_no_history_mixes_two_people(
    seed: int, rules: bool, make_cache: Callable[[], BaseCache]
) -> None:
    pick = random.Random(seed)
    with Web(**{"a.test": make_site(pick), "b.test": Onward("a.test/account")}) as web:
        visitors = make_visitors(pick, web, make_cache(), rules)
        for _ in range(_STEPS):
            live(pick, web, visitors)


@pytest.mark.parametrize("rules", [False, True], ids=["keep", "http"])
@pytest.mark.parametrize("seed", range(_SEEDS_OF_THREADS))
def test_no_history_mixes_people_in_threads(
    seed: int, rules: bool, make_cache: Callable[[], BaseCache]
) -> None:
    pick = random.Random(seed)

    def live_on(visitor: Visitor, seed: int) -> None:
        own = random.Random(seed)
        for _ in range(_STEPS):
            live(own, web, [visitor], is_alone=False)

    with Web(**{"a.test": make_site(pick), "b.test": Onward("a.test/account")}) as web:
        visitors = make_visitors(pick, web, make_cache(), rules)
        in_threads(*(partial(live_on, visitor, seed + n) for n, visitor in enumerate(visitors)))
