"""The sample's photos: rendered, not drawn; the same each time; like their object and unlike others."""

import csv
import json
from io import StringIO
from pathlib import Path

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from numpy.typing import NDArray
from PIL import Image

from catalog.sample.catalogue import Lot, View, records
from catalog.sample.edition import COLUMNS, render_catalogue
from catalog.sample.render import BUILDERS, render_photo, thing
from catalog.sample.vocabulary import CATEGORIES

pytestmark = pytest.mark.slow
LOTS = list(records(600, 7))
SMALL = 128


def first(category: str, skip: int = 0) -> Lot:
    return [lot for lot in LOTS if lot.design.category.name == category][skip]


def photo(lot: Lot, number: int = 0) -> Image.Image:
    return render_photo(lot.design, lot.views[number], SMALL)


def colours(picture: Image.Image) -> NDArray[np.float64]:
    """A coarse colour histogram of the middle of a photo, (216,), sum 1."""
    pixels = np.asarray(picture)
    high, wide = pixels.shape[0] // 4, pixels.shape[1] // 4
    middle = pixels[high:-high, wide:-wide].reshape(-1, 3) // 43
    counts = np.bincount(middle @ np.array([36, 6, 1]), minlength=216)
    return np.asarray(counts / counts.sum(), np.float64)


def test_photo_is_the_same_each_time_and_differs_between_views() -> None:
    lot = first("Vases")
    assert photo(lot).tobytes() == photo(lot).tobytes()
    assert photo(lot).tobytes() != photo(lot, 1).tobytes()


@pytest.mark.parametrize("category", [category.name for category in CATEGORIES])
def test_photo_of_each_category_is_neither_flat_nor_clipped(category: str) -> None:
    pixels = np.asarray(photo(first(category, 1)), np.float32)
    assert pixels.shape[2] == 3
    assert pixels.std() > 12
    assert (pixels >= 254).all(axis=2).mean() < 0.45
    assert (pixels <= 1).all(axis=2).mean() < 0.3


def test_photo_has_the_size_asked_for() -> None:
    assert max(render_photo(first("Glass").design, View("front", "whole", "x"), 200).size) in range(160, 202)


def test_two_views_of_one_object_are_nearer_than_views_of_another() -> None:
    rugs = [lot for lot in LOTS if lot.design.category.name == "Rugs" and lot.design.key == lot.design.model][:4]
    views = [
        [colours(render_photo(lot.design, View("front", "whole", f"{lot.index}/{k}"), SMALL)) for k in (1, 2)]
        for lot in rugs
    ]
    own = [np.minimum(*pair).sum() for pair in views]
    others = [np.minimum(a[0], b[1]).sum() for a in views for b in views if a is not b]
    assert np.mean(own) > np.mean(others) + 0.1


@pytest.mark.chaos
def test_every_form_can_be_built_and_faces_outwards() -> None:
    built = {lot.design.form.name: lot for lot in LOTS}
    assert set(built) == set(BUILDERS)
    for lot in built.values():
        parts = thing(lot.design)
        points = np.concatenate([part.mesh.points for part in parts])
        assert np.isfinite(points).all()
        assert points[:, 2].min() == pytest.approx(0, abs=0.02)
        assert 0.5 < np.ptp(points, axis=0).max() < 1.8
        for part in parts:
            assert np.isfinite(part.mesh.normals).all()
            assert part.mesh.faces.max() < len(part.mesh.points)


@pytest.fixture
def edition(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A lot, rendered in full by one worker process."""
    render_catalogue(tmp_path, items=1, seed=7, processes=1)
    return tmp_path


def test_edition_writes_what_the_importer_reads_and_renders_nothing_twice(edition: Path) -> None:
    with (edition / "items.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert tuple(rows[0]) == COLUMNS
    names = [name for row in rows for name in row["photos"].split("|")]
    assert sorted(names) == sorted(path.name for path in (edition / "photos").iterdir())
    assert [len(row["photos"].split("|")) for row in rows] == [len(row["photo_roles"].split("|")) for row in rows]
    with Image.open(edition / "photos" / names[0]) as picture:
        assert min(picture.size) >= 480
        assert picture.format == "JPEG"
    assert render_catalogue(edition, items=1, seed=7, processes=1).rendered == 0
    (edition / "photos" / names[-1]).unlink()
    assert render_catalogue(edition, items=1, seed=7, processes=1).rendered == 1
    (edition / "manifest.json").write_text(json.dumps({"version": 0, "seed": 7}))
    assert render_catalogue(edition, items=1, seed=7, processes=1).rendered == len(LOTS[0].views)


def test_command_refuses_a_catalogue_of_nothing(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="at least 1"):
        call_command("render_sample", items=0, out=tmp_path, stdout=StringIO())


def test_command_says_where_it_cannot_write(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way")
    with pytest.raises(CommandError, match="Cannot write"):
        call_command("render_sample", items=1, out=blocked, stdout=StringIO())
