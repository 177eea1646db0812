"""The sample catalogue's lots: invented, repeatable, and as varied as a house's own."""

from collections import Counter
from itertools import islice

from catalog.sample.captions import maker_name, title
from catalog.sample.catalogue import Lot, houses, records
from catalog.sample.edition import row

LOTS = list(records(420, 7))


def test_sample_has_enough_lots_photos_and_categories() -> None:
    assert len(LOTS) == 420
    assert sum(len(lot.views) for lot in LOTS) >= 1_000
    assert len({lot.design.category.name for lot in LOTS}) == 12
    assert min(Counter(lot.design.category.name for lot in LOTS).values()) >= 20


def test_sample_is_the_same_for_the_same_seed_and_another_for_another() -> None:
    assert [row(lot) for lot in records(50, 7)] == [row(lot) for lot in LOTS[:50]]
    assert [row(lot) for lot in records(50, 8)] != [row(lot) for lot in LOTS[:50]]


def test_sample_grows_without_changing_what_was_there() -> None:
    assert list(islice(records(5_000, 7), 420)) == LOTS


def test_sample_has_24_sales_over_eight_years_ending_in_october_2026() -> None:
    days = [house.day for house in houses()]
    assert (len(days), days[0].year, days[-1].year, days[-1].month) == (24, 2019, 2026, 10)
    assert days == sorted(days)
    assert len({house.code for house in houses()}) == 24


def test_sample_lot_numbers_run_through_each_sale_some_with_letters() -> None:
    lots = list(records(3_000, 7))
    assert len({(lot.house.code, lot.lot) for lot in lots}) == len(lots) == len({lot.source_key for lot in lots})
    lettered = [lot for lot in lots if not lot.lot.isdigit()]
    assert 0.02 < len(lettered) / len(lots) < 0.06
    numbers = [int(lot.lot) for lot in lots if lot.house.code == houses()[3].code and lot.lot.isdigit()]
    assert numbers == list(range(1, len(numbers) + 1))


def test_sample_about_a_fifth_is_unsold() -> None:
    lots = list(records(1_500, 7))
    assert 0.17 < sum(lot.pricing.hammer is None for lot in lots) / len(lots) < 0.23


def test_sample_same_object_comes_back_in_a_later_sale() -> None:
    seen: dict[str, Lot] = {}
    again = 0
    for lot in records(2_000, 7):
        first = seen.setdefault(lot.design.key, lot)
        if first is not lot:
            again += 1
            assert lot.design == first.design
            assert lot.house != first.house or first.house == houses()[-1]
    assert 0.03 < again / 2_000 < 0.12


def test_sample_twins_share_a_model_but_are_other_objects() -> None:
    lots = list(records(2_000, 7))
    by_key = {lot.design.key: lot.design for lot in lots}
    twins = [design for design in by_key.values() if design.key != design.model]
    assert 0.03 < len(twins) / 2_000 < 0.12
    for design in twins:
        model = by_key[design.model]
        assert (design.form, design.maker, design.size) == (model.form, model.maker, model.size)


def test_sample_titles_fit_the_marketplace_and_name_the_maker_first() -> None:
    for lot in LOTS:
        words = title(lot.design)
        assert len(words) <= 100
        assert words.startswith(maker_name(lot.design))


def test_sample_pairs_read_as_english() -> None:
    pairs = [title(lot.design) for lot in records(3_000, 7) if lot.design.pair]
    assert pairs
    assert not [words for words in pairs if "painteds" in words or "ofs" in words or "pair of pair" in words]


def test_sample_every_photo_has_a_role_and_a_name_of_its_own() -> None:
    names = [name for lot in LOTS for name in lot.photo_names()]
    assert len(names) == len(set(names))
    for lot in LOTS:
        assert 2 <= len(lot.views) <= 4
        assert lot.views[0].role == "front"
        assert {view.role for view in lot.views} <= {"front", "back", "mark", "signature", "damage", "detail"}
