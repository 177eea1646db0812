"""Two ways to write one maker, and what a text about materials says of materials."""

import pytest

from search.spelling import maker_key, material_keys, plain


@pytest.mark.parametrize(
    "written",
    [
        "SALVADOR DALÍ - 1904-1989",
        "Salvador Dalí",
        "salvador dali",
        "Dalí, Salvador (1904–1989)",
        "Salvador Dalí 1904-1989",
        "SALVADOR DALÍ - NASC. 1904",
        "SALVADOR DALÍ -1904-1989",
        "SALVADOR DALÍ - SÉC. XX",
        "Salvador Dalí, XIX/XX c.",
    ],
)
def test_a_maker_is_the_same_with_and_without_dates_case_and_accents(written: str) -> None:
    assert maker_key(written) == "dali salvador"


@pytest.mark.parametrize(
    ("one", "other"),
    [("Salvador Dalí", "Gala Dalí"), ("Studio 54", "Studio 55"), ("Max Xi", "Max"), ("1904", "1905"), ("Rie", "")],
)
def test_two_makers_stay_two(one: str, other: str) -> None:
    assert maker_key(one) != maker_key(other)


def test_nobody_has_no_name() -> None:
    assert maker_key("") == plain("  –  ") == ""


def test_materials_are_read_term_by_term_without_what_has_figures() -> None:
    assert material_keys("serigrafia sobre papel, Assinada; numerada 3/100") == (
        ("serigrafia sobre papel", "serigrafia sobre papel"),
        ("assinada", "Assinada"),
    )
    assert material_keys("Óleo sobre tela.") == (("oleo sobre tela", "Óleo sobre tela"),)
    assert material_keys("1962") == material_keys("") == ()
