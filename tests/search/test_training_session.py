"""One training of the house's head, from stored features to a head that serves, or does not."""

from io import StringIO

import numpy as np
import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command

from catalog.models import Item, Photo
from search import features
from search.heads import serving as heads
from search.models import Feature, Judgement, Standing, TrainedHead
from search.training.house import examples_of_the_house
from tests.search.lessons import lessons
from tests.search.shelf import category

pytestmark = pytest.mark.django_db
NETWORK = "a network"


def shelve(objects: int, *, photos: int = 2) -> list[Item]:
    """Items whose photos have the features of `lessons`."""
    seen = lessons(objects, photos)
    kinds = [category(name) for name in seen.category_names]
    items = Item.objects.bulk_create(
        Item(title=f"Lot {number}", status="catalogued", category=kinds[number % len(kinds)])
        for number in range(objects)
    )
    rows = Photo.objects.bulk_create(
        Photo(
            item=items[shown],
            status=Photo.Status.EMBEDDED,
            sha256=f"{number:064}",
            stored_sha256=f"{number:064}",
            width=1,
            height=1,
            bytes=1,
        )
        for number, shown in enumerate(seen.objects.tolist())
    )
    Feature.objects.bulk_create(
        Feature(photo=photo, encoder=NETWORK, vector=vector)
        for photo, vector in zip(rows, features.pack(seen.features), strict=True)
    )
    return items


def command(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(name, *arguments, stdout=out)
    return out.getvalue()


def judged(verdict: str, query: Item, item: Item) -> None:
    by, _ = User.objects.get_or_create(username="expert")
    Judgement.objects.create(query_item=query, item=item, verdict=verdict, likeness=0.5, encoder=NETWORK, by=by)


def objects_of(*items: Item) -> list[str]:
    examples = examples_of_the_house(NETWORK)
    photos = list(Photo.objects.order_by("pk").values_list("item_id", flat=True))
    return [examples.object_names[examples.objects[photos.index(item.pk)]] for item in items]


@pytest.mark.slow
def test_a_better_head_is_promoted_with_its_report_and_one_command_goes_back() -> None:
    shelve(70)

    said = command("train")

    row = TrainedHead.objects.get()
    assert row.standing == Standing.SERVING, said
    assert "serves from the next build on" in said
    assert row.name in command("train", "--status")
    assert row.encoder == NETWORK
    assert row.report["against"].startswith("whitened")
    assert row.report["difference"]["map"]["low"] > 0
    assert row.learned_from["objects"] + row.report["objects"] == 70
    assert len(row.learned_from["digest"]) == 64
    assert row.learned_from["plan"]["seed"] == row.seed == 0
    assert row.learned_from["seconds_in_all"] > 0
    serving = heads.serving_head(NETWORK)
    assert serving is not None
    assert serving.name == row.name

    # The same again is no better than what serves now, so it does not serve; by force it does.
    assert "was not promoted, because" in command("train", "--seed", "3")
    second = TrainedHead.objects.get(seed=3)
    assert second.standing == Standing.CANDIDATE
    assert second.report["against"] == row.name
    assert second.name in command("promote_head", second.name)
    assert heads.serving_head(NETWORK) is not None

    assert row.name in command("rollback_head")
    assert "Whitening serves" in command("rollback_head")
    with pytest.raises(CommandError, match="nothing to go back from"):
        command("rollback_head")


def test_a_young_catalogue_trains_nothing_and_says_why() -> None:
    shelve(10)

    with pytest.raises(CommandError, match="objects have several photos to learn from, and 25 are needed"):
        command("train")
    assert not TrainedHead.objects.exists()


def test_without_a_photo_there_is_nothing_to_learn_from() -> None:
    with pytest.raises(CommandError, match="No photo is embedded yet"):
        command("train")


def test_an_unknown_head_can_not_be_promoted() -> None:
    with pytest.raises(CommandError, match="There is no head trained256-00000000"):
        command("promote_head", "trained256-00000000")


def test_lots_offered_again_and_lots_judged_the_same_are_one_object() -> None:
    first, again, by_file, judged_same, other = shelve(5)
    Item.objects.filter(pk__in=[first.pk, again.pk]).update(object_key="the same vase")
    stored = first.photos.first()
    assert stored
    Photo.objects.filter(pk=by_file.photos.first().pk).update(stored_sha256=stored.stored_sha256)  # type: ignore[union-attr]
    judged(Judgement.Verdict.SAME, first, judged_same)

    names = objects_of(first, again, judged_same, other)

    assert names == [f"item {first.pk}"] * 3 + [f"item {other.pk}"]
    # The file that stands under two of them counts once.
    assert examples_of_the_house(NETWORK).count == 9


def test_one_file_under_many_lots_shows_none_of_them() -> None:
    items = shelve(8)
    Photo.objects.filter(pk__in=[item.photos.first().pk for item in items]).update(stored_sha256="to follow")  # type: ignore[union-attr]

    assert examples_of_the_house(NETWORK).objects_with_several == 8


def test_judgements_of_likeness_become_pairs() -> None:
    first, second, third = shelve(3)
    judged(Judgement.Verdict.ALIKE, first, second)
    judged(Judgement.Verdict.NOT_ALIKE, first, third)

    examples = examples_of_the_house(NETWORK)

    assert examples.alike.tolist() == [[0, 2]]
    assert examples.apart.tolist() == [[0, 4]]


def test_what_staff_asked_with_teaches_too() -> None:
    (item,) = shelve(1)
    by, _ = User.objects.get_or_create(username="expert")
    vector = features.pack(np.ones((1, 40), np.float32))[0]
    asked = "0f0e0d0c-0000-4000-8000-000000000001"
    Judgement.objects.create(
        asked=asked, item=item, verdict="same", likeness=0.5, encoder=NETWORK, by=by, vector=vector
    )

    examples = examples_of_the_house(NETWORK)

    assert examples.count == 3
    assert examples.objects.tolist() == [0, 0, 0]


def test_only_so_many_photos_are_read_and_whole_objects_of_several_first() -> None:
    shelve(6, photos=3)

    examples = examples_of_the_house(NETWORK, most=7)

    assert examples.count == 6
    assert examples.photos_an_object[examples.photos_an_object > 0].tolist() == [3, 3]
