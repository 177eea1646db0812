"""The next build's engine is the settings' choice, or the one that was measured to be best at its size."""

import pytest
from pytest_django import Settings

from search.index.choice import engine_for, options_of
from search.index.engines import engine


@pytest.mark.parametrize(
    ("photos", "chosen"), [(1, "annoy"), (49_999, "annoy"), (50_000, "signature"), (10**7, "signature")]
)
def test_auto_goes_by_size(photos: int, chosen: str, settings: Settings) -> None:
    settings.INDEX_ENGINE, settings.EXACT_BELOW = "auto", 50_000

    assert engine_for(photos) == chosen


@pytest.mark.parametrize("name", ["annoy", "signature", "exact", "milvus"])
def test_an_engine_that_is_named_is_taken_at_any_size_with_its_options(name: str, settings: Settings) -> None:
    settings.INDEX_ENGINE = name

    assert engine_for(1) == engine_for(10**6) == name
    assert engine(name, options_of(name)).name == name


def test_a_build_keeps_the_options_that_its_engine_was_set_up_with(settings: Settings) -> None:
    settings.SIGNATURE_BITS, settings.SIGNATURE_CANDIDATES, settings.ANNOY_TREES = 512, 700, 9

    assert options_of("signature") == {"bits": 512, "candidates": 700}
    assert options_of("annoy")["trees"] == 9
    assert options_of("exact") == {}
