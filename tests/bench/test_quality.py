"""The quality bench: its questions, its measures and its recipes."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from bench.quality.__main__ import Result, run
from bench.quality.datasets import Task, auction, listings, tasks
from bench.quality.measures import first_is_right, mean_average_precision
from bench.quality.recipes import RECIPES, PlainAnnoy
from tests.photos import paint

COLOURS = ["red", "teal", "gold", "navy", "olive", "plum", "white", "black", "orange", "pink"]


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Ten listings of two photos each, half of them estate-like; lots 0 to 4 of the auction were photographed twice."""
    for folder in ("listings", "auction"):
        (tmp_path / folder).mkdir()
        for number, colour in enumerate(COLOURS):
            for seed in range(2):
                paint(colour, (64, 48), seed=seed).save(tmp_path / folder / f"{number}-{seed}.jpg")
    write(
        tmp_path / "listings/items.csv",
        [
            {"image": f"{n}-{seed}.jpg", "group": f"g{n}", "split": ["gallery", "query"][seed], "estate_like": n % 2}
            for n in range(10)
            for seed in range(2)
        ],
    )
    lots = [{"image": f"{n}-0.jpg", "group": f"lot{n}"} for n in range(10)]
    again = [{"image": f"{n}-1.jpg", "group": f"lot{n}"} for n in range(5)]
    write(tmp_path / "auction/items.csv", lots + again + lots[7:8])  # lot 7 was offered again with its old photo
    return tmp_path


def write(path: Path, rows: list[dict[str, str]] | list[dict[str, object]]) -> None:
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def test_the_second_photo_of_a_listing_asks_for_the_first(data: Path) -> None:
    task = listings("all", data, None, estate_like=False)

    assert len(task.queries) == len(task.gallery) == 10
    assert task.relevant().tolist() == np.eye(10, dtype=bool).tolist()
    assert len(listings("estate", data, None, estate_like=True).queries) == 5


def test_an_auction_photo_used_twice_is_one_photo_and_never_its_own_answer(data: Path) -> None:
    task = auction("auction", data, None)

    assert (len(task.queries), len(task.gallery)) == (10, 15)
    assert task.relevant().sum(axis=1).tolist() == [1] * 10
    assert task.itself().sum(axis=1).tolist() == [1] * 10


def test_a_limit_keeps_so_many_objects(data: Path) -> None:
    everything, estate, lots = tasks(data, 3)

    assert (len(everything.queries), len(estate.queries), len(lots.queries)) == (3, 3, 6)


def test_measures_are_the_textbook_ones() -> None:
    hits = np.array([[True, False, True], [False, True, False]])
    relevant = np.array([2, 2])  # the second query's other answer is beyond the ranks

    assert first_is_right(hits) == 0.5
    assert mean_average_precision(hits, relevant) == pytest.approx(((1 + 2 / 3) / 2 + (1 / 2) / 2) / 2)


def test_a_recipe_answers_every_task(data: Path) -> None:
    asked = tasks(data, None)
    shots = list({shot.path: shot for task in asked for shot in (*task.gallery, *task.queries)}.values())

    first, second, third = run(RECIPES["colours"], asked, shots)

    assert [result.recall_at_1 for result in (first, second, third)] == [1, 1, 1]
    assert [result.mean_average_precision for result in (first, second, third)] == [1, 1, 1]
    assert (first.queries, first.gallery, first.feature_bytes, first.index_bytes) == (10, 10, 728, 1456)
    again = run(RECIPES["colours"], asked, shots)[0]  # from the kept features
    assert replace(again, embed_ms=0, search_ms=0) == replace(first, embed_ms=0, search_ms=0)


def test_plain_annoy_answers_with_the_nearest_by_angle() -> None:
    gallery = np.random.default_rng(0).standard_normal((300, 16)).astype(np.float32)

    searcher = PlainAnnoy(gallery)

    assert [searcher.search(3 * row, 1).tolist() for row in gallery[:20]] == [[place] for place in range(20)]
    assert searcher.ranks == 101
    assert searcher.bytes > gallery.nbytes


@pytest.mark.slow
@pytest.mark.network
def test_our_default_beats_colours_on_real_photos(shared_data: Path) -> None:
    asked: list[Task] = [listings("all", shared_data, 60, estate_like=False)]
    shots = [*asked[0].gallery, *asked[0].queries]

    results: dict[str, Result] = {name: run(RECIPES[name], asked, shots)[0] for name in ("colours", "stock", "ours")}

    assert results["ours"].recall_at_1 > results["colours"].recall_at_1 + 0.1
    assert results["ours"].mean_average_precision > results["stock"].mean_average_precision - 0.02
    assert results["ours"].index_bytes == 1024
