"""`manage.py evaluate` on a painted catalogue, end to end."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from pytest_django import Settings

from catalog.models import Photo
from search.evaluation.colours import ColourLayout
from search.evaluation.recipes import RECIPES, Lessons, Recipe, as_it_comes
from search.ingest import embed_pending
from search.models import Evaluation, Judgement
from tests.photos import paint
from tests.search.shelf import category, rebuilt, shelve, sold_item

pytestmark = pytest.mark.network
COLOURS = ["red", "teal", "gold", "navy", "olive", "plum", "white", "black", "orange", "pink", "green", "brown"]
QUICK = ["colours", "whitened", "itq-again", "itq", "pca", "lsh"]


@pytest.fixture
def painted(db: None, tmp_path: Path, settings: Settings) -> None:
    """Twelve items of two photos each, half of them glass; embedded."""
    settings.DATA_DIR = tmp_path
    for number, colour in enumerate(COLOURS):
        item = sold_item(colour, category=category(["Glass", "Silver"][number % 2]))
        shelve(colour, item=item, seed=0), shelve(colour, item=item, seed=1)
    embed_pending()


def evaluated(*arguments: str, recipes: list[str] = QUICK) -> Any:
    out = io.StringIO()
    call_command("evaluate", "--recipes", *recipes, "--json", *arguments, stdout=out, stderr=io.StringIO())
    return json.loads(out.getvalue())


def test_every_recipe_answers_and_the_result_is_kept(painted: None) -> None:
    rebuilt()

    said = evaluated()

    rows = {row["recipe"]: row for row in said["rows"]}
    assert list(rows) == QUICK
    for name in ("colours", "whitened"):
        for measure in ("first", "recall", "average_precision"):
            assert rows[name]["measures"][measure] == {"value": 1, "low": 1, "high": 1}
    assert rows["whitened"]["measures"]["precision"]["value"] == pytest.approx(0.1)  # one right answer in ten
    assert rows["itq-again"]["measures"]["recall_of_exact"]["value"] == 1
    assert rows["itq"]["index_bytes"] == 32
    assert (rows["whitened"]["feature_bytes"], rows["whitened"]["photos"], rows["whitened"]["queries"]) == (12, 24, 24)
    assert 0 <= rows["whitened"]["calibration_error"] <= 1
    assert [(row["category"], row["queries"], row["objects"]) for row in said["by_category"]] == [
        ("glass", 12, 6),
        ("silver", 12, 6),
    ]
    (kept,) = Evaluation.objects.all()
    assert kept.rows == said["rows"]
    assert kept.by_category == said["by_category"]
    assert (kept.encoder, kept.facts["serving"], kept.facts["queries"]) == ("toy-mean-colour", "whitened", 24)
    assert kept.head.startswith("whitened")


def test_staff_s_judgements_are_questions_too(painted: None, manager: User) -> None:
    photos = {photo.item.title: photo for photo in Photo.objects.select_related("item")}
    for answer, verdict in (("orange", "alike"), ("navy", "not_alike"), ("teal", "not_alike")):
        Judgement.objects.create(
            query_item=photos["red"].item, item=photos[answer].item, photo=photos[answer], verdict=verdict,
            likeness=0.5, encoder="toy-mean-colour", by=manager,
        )  # fmt: skip

    (row,) = evaluated(recipes=["whitened"])["rows"]

    assert row["measures"]["agreed"] == {"value": 1, "low": 1, "high": 1}


def test_the_same_seed_gives_the_same_measures(painted: None) -> None:
    def measures(seed: str) -> list[Any]:
        return [row["measures"] for row in evaluated("--seed", seed, "--no-save", recipes=["whitened", "lsh"])["rows"]]

    assert measures("3") == measures("3")
    assert not Evaluation.objects.exists()


def test_nothing_is_learned_from_an_object_that_is_asked_about(painted: None, monkeypatch: pytest.MonkeyPatch) -> None:
    taught: list[set[str]] = []
    features = Lessons.features

    def noted(lessons: Lessons) -> Any:
        taught.append({shot.object for shot in lessons.shots})
        return features.__get__(lessons)

    monkeypatch.setattr(Lessons, "features", property(noted))
    evaluated("--folds", "4", recipes=["whitened"])

    assert [len(objects) for objects in taught] == [9] * 4  # twelve objects without the three that are asked about
    assert len(set.union(*taught)) == 12
    assert not set.intersection(*taught)


def test_other_networks_look_at_a_sample_and_ours_is_asked_of_it_too(
    painted: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(RECIPES, "stock", Recipe("Another network", ColourLayout, as_it_comes))

    said = evaluated("--sample", "10", recipes=["whitened", "stock"])

    assert [(row["recipe"], row["photos"], row["is_sample"]) for row in said["rows"]] == [
        ("whitened", 24, False),
        ("stock", 10, True),
        ("whitened", 10, True),
    ]


def test_too_little_to_train_on_leaves_the_trained_head_out(painted: None) -> None:
    said = evaluated(recipes=["whitened", "head"])

    assert [row["recipe"] for row in said["rows"]] == ["whitened"]
    assert "25 are needed" in said["facts"]["left_out"]["head"]


def test_a_folder_of_photos_is_asked_with_the_house_s_network(painted: None, tmp_path: Path) -> None:
    place = tmp_path / "study"
    place.mkdir()
    lines = ["image,group,category,split"]
    for number, colour in enumerate(COLOURS[:6]):
        for seed, split in enumerate(("gallery", "query")):
            paint(colour, (64, 48), seed=seed).save(place / f"{number}-{seed}.jpg")
            lines.append(f"{number}-{seed}.jpg,g{number},kind,{split}")
    (place / "items.csv").write_text("\n".join(lines))

    said = evaluated("--dataset", str(place), recipes=["colours", "whitened"])

    assert said["dataset"] == "study"
    assert [row["measures"]["first"]["value"] for row in said["rows"]] == [1, 1]
    assert [(row["queries"], row["photos"]) for row in said["rows"]] == [(6, 6), (6, 6)]


def test_the_table_begins_with_a_plain_sentence(painted: None) -> None:
    out = io.StringIO()

    call_command("evaluate", "--recipes", "whitened", "--no-save", stdout=out, stderr=io.StringIO())

    assert "24 photos of 12 objects ask, among 24 photos." in out.getvalue()
    assert "Of 100 photos, 100 find their own object first." in out.getvalue()


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--recipes", "tarot"], "There is no recipe tarot"),
        (["--folds", "1"], "--folds at least 2"),
        (["--dataset", "/nowhere"], r"There is no items\.csv in /nowhere"),
        ([], "no object has two photos"),
    ],
)
@pytest.mark.django_db
def test_what_can_t_be_evaluated_is_said_in_words(arguments: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("evaluate", *arguments, stdout=io.StringIO())
