"""Looking for proxies late, and seldom, gives what requests finds each time."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st
from requests import Session
from requests_cache._exchange import environment
from requests_cache._exchange.environment import Deferred, find_proxies, put_off, resolve

_URLS = ("http://site.test/", "https://site.test:8443/a", "http://127.0.0.1:1/", "http://[::1]/")
_NAMES = (
    *("http_proxy", "HTTP_PROXY", "https_proxy", "ALL_PROXY", "no_proxy", "NO_PROXY"),
    *("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "REQUEST_METHOD", "UNRELATED"),
)
_variables = st.dictionaries(
    st.sampled_from(_NAMES), st.sampled_from(["", "http://proxy.test:3128", "*", "site.test"])
)
_proxies = st.sampled_from([{}, {"http": "http://own.test"}, {"no_proxy": "site.test"}])


@contextmanager
def variables(given: dict[str, str]) -> Iterator[None]:
    """Have only these variables of those that matter."""
    others = {name: value for name, value in os.environ.items() if name not in _NAMES}
    with patch.dict(os.environ, {**others, **given}, clear=True):
        yield


@given(
    st.lists(st.tuples(_variables, st.sampled_from(_URLS)), min_size=1, max_size=4),
    st.booleans(),
    _proxies,
    _proxies,
    st.sampled_from([None, True, False, "bundle.pem"]),
    st.sampled_from([True, "own.pem"]),
)
def test_what_is_found_is_what_requests_finds_whatever_was_found_before(
    looks: list[tuple[dict[str, str], str]],
    trust_env: bool,
    own: dict[str, str],
    of_session: dict[str, str],
    verify: bool | str | None,
    verify_of_session: bool | str,
) -> None:
    session = Session()
    session.trust_env, session.proxies = trust_env, dict(of_session)
    session.verify, session.cert = verify_of_session, "client.pem"
    merge = session.merge_environment_settings
    for given_variables, url in looks:
        with variables(given_variables):
            found = find_proxies(merge, session, url, dict(own), None, verify, None)
            assert found == merge(url, dict(own), None, verify, None)


def test_variables_are_looked_through_again_when_they_have_changed() -> None:
    session = Session()
    merge = session.merge_environment_settings

    def find() -> dict[str, str]:
        return dict(find_proxies(merge, session, _URLS[0], {}, None, True, None)["proxies"])

    with variables({}):
        assert find() == {}
        os.environ["http_proxy"] = "http://proxy.test:3128"
        assert find() == {"http": "http://proxy.test:3128"}
        del os.environ["http_proxy"]
        assert find() == {}


@pytest.mark.skipif(not environment._VARIABLES_ARE_ALL, reason="the system has proxies of its own")
def test_requests_is_not_asked_as_long_as_no_variable_names_a_proxy() -> None:
    session = Session()
    with (
        variables({}),
        patch("requests.sessions.get_environ_proxies", side_effect=AssertionError("asked")),
    ):
        found = put_off(session.merge_environment_settings, session, _URLS[0], {}, None, True, None)
        assert resolve(found) == {"proxies": {}, "stream": False, "verify": True, "cert": None}


def test_a_class_with_a_way_of_its_own_is_asked_each_time() -> None:
    class Proxied(Session):
        def merge_environment_settings(self, *args: object) -> dict[str, object]:
            return {"proxies": {"http": "http://fixed.test"}}

    session = Proxied()
    with variables({}):
        found = find_proxies(
            session.merge_environment_settings, session, _URLS[0], {}, None, True, None
        )
    assert found == {"proxies": {"http": "http://fixed.test"}}


def test_an_environment_that_keeps_its_variables_elsewhere_is_asked_each_time() -> None:
    session = Session()
    with variables({}), patch.object(environment, "environ", {"http_proxy": "http://x.test"}):
        found = find_proxies(
            session.merge_environment_settings, session, _URLS[0], {}, None, True, None
        )
    assert found["proxies"] == {}


def test_proxies_that_were_put_off_are_a_mapping_that_looks_once() -> None:
    looks = []

    def find() -> dict[str, dict[str, str]]:
        looks.append(1)
        return {"proxies": {"http": "http://proxy.test:3128"}}

    proxies = Deferred(find)
    assert not looks
    assert dict(proxies) == {"http": "http://proxy.test:3128"}
    assert len(proxies) == 1
    assert looks == [1]


def test_arguments_without_anything_put_off_stay_as_they_are() -> None:
    arguments = {"proxies": {"http": "http://proxy.test"}, "verify": False}
    assert resolve(arguments) is arguments
