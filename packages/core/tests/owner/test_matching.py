"""How requests are compared, beside the values of keys: what is remembered, locks and words."""

from __future__ import annotations

from typing import Any

import pytest
from requests import PreparedRequest, Request
from requests_cache._matching.keys import Matching, newest_key
from requests_cache._matching.owner import NOBODY, Asker, SentCookie, overrides_of, word_of
from requests_cache.errors import ConfigurationError

URL = "http://site.test/path"


def get(url: str = URL, **kwargs: Any) -> PreparedRequest:
    return Request("GET", url, **kwargs).prepare()


def post(body: Any) -> PreparedRequest:
    return Request("POST", URL, data=body, headers={"Content-Type": "text/plain"}).prepare()


def test_what_is_remembered_of_one_request_is_not_that_of_another() -> None:
    matching = Matching()
    keys = [
        matching.create_key(request, verify=verify)
        for request in (get(), get(URL + "?a=1"), post(b"a"), post(b"b"))
        for verify in (True, False)
    ]
    assert len(set(keys)) == len(keys)
    for verify in (None, "ca.pem", True):
        assert matching.create_key(get(), verify=verify) == keys[0]
        assert matching.create_key(post(b"a"), verify=verify) == keys[4]


def test_what_compares_queries_as_they_are_is_otherwise_the_same() -> None:
    options: dict[str, Any] = {"ignored_parameters": ["c"], "match_headers": ["X-A"]}
    options["secret_key"] = b"1"
    matching, exact = Matching(**options), Matching(**options, exact_query=True)
    urls = [URL + "?b=1&a=1&c=1", URL + "?a=1&b=1"]
    requests = [get(url, headers={"X-A": "1", "Authorization": "x"}) for url in urls]
    loose = [matching.create_key(request) for request in requests]
    changed = matching.with_exact_query()
    for _ in range(2):
        found = [changed.create_key(request) for request in requests]
        assert found == [exact.create_key(request) for request in requests]
    assert len(set(found)) == 2
    assert [matching.create_key(request) for request in requests] == loose == loose[:1] * 2


@pytest.mark.parametrize("names", ["Page", ["page"], ("PAGE",)])
def test_a_text_is_one_name(names: Any) -> None:
    plain = Matching().create_key(get(URL + "?a=1"))
    assert Matching(names).create_key(get(URL + "?page=2&a=1")) == plain
    found = Matching(match_headers=names)
    assert found.create_key(get(headers={"Page": "2", "A": "1"})) != found.create_key(get())
    assert found.create_key(get(headers={"A": "1"})) == found.create_key(get())


@pytest.mark.parametrize(
    ("given", "newest"),
    [
        (None, b""),
        ("", b""),
        ("new", b"new"),
        (b"new", b"new"),
        ([], b""),
        ((), b""),
        (["old", "new"], b"new"),
        ((b"older", b"old", b"new"), b"new"),
        (["new"], b"new"),
    ],
)
def test_the_newest_of_secret_keys_makes_digests(given: Any, newest: bytes) -> None:
    assert newest_key(given) == newest


def test_a_partition_is_digested_and_has_a_name() -> None:
    matching = Matching()
    assert matching.digest_partition(None) is None
    assert matching.digest_partition("ann") == matching.digest(["partition", "ann"])
    for name in ("", 5, b"ann"):
        with pytest.raises(ConfigurationError, match=rf"partition={name!r}: give the name of who"):
            matching.digest_partition(name)  # type: ignore[arg-type]  # it is said so


def without_field(url: str) -> PreparedRequest:
    """Give a request that says in its URL alone who is asking."""
    request = get(url)
    request.headers.pop("Authorization", None)
    request.url = url
    return request


@pytest.mark.parametrize(
    ("request_of", "is_somebodys"),
    [
        (get(), False),
        (get(URL + "?q=1"), False),
        (get(headers={"Accept": "a/b"}), False),
        (post(b"a"), False),
        (get(URL + "?token=1"), True),
        (get(headers={"Authorization": "x"}), True),
        (without_field("http://ann:pw@site.test/path"), True),
        (without_field(URL + ";jsessionid=1"), True),
        (Request("POST", URL, data={"password": "x"}).prepare(), True),
        # Of what can be read only once nothing is known.
        (post(iter([b"a"])), False),
    ],
)
def test_a_lock_is_for_what_says_who_is_asking(
    request_of: PreparedRequest, is_somebodys: bool
) -> None:
    lock = Matching().lock_of(request_of, NOBODY)
    assert len(lock) == (64 if is_somebodys else 0)


def test_who_is_known_otherwise_has_a_lock_too() -> None:
    locks = {
        Matching().lock_of(get(), asker)
        for asker in (
            Asker(partition="p"),
            Asker(partition="q"),
            Asker(said=frozenset({("auth me", "1")})),
            Asker(cookies=(SentCookie("sid", "1"),)),
        )
    }
    assert len(locks) == 4
    assert "" not in locks
    assert Matching(["SID"]).lock_of(get(), Asker(cookies=(SentCookie("sid", "1"),))) == ""


def test_a_server_may_take_another_method_for_that_of_a_request() -> None:
    assert overrides_of({"Accept": "PUT"}) == []
    assert overrides_of(get(headers={"X-HTTP-Method-Override": b"put "}).headers) == ["PUT"]
    both = get(headers={"X-Method-Override": "patch", "X-HTTP-Method": "delete"})
    assert overrides_of(both.headers) == ["DELETE", "PATCH"]


def test_the_words_of_a_request_are_the_same_in_every_partition() -> None:
    matching = Matching(["theme"])
    url = "http://site.test/a;jsessionid=7?token=1&X-Amz-Signature=1&q=1"
    request = get(url, headers={"Authorization": "Bearer x"})
    asker = Asker(frozenset({("auth me", "1")}), (SentCookie("sid", "2"), SentCookie("theme", "3")))
    words = matching.word_of(request, asker)
    assert {place for place, _ in words} == {
        "auth me",
        "cookie sid",
        "header authorization",
        "url jsessionid",
        "url token",
        "url x-amz-signature",
    }
    assert word_of("header authorization", "Bearer x") in words
    assert matching.word_of(request, asker._replace(partition="p")) == words


def test_what_vary_selects_by_is_digested_with_the_secret_key() -> None:
    digests = [
        Matching(["X-Mine"], secret_key=key).redactor.digest("value") for key in (b"", b"1", b"2")
    ]
    assert len(set(digests)) == 3
    # What was stored without a key before is found.
    assert digests[0] == "18f90b3e223b6c129def2fbabd338b16bdcc432efc3247a31bc17cc5a734a004"
