"""The settings of a session: names, checks, defaults."""

from __future__ import annotations

import pickle
from datetime import timedelta

import pytest
from requests_cache import CachedSession, CacheSettings
from requests_cache._exchange.request_context import Lifetime, Options
from requests_cache.errors import ConfigurationError, UnknownOptionError


def test_every_setting_has_a_default() -> None:
    settings = CacheSettings()
    assert {name: getattr(settings, name) for name in settings.NAMES} == {
        "expire_after": None,
        "urls_expire_after": None,
        "allowable_codes": (200,),
        "allowable_methods": ("GET", "HEAD"),
        "filter_fn": None,
        "stale_if_error": False,
        "stale_while_revalidate": False,
        "cache_control": False,
        "always_revalidate": False,
        "only_if_cached": False,
        "read_only": False,
        "match_cookies": None,
        "replay_cookies": False,
        "autoclose": True,
        "collapse": True,
        "on_error": "bypass",
        "disabled": False,
    }


def test_earlier_names_set_what_they_are_called_now() -> None:
    assert CacheSettings(old_data_on_error=True).stale_if_error is True


@pytest.mark.parametrize(
    ("option", "suggestion"),
    [("expire_afer", "expire_after"), ("alowable_codes", "allowable_codes")],
)
def test_a_misspelt_setting_suggests_the_right_one(option: str, suggestion: str) -> None:
    with pytest.raises(UnknownOptionError, match=f"did you mean '{suggestion}'"):
        CacheSettings(**{option: 1})
    with pytest.raises(UnknownOptionError, match=f"did you mean '{suggestion}'"):
        setattr(CacheSettings(), option, 1)


@pytest.mark.parametrize(
    ("option", "value", "message"),
    [
        ("expire_after", "soon", "expire_after='soon' is not an HTTP date"),
        ("urls_expire_after", {"*": -5}, "pattern '*': expire_after=-5 lies in the past"),
        ("allowable_codes", ["200"], r"allowable_codes=\['200'\]: give a list of status codes"),
        ("allowable_methods", [1], r"allowable_methods=\[1\]: give a list of methods"),
        ("stale_if_error", -1, "stale_if_error=-1: give True, False, seconds from 0 on"),
        ("stale_while_revalidate", "1", "stale_while_revalidate='1': give True, False, seconds"),
        ("collapse", "threads", "collapse='threads': give True, False or 'processes'"),
        ("on_error", "ignore", "on_error='ignore': give 'bypass' or 'raise'"),
    ],
)
def test_a_wrong_value_is_an_error_that_names_it(option: str, value: object, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message.replace("*", r"\*")):
        CacheSettings(**{option: value})


def test_values_are_normalised() -> None:
    settings = CacheSettings(
        allowable_codes=404, allowable_methods="post", stale_if_error=timedelta(minutes=1)
    )
    assert settings.allowable_codes == {404}
    assert settings.allowable_methods == {"POST"}
    assert settings.stale_if_error == 60


def test_a_change_is_counted_and_takes_effect() -> None:
    settings = CacheSettings(expire_after=1)
    before = settings.changes
    settings.urls_expire_after = {"site.test/a": 2}
    assert settings.changes == before + 1
    assert Lifetime.of("http://site.test/a", settings, Options()).value == 2
    assert Lifetime.of("http://site.test/b", settings, Options()).value == 1
    settings.urls_expire_after = None
    assert Lifetime.of("http://site.test/a", settings, Options()).value == 1


def test_repr_shows_what_differs_from_the_defaults() -> None:
    settings = CacheSettings(expire_after=60, allowable_codes=[200], read_only=True)
    assert repr(settings) == "CacheSettings(expire_after=60, read_only=True)"
    settings.ignored_parameters = ["a"]
    session = CachedSession(backend="memory")
    assert repr(session.settings) == "CacheSettings()"
    session.settings = settings
    said = "CacheSettings(expire_after=60, ignored_parameters=['a'], read_only=True)"
    assert repr(session.settings) == said


def test_settings_can_be_pickled() -> None:
    settings = CacheSettings(expire_after=60, urls_expire_after={"site.test/a": 2})
    again = pickle.loads(pickle.dumps(settings))
    assert repr(again) == repr(settings)
    assert Lifetime.of("http://site.test/a", again, Options()).value == 2
