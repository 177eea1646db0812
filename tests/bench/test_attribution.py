"""The bench of votes: on lots made up so that each figure is known, and on painted photos from the files on."""

import csv
from pathlib import Path

import numpy as np
import pytest

from bench.attribution.lots import Lots, auction, sample, second_hand
from bench.attribution.recipes import AS_THEY_ARE, ITS_WORD, alike, by_rank, measured, nearest_one, softness
from catalog.models import Category, Item
from search.encoder import load_encoder
from tests.photos import paint

GLASS, LAMPS = Category(pk=1, name="Glass"), Category(pk=2, name="Lamps")


def two_kinds(count: int = 200) -> Lots:
    """Every fifth lot lies among the other kind; of each the most alike is a hair nearer than four of the same kind."""
    items = [Item(pk=number, category=(GLASS, LAMPS)[number % 2], maker="Rie") for number in range(count)]
    near = []
    for number in range(count):
        side = (number + (number % 5 == 0)) % 2
        places = [place for place in range(count) if place % 2 == side and place != number][:5]
        near.append([(place, 0.8 - 0.001 * rank) for rank, place in enumerate(places)])
    return Lots("two kinds", items, np.arange(count), near)


def test_the_nearest_one_is_right_as_often_as_it_is() -> None:
    rows = {row.fact: row for row in measured(two_kinds(), "nearest", nearest_one, ITS_WORD)}
    assert rows.keys() == {"category", "maker"}  # of what no lot states nothing is measured
    kinds, makers = rows["category"], rows["maker"]
    assert (kinds.lots, kinds.first, kinds.known, kinds.right) == (200, 0.8, 1.0, 0.8)
    assert kinds.calibration == pytest.approx(0.2)
    assert (makers.first, makers.right) == (1.0, 1.0)


@pytest.mark.slow
def test_curves_that_never_saw_a_lot_say_how_sure_its_vote_is() -> None:
    own = next(row for row in measured(two_kinds(400), "vote", list) if row.fact == "category")
    plain = next(row for row in measured(two_kinds(400), "vote", list, AS_THEY_ARE) if row.fact == "category")
    assert own.first == plain.first == 0.8
    assert own.calibration < 0.1 < plain.calibration


def test_recipes_change_weights_and_nothing_else() -> None:
    matches = two_kinds().matches(3)
    for recipe in (alike, by_rank, softness(0.05)):
        changed = recipe(matches)
        assert [match.item for match in changed] == [match.item for match in matches]
    assert len({match.likeness for match in alike(matches)}) == 1


def test_lots_are_read_from_files_each_with_others_of_its_colour_nearest(tmp_path: Path) -> None:
    columns = ["image", "group", "category", "category_top", "maker", "technique", "estate_like"]
    (tmp_path / "images").mkdir()
    with (tmp_path / "items.csv").open("w", newline="") as file:
        rows = csv.DictWriter(file, columns)
        rows.writeheader()
        for number in range(12):
            colour, image = ("red", "blue")[number % 2], f"images/{number}.jpg"
            paint(colour, (48, 36), seed=number).save(tmp_path / image)
            rows.writerow(dict(zip(columns, [image, number // 4, colour, "colours", "Rie", "clay", "1"], strict=True)))
    encoder = load_encoder("tests.toy_encoder:ToyEncoder")
    lots = auction(encoder, tmp_path)
    for number, near in enumerate(lots.near):
        assert all(lots.objects[place] != lots.objects[number] for place, _ in near)
        assert lots.items[near[0][0]].category == lots.items[number].category
    kind = second_hand(encoder, tmp_path).items[0].category
    assert kind
    assert (kind.name, str(kind.parent)) == ("red", "colours")


def test_the_sample_catalogue_is_read_by_each_items_first_photo(tmp_path: Path) -> None:
    (tmp_path / "photos").mkdir()
    columns = ["object_key", "category", "maker", "period", "materials", "photos"]
    with (tmp_path / "items.csv").open("w", newline="") as file:
        rows = csv.DictWriter(file, columns)
        rows.writeheader()
        for number in range(4):
            paint("red", (48, 36), seed=number).save(tmp_path / "photos" / f"{number}.jpg")
            rows.writerow(
                dict(zip(columns, [number, "Bowls", "Rie", "1960s", "clay", f"{number}.jpg|missing.jpg"], strict=True))
            )
    lots = sample(load_encoder("tests.toy_encoder:ToyEncoder"), tmp_path)
    assert [item.period for item in lots.items] == ["1960s"] * 4
    assert [len(near) for near in lots.near] == [3] * 4
