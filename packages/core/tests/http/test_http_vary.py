"""Several stored responses of one URL (RFC 9111, section 4.1), seen from outside."""

from __future__ import annotations

import pytest
from requests_cache.testing.origin import Answer, Request
from world import World

FRESH = ("Cache-Control", "max-age=100")


@pytest.fixture
def varied(world: World) -> World:
    """Give a world whose origin answers in the language that is asked for."""

    def answer(request: Request) -> Answer:
        language = request.headers.get("accept-language", "none")
        fields = (FRESH, ("Vary", "Accept-Language"), ("ETag", f'"{language}"'))
        return Answer(language.encode(), (("Date", world.date()), *fields))

    world.answers(answer)
    return world


def test_each_variant_is_stored(varied: World) -> None:
    languages = ["de", "en", "fr"]
    for language in languages:
        varied.get(f"Accept-Language: {language}")
    for language in languages:
        response = varied.get(f"Accept-Language: {language}")
        assert response.from_cache
        assert response.text == language
    assert varied.count == 3


def test_absent_field_is_a_variant(varied: World) -> None:
    varied.get()
    varied.get("Accept-Language: de")
    assert varied.get().text == "none"
    assert varied.count == 2


def test_values_of_one_meaning_select_the_same_variant(varied: World) -> None:
    varied.get("Accept-Language: de;q=0.5, en")
    assert varied.get("Accept-Language:  EN,de; q=0.50").from_cache


def test_mismatch_asks_with_the_tags_of_all_variants(varied: World) -> None:
    varied.get("Accept-Language: de")
    varied.get("Accept-Language: en")
    response = varied.get("Accept-Language: fr")
    assert response.cache_status.fwd == "vary-miss"
    assert set(varied.asked.headers["if-none-match"].split(", ")) == {'"de"', '"en"'}


def test_304_to_that_question_makes_a_variant_with_a_copy_of_the_body(varied: World) -> None:
    varied.get("Accept-Language: de")
    varied.get("Accept-Language: en")
    varied.says("Cache-Control: max-age=100", "Vary: Accept-Language", 'ETag: "de"', status=304)
    response = varied.get("Accept-Language: de-AT")
    assert (response.status_code, response.text) == (200, "de")
    for language, text in (("de", "de"), ("de-AT", "de"), ("en", "en")):
        response = varied.get(f"Accept-Language: {language}")
        assert response.from_cache
        assert response.text == text
    assert varied.count == 3


def test_304_freshens_all_variants_with_its_tag(world: World) -> None:
    lines = ["Cache-Control: max-age=100", "Vary: Accept", 'ETag: "same"']
    world.says(*lines)
    world.get("Accept: a/a")
    world.get("Accept: b/b")
    world.says(*lines, "X-New: 1", status=304)
    world.get("Accept: a/a", after=100)
    response = world.get("Accept: b/b", after=50)
    assert response.from_cache
    assert response.headers["X-New"] == "1"


def test_replacing_the_first_variant_keeps_the_others(varied: World) -> None:
    for language in ("de", "en", "fr"):
        varied.get(f"Accept-Language: {language}")
    varied.get("Accept-Language: de", refresh=True)
    for language in ("fr", "en", "de"):
        assert varied.get(f"Accept-Language: {language}").from_cache
    assert varied.session.cache.response_count() == 3


def test_replacing_a_later_variant_keeps_the_others(varied: World) -> None:
    for language in ("de", "en", "fr"):
        varied.get(f"Accept-Language: {language}")
    varied.get("Accept-Language: en", refresh=True)
    for language in ("fr", "en", "de"):
        assert varied.get(f"Accept-Language: {language}").from_cache
    assert varied.session.cache.response_count() == 3


@pytest.mark.parametrize("stream", [False, True])
def test_variant_that_is_gone_from_the_store_is_fetched(varied: World, stream: bool) -> None:
    varied.get("Accept-Language: de")
    key = varied.get("Accept-Language: en").cache_key
    (variant,) = set(varied.session.cache.responses) - {key}
    varied.session.cache.responses.discard(variant)
    for language, is_stored in (("en", False), ("de", True)):
        response = varied.get(f"Accept-Language: {language}", stream=stream)
        assert response.from_cache is is_stored
        assert response.text == language


def test_removing_the_first_variant_keeps_the_others(varied: World) -> None:
    for language in ("de", "en", "fr"):
        varied.get(f"Accept-Language: {language}")
    origin = varied.origin.answers["/thing"]
    varied.says("Cache-Control: no-store")
    varied.get("Accept-Language: de", refresh=True)
    varied.answers(origin)
    for language in ("fr", "en"):
        response = varied.get(f"Accept-Language: {language}")
        assert response.from_cache
        assert response.text == language
    assert varied.session.cache.response_count() == 2


def test_first_variant_that_a_304_forbids_to_store_leaves_the_others(varied: World) -> None:
    for language in ("de", "en"):
        varied.get(f"Accept-Language: {language}")
    varied.says("Cache-Control: no-store", 'ETag: "de"', status=304)
    assert varied.get("Accept-Language: de", refresh=True).text == "de"
    assert varied.session.cache.response_count() == 1
    response = varied.get("Accept-Language: en")
    assert response.from_cache
    assert response.text == "en"


def test_first_variant_given_up_while_streaming_keeps_the_others(varied: World) -> None:
    for language in ("de", "en"):
        varied.get(f"Accept-Language: {language}")
    response = varied.get("Accept-Language: de", refresh=True, stream=True)
    assert varied.session.cache.response_count() == 2
    response.close()
    assert varied.session.cache.response_count() == 1
    assert varied.get("Accept-Language: en").from_cache


def test_vary_star_is_validated_each_time(world: World) -> None:
    lines = ["Cache-Control: max-age=100", "Vary: *", 'ETag: "a"']
    world.says(*lines)
    world.get()
    world.says(*lines, status=304)
    response = world.get()
    assert response.revalidated
    assert response.content == b"body"


def test_secret_selecting_field_is_not_stored_in_the_clear(world: World) -> None:
    world.says(
        "Cache-Control: max-age=100", "Vary: Cookie, X-Api-Key, X-Gitlab-Token, Referer, X-Mine"
    )
    lines = ["Cookie: a=sesame", "X-Api-Key: sesame", "X-Gitlab-Token: sesame"]
    lines += ["Referer: http://a.test/?token=sesame", "X-Mine: sesame"]
    world.use(ignored_parameters=["X-Mine"])
    world.get(*lines)
    assert world.get(*lines).from_cache
    assert not world.get(*lines[:-1], "X-Mine: other").from_cache
    for entry in world.session.cache.responses.scan(bodies=True):
        assert b"sesame" not in entry[1].head
