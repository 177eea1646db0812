"""Which photos are known to show the same object, in the house's own catalogue and in a folder."""

import uuid
from pathlib import Path

import numpy as np
import pytest
from django.contrib.auth.models import User

from search.evaluation.datasets import NoQuestions, folder
from search.evaluation.house import house
from search.evaluation.questions import Judged, Shot, Task, fewer, folds, one_of_the_others
from search.features import pack
from search.ingest import embed_pending
from search.models import Judgement
from tests.photos import paint
from tests.search.shelf import category, shelve, sold_item
from tests.toy_encoder import ToyEncoder

TOY = ToyEncoder.name


def pairs(task: Task) -> dict[str, set[str]]:
    """Which objects are asked about, and by how many photos of each."""
    found: dict[str, set[str]] = {}
    for shot in task.queries:
        found.setdefault(shot.object, set()).add(shot.digest)
    return found


@pytest.mark.django_db
def test_photos_of_one_item_one_key_one_file_and_one_judgement_show_one_object(manager: User) -> None:
    red = sold_item("red")
    shelve("red", item=red), shelve("darkred", item=red)  # one item
    shelve("teal", object_key="t"), shelve("cadetblue", object_key="t")  # one key
    first, second = shelve("gold"), shelve("goldenrod")  # judged to be the same
    Judgement.objects.create(
        query_item=first.item, item=second.item, verdict="same", likeness=0.9, encoder=TOY, by=manager
    )
    navy, black = shelve("navy"), shelve("black")  # judged to be alike only
    Judgement.objects.create(
        query_item=navy.item, item=black.item, verdict="alike", likeness=0.9, encoder=TOY, by=manager
    )
    embed_pending()

    dataset = house(TOY)

    assert sorted(len(digests) for digests in pairs(dataset.task).values()) == [2, 2, 2]
    assert len(dataset.task.gallery) == 8
    assert dataset.task.relevant.tolist() == [1] * 6
    assert dataset.facts == {"judged_same": 1, "asked_by_staff": 0, "judged_order": 0}


@pytest.mark.django_db
def test_a_photo_that_was_offered_twice_is_one_photo_and_joins_its_items() -> None:
    again, before = sold_item("again"), sold_item("before")
    shelve("red", item=before), shelve("red", item=again), shelve("darkred", item=again)
    embed_pending()

    task = house(TOY).task

    assert (len(task.gallery), len(task.queries)) == (2, 2)


@pytest.mark.django_db
def test_a_picture_that_stands_for_a_missing_photo_joins_nothing() -> None:
    for number in range(6):
        shelve("white", item=sold_item(f"no photo yet {number}"))
    red = sold_item("red")
    shelve("red", item=red), shelve("darkred", item=red)
    embed_pending()

    task = house(TOY).task

    assert (len(task.gallery), len(task.queries)) == (2, 2)


@pytest.mark.django_db
def test_what_staff_searched_with_and_found_asks_too(manager: User) -> None:
    red = sold_item("red", category=category("Glass"))
    shelve("red", item=red), shelve("blue")
    embed_pending()
    seen = ToyEncoder().encode([paint("crimson")])
    Judgement.objects.create(
        asked=uuid.uuid4(), item=red, verdict="same", likeness=0.9, encoder=TOY, vector=pack(seen)[0], by=manager
    )

    dataset = house(TOY)

    (asked,) = dataset.task.queries
    assert (asked.category, asked.place, dataset.task.own_rows.tolist()) == ("glass", "", [-1])
    assert dataset.stored[asked.digest].tolist() == pytest.approx(seen[0].tolist(), abs=1e-3)
    assert dataset.facts["asked_by_staff"] == 1


@pytest.mark.django_db
def test_what_staff_called_alike_stands_beside_what_they_called_not_alike(manager: User) -> None:
    red, darkred, crimson, blue = (shelve(colour) for colour in ("red", "darkred", "crimson", "blue"))
    shelve("tomato", item=red.item)
    asked = uuid.uuid4()
    vector = pack(ToyEncoder().encode([paint("red")]))[0]
    facts = {"likeness": 0.9, "encoder": TOY, "by": manager}
    for photo, verdict in ((darkred, "alike"), (blue, "not_alike")):
        Judgement.objects.create(query_item=red.item, item=photo.item, photo=photo, verdict=verdict, **facts)
        Judgement.objects.create(asked=asked, item=photo.item, verdict=verdict, vector=vector, **facts)
    Judgement.objects.create(query_item=crimson.item, item=blue.item, verdict="not_alike", **facts)
    embed_pending()

    judged = house(TOY).task.judged

    better, worse = darkred.stored_sha256, blue.stored_sha256
    assert judged == (Judged(red.stored_sha256, better, worse), Judged(f"asked {asked}", better, worse))


@pytest.mark.django_db
def test_a_house_of_single_photos_knows_no_answer() -> None:
    shelve("red"), shelve("blue")
    embed_pending()

    with pytest.raises(NoQuestions, match="no object has two photos"):
        house(TOY)


@pytest.mark.django_db
def test_withdrawn_items_ask_nothing() -> None:
    red = sold_item("red", excluded_from_search=True)
    shelve("red", item=red), shelve("darkred", item=red)
    embed_pending()

    with pytest.raises(NoQuestions):
        house(TOY)


def test_a_folder_without_a_table_or_its_columns_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(NoQuestions, match=r"There is no items\.csv in"):
        folder(tmp_path)
    (tmp_path / "items.csv").write_text("photo,group\na.jpg,1\n")
    with pytest.raises(NoQuestions, match="columns image and group"):
        folder(tmp_path)
    (tmp_path / "items.csv").write_text("image,group\na.jpg,1\n")
    with pytest.raises(NoQuestions, match="can't be read"):
        folder(tmp_path)


def test_a_photo_that_is_stored_under_another_name_does_not_ask(tmp_path: Path) -> None:
    for name, colour in (("a", "red"), ("b", "darkred"), ("c", "red"), ("d", "blue"), ("e", "navy")):
        paint(colour, (32, 32)).save(tmp_path / f"{name}.jpg")
    rows = ["a,1,gallery", "b,1,query", "c,2,query", "d,2,gallery", "e,2,query"]  # c is a's file
    table = "\n".join(["image,group,split", *(row.replace(",", ".jpg,", 1) for row in rows)])
    (tmp_path / "items.csv").write_text(table)

    task = folder(tmp_path).task

    assert [Path(shot.place).name for shot in task.queries] == ["b.jpg", "e.jpg"]
    assert task.relevant.tolist() == [1, 1]


def shots(*objects: str) -> list[Shot]:
    return [Shot(f"{number:04x}", str(number), name) for number, name in enumerate(objects)]


def test_fewer_photos_keep_whole_objects_and_as_many_others() -> None:
    task = one_of_the_others("t", shots(*(f"pair {n // 2}" for n in range(40)), *(f"single {n}" for n in range(100))))

    small = fewer(task, 30)

    assert (len(small.gallery), len(small.queries)) == (30, 14)  # seven pairs, and others
    assert small.relevant.tolist() == [1] * 14
    assert fewer(task, 30) == small
    assert fewer(task, 30, seed=1) != small
    assert fewer(task, None) is task


def test_an_object_is_in_one_fold_and_folds_are_as_large_as_each_other() -> None:
    dealt = folds(["a", "a", "b", "c", "d", "e", "f", "g"], 3)

    assert set(dealt) == set("abcdefg")
    assert sorted(np.bincount(list(dealt.values())).tolist()) == [2, 2, 3]
