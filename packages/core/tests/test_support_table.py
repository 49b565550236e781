"""The support table says what was declared, in words."""

from __future__ import annotations

from math import inf

from requests_cache.testing import Capabilities, support_table


def cells(capabilities: Capabilities) -> list[str]:
    header, rule, row = support_table([("store", capabilities)]).splitlines()
    assert header.count("|") == rule.count("|") == row.count("|")
    return [cell.strip() for cell in row.strip("|").split("|")]


def test_least_store() -> None:
    """A store that declares nothing can do the least."""
    least = ["no", "no", "no", "exact", "no limit", "no limit"] + ["no"] * 6
    assert cells(Capabilities()) == ["store", *least]


def test_numbers_have_units() -> None:
    """Durations and sizes are told in the largest unit that fits."""
    declared = Capabilities(
        native_expiry=60, expiry_resolution=0.001, max_value_size=400 * 1024, max_key_size=511
    )
    assert cells(declared)[3:7] == ["within 1 min", "0.001 s", "400 KB", "511 bytes"]
    assert cells(Capabilities(max_value_size=16 * 1024 * 1024))[5] == "16 MB"


def test_some_day() -> None:
    """A store that promises no moment deletes some day."""
    assert cells(Capabilities(native_expiry=inf))[3] == "some day"
    assert cells(Capabilities(native_expiry=48 * 3600))[3] == "within 48 h"


def test_one_row_for_each_store() -> None:
    """Stores are listed in the order given."""
    table = support_table([("b", Capabilities()), ("a", Capabilities())])
    assert [line.split("|")[1].strip() for line in table.splitlines()[2:]] == ["b", "a"]


def test_seconds_stay_seconds() -> None:
    """What is shorter than a minute is told in seconds."""
    assert cells(Capabilities(native_expiry=2))[3] == "within 2 s"
