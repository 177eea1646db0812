"""The quality bench: its questions and its table."""

import csv
import json
import sys
from pathlib import Path

import pytest
from pytest_django import Settings

from bench.quality.__main__ import main
from bench.quality.recipes import RECIPES
from bench.quality.tasks import ALL, tasks
from search.encoder import load_encoder
from search.evaluation.asking import Plan
from search.evaluation.run import Row, evaluate
from tests.photos import paint

pytestmark = pytest.mark.network
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
    _, estate, everything = (dataset.task for dataset in tasks(data))

    assert (len(everything.queries), len(everything.gallery)) == (10, 10)
    assert everything.relevant.tolist() == [1] * 10
    assert everything.own_rows.tolist() == [-1] * 10
    assert (len(estate.queries), len(estate.gallery)) == (5, 5)


def test_an_auction_photo_used_twice_is_one_photo_and_never_its_own_answer(data: Path) -> None:
    lots, *_ = (dataset.task for dataset in tasks(data))

    assert (len(lots.queries), len(lots.gallery)) == (10, 15)
    assert lots.relevant.tolist() == [1] * 10
    assert (lots.own_rows >= 0).all()


def test_a_limit_keeps_whole_objects(data: Path) -> None:
    lots, _, everything = (dataset.task for dataset in tasks(data, photos=6))

    assert len(everything.gallery) == len(everything.queries) == 6
    assert len(lots.gallery) == 6  # one object with two photos, and four that nobody asks about
    assert lots.relevant.tolist() == [1, 1]


def test_the_table_and_the_file_say_the_same(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    written = tmp_path / "quality.json"
    monkeypatch.setattr(sys, "argv", ["quality", "colours", "--data", str(data), "--json", str(written)])

    main()

    (row,) = json.loads(written.read_text())["auction"]["rows"]
    assert row["measures"]["first"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert (row["queries"], row["photos"], row["feature_bytes"], row["index_bytes"]) == (10, 15, 728, 1456)
    assert "| Colour histogram and layout | auction (15) | 10 | 1.000 (1.000 to 1.000) |" in capsys.readouterr().out


def test_data_that_is_not_there_is_said_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(sys, "argv", ["quality", "colours", "--data", str(tmp_path)])

    with pytest.raises(SystemExit):
        main()

    assert "There is no items.csv in" in capsys.readouterr().err


@pytest.mark.slow
@pytest.mark.network
@pytest.mark.django_db
def test_our_default_beats_colours_on_real_photos(shared_data: Path, settings: Settings) -> None:
    settings.HEAD_DIM = 256
    (dataset,) = tasks(shared_data, 60, [ALL])
    chosen = {name: RECIPES[name] for name in ("colours", "stock", "whitened")}

    done = evaluate(dataset, load_encoder("mobilenet_v2"), chosen, Plan(), None, lambda *state: None)

    results: dict[str, Row] = {row.recipe: row for row in done.rows}
    first, mean = (
        {name: row.measures[it].value for name, row in results.items()} for it in ("first", "average_precision")
    )
    assert first["whitened"] > first["colours"] + 0.1
    assert mean["whitened"] > mean["stock"] - 0.02
