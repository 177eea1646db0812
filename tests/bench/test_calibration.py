"""The bench of meanings: on painted photos, from the files to the tables."""

import csv
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from bench.calibration import __main__ as bench
from bench.calibration.photos import photos
from bench.calibration.twins import claims, twins
from search.encoder import load_encoder
from search.likeness.meaning import meaning_of
from tests.photos import paint

COLUMNS = (
    "item_id", "image", "title", "category", "group", "estate_like", "sale_date", "start_price", "hammer_price", "sold",
    "currency",
)  # fmt: skip


def shot(folder: Path, number: int, colour: tuple[int, ...], group: str, **facts: str) -> dict[str, str]:
    name = f"images/{number}.jpg"
    paint("#{:02x}{:02x}{:02x}".format(*colour), (48, 36), seed=number).save(folder / name)
    day = f"2018-0{1 + number % 9}-01"
    row = {"item_id": str(number), "image": name, "group": group, "sale_date": day, "start_price": "5", "sold": "1"}
    return row | {"hammer_price": str(10 + number % 40), "currency": "EUR", "estate_like": "1", "title": ""} | facts


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """Two houses of two kinds of colour, two photos an object."""
    random = np.random.default_rng(0)
    for name in ("auction", "listings"):
        folder = tmp_path / name
        (folder / "images").mkdir(parents=True)
        rows = []
        for thing in range(180):
            kind = thing % 2
            base = random.integers(0, 200, 3) // (1 + np.array([kind, 0, 1 - kind]) * 3)
            for view in range(2):
                colour = tuple(int(channel) for channel in np.clip(base + 3 * view, 0, 255))
                rows.append(shot(folder, 2 * thing + view, colour, f"object {thing}", category=f"kind {kind}"))
        with (folder / "items.csv").open("w", newline="") as file:
            lines = csv.DictWriter(file, COLUMNS)
            lines.writeheader()
            lines.writerows(rows)
    return tmp_path


@pytest.mark.slow
@pytest.mark.django_db
def test_the_tables_come_from_the_files_and_the_curves_go_into_one(
    data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    written = tmp_path / "meanings.json"
    monkeypatch.setattr(bench, "FILE", written)
    monkeypatch.setattr(
        sys, "argv", ["bench.calibration", "tests.toy_encoder:ToyEncoder", "--data", str(data), "--quick", "--write"]
    )

    bench.main()

    said = capsys.readouterr().out
    for heading in ("How true the probabilities are", "never sold", "This very photo", "Price ranges"):
        assert heading in said
    assert "| auction | second-hand, estate-like | 360 |" in said
    kept = json.loads(written.read_text())["toy-mean-colour"]
    assert {"first", "later", "alike"} >= kept["curves"].keys()
    assert kept["certain"] > 0


@pytest.mark.django_db
def test_claims_are_counted_against_what_is_known(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    (folder / "images").mkdir(parents=True)
    rows = [
        shot(folder, 1, (200, 20, 20), "vase", category="a"),
        shot(folder, 2, (20, 20, 200), "bowl", category="a"),
        shot(folder, 3, (20, 200, 20), "vase", category="a"),
    ]
    Image.open(folder / "images/1.jpg").save(folder / "images/3.jpg")  # the vase again, in a copy
    with (folder / "items.csv").open("w", newline="") as file:
        lines = csv.DictWriter(file, COLUMNS)
        lines.writeheader()
        lines.writerows(rows)
    shots = photos(load_encoder(), folder)

    made = claims(twins(shots, shots.vectors(6)), meaning_of("none", "none"))["this very photo"]

    assert (made.made, made.right, made.recall) == (1, 1, 1.0)
