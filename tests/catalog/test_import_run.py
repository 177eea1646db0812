"""Importing a file: lots and photos go in, again is an update, bad rows come back with reasons."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import models

from catalog.importing.work import BATCH_ROWS
from catalog.models import BadRow, Category, ImportProfile, ImportRun, Item, Photo, Sale
from tests.catalog.factories import ItemFactory, SaleFactory
from tests.catalog.importing import HEADERS, lots, run_command, write_csv, write_photos, write_zip

pytestmark = pytest.mark.django_db


def everything() -> dict[str, list[dict[str, Any]]]:
    """All that the catalogue holds, but for moments and keys that chance decides."""
    kinds: list[type[models.Model]] = [Category, Sale, Item, Photo, Item.history.model, ImportRun, BadRow]
    return {kind.__name__: list(kind._default_manager.order_by("pk").values()) for kind in kinds}


def files_kept() -> list[str]:
    return sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*.jpg"))


def test_lots_go_in_with_sale_category_price_and_photo(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", "vase-1.jpg", "vase-2.jpg")
    status, said = run_command(write_csv(tmp_path / "lots.csv", lots(2)), photos=photos)
    assert status == 0, said
    assert "2 rows read: 2 new, 0 changed, 0 as they were, 0 bad." in said
    item = Item.objects.get(source_key="A1-1")
    assert (item.lot, item.title, item.hammer, item.status) == ("1", "Vase number 1", Decimal(101), "sold")
    assert (item.sale and item.sale.code, item.category and item.category.name) == ("A1", "Ceramics")
    photo = item.photos.get()
    assert (photo.original_name, photo.role, photo.status) == ("vase-1.jpg", "front", "pending")
    assert len(files_kept()) == 2


def test_the_same_file_again_changes_nothing(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "lots.csv", lots(3))
    photos = write_photos(tmp_path / "photos", "vase-1.jpg", "vase-2.jpg", "vase-3.jpg")
    run_command(file, photos=photos)
    before, files = everything(), files_kept()
    status, said = run_command(file, photos=photos)
    after = everything()
    assert (status, files_kept()) == (0, files)
    assert "0 new, 0 changed, 3 as they were" in said
    assert "0 photos added, 3 there already" in said
    assert after.pop("ImportRun") != before.pop("ImportRun")
    assert after == before


def test_a_changed_row_is_an_update_with_history(tmp_path: Path) -> None:
    file = write_csv(tmp_path / "lots.csv", lots(2))
    run_command(file)
    write_csv(file, [*lots(2)[:1], lots(2)[1] | {"title": "Vase with chip", "hammer": "1.250,00"}])
    status, said = run_command(file)
    assert (status, "0 new, 1 changed, 1 as they were" in said) == (0, True)
    item = Item.objects.get(source_key="A1-2")
    assert (item.title, item.hammer, item.version) == ("Vase with chip", Decimal(1250), 2)
    assert [record.title for record in item.history.all()] == ["Vase with chip", "Vase number 2"]
    assert item.history.first().history_change_reason == f"Import of {file}"[:100]


def test_columns_that_a_file_lacks_are_left_alone(tmp_path: Path) -> None:
    run_command(write_csv(tmp_path / "lots.csv", lots(1)))
    write_csv(tmp_path / "titles.csv", [{"source_key": "A1-1", "title": "Urn"}], ["source_key", "title"])
    run_command(tmp_path / "titles.csv")
    item = Item.objects.get()
    assert (item.title, item.hammer, item.status, item.lot) == ("Urn", Decimal(101), "sold", "1")


def test_bad_rows_come_back_with_reasons_and_the_others_go_in(tmp_path: Path) -> None:
    rows = lots(4)
    rows[1]["hammer"] = "abc"
    rows[2]["hammer"] = ""
    file = write_csv(tmp_path / "lots.csv", rows)
    status, said = run_command(file, bad_rows=tmp_path / "bad.csv")
    assert status == 3
    assert "row 3: hammer price 'abc' is not an amount of money" in said
    assert [item.source_key for item in Item.objects.in_lot_order()] == ["A1-1", "A1-4"]
    with (tmp_path / "bad.csv").open(encoding="utf-8-sig", newline="") as bad:
        returned = list(csv.DictReader(bad))
    assert [(row["row"], row["reason"]) for row in returned] == [
        ("3", "hammer price 'abc' is not an amount of money"),
        ("4", "it is marked as sold but has no hammer price"),
    ]
    assert {name: returned[0][name] for name in HEADERS} == rows[1]


def test_mended_bad_rows_can_be_imported_as_they_came_back(tmp_path: Path) -> None:
    rows = lots(2, title="=1+1")
    rows[1]["hammer"] = "abc"
    run_command(write_csv(tmp_path / "lots.csv", rows), bad_rows=tmp_path / "bad.csv")
    mended = (tmp_path / "bad.csv").read_text(encoding="utf-8-sig").replace(",abc,", ",120,")
    (tmp_path / "mended.csv").write_text(mended, encoding="utf-8-sig")
    assert run_command(tmp_path / "mended.csv")[0] == 0
    assert list(Item.objects.order_by("pk").values_list("title", "hammer")) == [
        ("=1+1", Decimal(101)),
        ("=1+1", Decimal(120)),
    ]


def test_a_dry_run_reports_the_same_and_changes_nothing(tmp_path: Path) -> None:
    rows = lots(BATCH_ROWS + 5)  # more than one batch: the second must not miss what the first one made
    rows[3]["hammer"] = "abc"
    rows[-1]["source_key"] = "A1-1"
    file = write_csv(tmp_path / "lots.csv", rows)
    photos = write_photos(tmp_path / "photos", "vase-1.jpg", "stray.jpg")
    (photos / "vase-2.jpg").write_text("not a photo")
    ItemFactory.create(source_key="other")
    before = everything()
    _, rehearsed = run_command(file, photos=photos, dry_run=True)
    assert (everything(), files_kept()) == (before, [])
    _, done = run_command(file, photos=photos)
    assert rehearsed.replace("would be ", "") == done
    assert Item.objects.count() == 1 + BATCH_ROWS + 3


def test_a_key_that_stands_twice_in_a_file_is_a_bad_row(tmp_path: Path) -> None:
    rows = [*lots(2), lots(1)[0] | {"title": "Another vase", "lot": "9"}, lots(1)[0] | {"source_key": "new"}]
    status, said = run_command(write_csv(tmp_path / "lots.csv", rows))
    assert status == 3
    assert "row 4: the key of the item 'A1-1' stands in row 2 already" in said
    assert "row 5: lot 1 of sale A1 stands in row 2 already" in said
    assert Item.objects.get(source_key="A1-1").title == "Vase number 1"


def test_a_lot_that_another_item_has_is_a_bad_row(tmp_path: Path) -> None:
    sale = SaleFactory.create(code="A1", held_on=dt.date(2024, 5, 17))
    ItemFactory.create(sale=sale, lot="1", source_key="old-1")
    status, said = run_command(write_csv(tmp_path / "lots.csv", lots(1)))
    assert (status, Item.objects.count()) == (3, 1)
    assert "row 2: lot 1 of sale A1 is in the catalogue already, under the key 'old-1'" in said


def test_an_item_moved_to_a_lot_that_is_taken_is_a_bad_row(tmp_path: Path) -> None:
    run_command(write_csv(tmp_path / "lots.csv", lots(2)))
    status, said = run_command(write_csv(tmp_path / "moved.csv", [lots(2)[1] | {"lot": "1"}]))
    assert status == 3
    assert "row 2: lot 1 of sale A1 is another item in the catalogue" in said
    assert Item.objects.get(source_key="A1-2").lot == "2"


def test_an_item_entered_by_hand_is_found_by_its_sale_and_lot(tmp_path: Path) -> None:
    sale = SaleFactory.create(code="A1", held_on=dt.date(2024, 5, 17))
    item = ItemFactory.create(sale=sale, lot="1", source_key=None)
    run_command(write_csv(tmp_path / "lots.csv", lots(1)))
    item.refresh_from_db()
    assert (item.source_key, item.title) == ("A1-1", "Vase number 1")


def test_what_only_the_database_refuses_is_said_in_the_models_words(tmp_path: Path) -> None:
    headers = [*HEADERS, "total", "estimate_low", "estimate_high"]
    rows = [lots(1)[0] | {"total": "50"}, lots(2)[1] | {"estimate_low": "300", "estimate_high": "200"}]
    status, said = run_command(write_csv(tmp_path / "lots.csv", rows, headers))
    assert (status, Item.objects.count()) == (3, 0)
    assert "row 2: the price with premium can't be below the hammer price" in said
    assert "row 3: the low estimate can't be above the high one" in said


def test_a_bad_row_leaves_no_sale_or_category_behind(tmp_path: Path) -> None:
    headers = [*HEADERS, "total"]
    rows = [lots(1, sale_code="B2", category="Glass", total="50")[0], lots(2)[1]]
    run_command(write_csv(tmp_path / "lots.csv", rows, headers))
    assert list(Sale.objects.values_list("code", flat=True)) == ["A1"]
    assert list(Category.objects.values_list("name", flat=True)) == ["Ceramics"]


def test_a_row_that_contradicts_its_sale_is_a_bad_row(tmp_path: Path) -> None:
    SaleFactory.create(code="A1", held_on=dt.date(2024, 5, 18))
    _, said = run_command(write_csv(tmp_path / "lots.csv", lots(1)))
    assert "row 2: sale date 2024-05-17 contradicts sale 'A1', held on 2024-05-18" in said


def test_a_new_sale_needs_a_date(tmp_path: Path) -> None:
    _, said = run_command(write_csv(tmp_path / "lots.csv", lots(1, sale_date="")))
    assert "row 2: sale 'A1' is new and has no sale date" in said


def test_a_refused_photo_is_reported_and_the_lot_goes_in(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", "vase-1.jpg")
    (photos / "vase-2.jpg").write_text("<script>")
    status, said = run_command(write_csv(tmp_path / "lots.csv", lots(3)), photos=photos)
    assert status == 3
    assert "row 3: photo 'vase-2.jpg' was refused: This file is not a photo" in said
    assert "row 4: photo 'vase-3.jpg' is not among the photos (the lot itself is in)" in said
    assert (Item.objects.count(), Photo.objects.count()) == (3, 1)


def test_photos_without_a_row_are_listed(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", "vase-1.jpg", "family.jpg")
    status, said = run_command(write_csv(tmp_path / "lots.csv", lots(1)), photos=photos)
    assert status == 3
    assert "photo 'family.jpg' belongs to no row" in said


def test_the_photos_of_a_bad_row_are_named_with_it_and_not_called_strays(tmp_path: Path) -> None:
    rows = [lots(1, photos="", hammer="abc")[0], *lots(2, photos="")[1:], lots(1, photos="")[0] | {"lot": "2"}]
    photos = write_photos(tmp_path / "photos", "A1-1.jpg", "A1-1_2.jpg", "2.jpg")
    _, said = run_command(write_csv(tmp_path / "lots.csv", rows), photos=photos)
    assert "row 2: hammer price 'abc' is not an amount of money; left out with it: A1-1.jpg, A1-1_2.jpg" in said
    assert "row 4: lot 2 of sale A1 stands in row 3 already" in said
    assert "belongs to no row" not in said


def test_photos_come_out_of_a_zip(tmp_path: Path) -> None:
    archive = write_zip(tmp_path / "photos.zip", "photos/vase-1.jpg", "photos/vase-2.jpg")
    assert run_command(write_csv(tmp_path / "lots.csv", lots(2)), photos=archive)[0] == 0
    assert Photo.objects.count() == 2


def test_photos_are_found_by_the_numbers_in_their_names(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", "1 (2).jpg", "1 (1).jpg", "2.jpg")
    run_command(write_csv(tmp_path / "lots.csv", lots(2, photos="")), photos=photos)
    first = Item.objects.get(lot="1").photos.all()
    assert [(photo.original_name, photo.position) for photo in first] == [("1 (1).jpg", 0), ("1 (2).jpg", 1)]


def test_a_column_decides_order_and_roles_now_and_later(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", "a.jpg", "b.jpg")
    headers = [*HEADERS, "photo_roles"]
    write_csv(tmp_path / "lots.csv", lots(1, photos="b.jpg|a.jpg", photo_roles="front|mark"), headers)
    run_command(tmp_path / "lots.csv", photos=photos)
    assert [(p.original_name, p.role) for p in Photo.objects.all()] == [("b.jpg", "front"), ("a.jpg", "mark")]
    write_csv(tmp_path / "lots.csv", lots(1, photos="a.jpg|b.jpg", photo_roles="front|back"), headers)
    run_command(tmp_path / "lots.csv", photos=photos)
    assert [(p.original_name, p.role) for p in Photo.objects.all()] == [("a.jpg", "front"), ("b.jpg", "back")]


def test_the_same_photo_may_show_two_lots(tmp_path: Path) -> None:
    photos = write_photos(tmp_path / "photos", "pair.jpg")
    assert run_command(write_csv(tmp_path / "lots.csv", lots(2, photos="pair.jpg")), photos=photos)[0] == 0
    assert Photo.objects.count() == 2


def test_liveauctioneers_file_goes_in_with_the_sale_from_the_command_line(tmp_path: Path) -> None:
    headers = ["LotNum", "Title", "Description", "LowEst", "HighEst", "StartPrice", "ImageFile.1", "ImageFile.2"]
    rows = [["27A", "Été – “vase”", "Blue", "200", "300", "100", "27A_1.jpg", "27A_2.jpg"]]
    (tmp_path / "la.csv").write_bytes(
        "\n".join(",".join(f'"{cell}"' for cell in row) for row in [headers, *rows]).encode("cp1252")
    )
    photos = write_photos(tmp_path / "photos", "27A_1.jpg", "27A_2.jpg")
    status, said = run_command(
        tmp_path / "la.csv", photos=photos, set=["sale_code=A1", "sale_date=2024-05-17", "currency=USD"]
    )
    assert (status, "Profile: liveauctioneers." in said) == (0, True)
    item = Item.objects.get()
    assert (item.lot, item.title, item.estimate, item.status) == ("27A", "Été – “vase”", "$200–300", "catalogued")
    assert [photo.original_name for photo in item.photos.all()] == ["27A_1.jpg", "27A_2.jpg"]


def test_results_of_a_sale_are_a_second_file_over_the_first(tmp_path: Path) -> None:
    (tmp_path / "before.csv").write_text("LotNum,Title,LowEst,HighEst,StartPrice\n1,Vase,200,300,100\n")
    run_command(tmp_path / "before.csv", set=["sale_code=A1", "sale_date=2024-05-17"])
    (tmp_path / "profile.json").write_text('{"columns": {"lot": "Lot", "title": "Name", "hammer": "Price"}}')
    (tmp_path / "after.csv").write_text("Lot,Name,Price\n1,Vase,240\n")
    run_command(tmp_path / "after.csv", profile=str(tmp_path / "profile.json"), set=["sale_code=A1"])
    item = Item.objects.get()
    assert (item.hammer, item.status, item.estimate_low) == (Decimal(240), "sold", Decimal(200))


def test_a_profile_from_json_can_be_kept_and_is_found_next_time(tmp_path: Path) -> None:
    columns = '{"lot": "Los", "title": "Titel", "hammer": "Zuschlag", "sale_code": "Auktion", "sale_date": "Tag"}'
    (tmp_path / "ours.json").write_text(f'{{"columns": {columns}, "options": {{"dates": "day-first"}}}}')
    (tmp_path / "lots.csv").write_text("Los;Titel;Zuschlag;Auktion;Tag\n1;Krug;1.250,00;K7;03/04/2024\n")
    run_command(tmp_path / "lots.csv", profile=str(tmp_path / "ours.json"), save_profile="ours")
    item = Item.objects.get()
    assert (item.hammer, str(item.sale)) == (Decimal(1250), "K7 (3 April 2024)")
    assert ImportProfile.objects.get().options == {"dates": "day-first"}
    assert "Profile: ours." in run_command(tmp_path / "lots.csv")[1]


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"profile": "nobody"}, "There is no profile “nobody”"),
        ({"set": ["sale_code"]}, "another form than FIELD=VALUE"),
        ({"set": ["colour=red"]}, "“colour” can't be set"),
        ({"photos": Path("nowhere")}, "There is no folder or ZIP nowhere"),
        ({"profile": "nowhere.json"}, "can't be read as JSON"),
    ],
)
def test_a_wrong_choice_is_said_and_nothing_begins(tmp_path: Path, options: dict[str, Any], sentence: str) -> None:
    status, said = run_command(write_csv(tmp_path / "lots.csv", lots(1)), **options)
    assert (status, Item.objects.count()) == (1, 0)
    assert sentence in said


def test_a_missing_file_is_said() -> None:
    assert run_command(Path("nowhere.csv")) == (1, "The file nowhere.csv can't be read: no such file or directory.")


@pytest.mark.slow
def test_the_auction_houses_lots_go_in_with_no_manual_step(shared_data: Path, tmp_path: Path) -> None:
    status, said = run_command(shared_data / "auction" / "items.csv", dry_run=False)
    assert status == 0, said
    assert Item.objects.count() == 2268
    assert Item.objects.sold().count() == 1166
    assert Item.objects.filter(status="passed").count() == 1102
    assert Sale.objects.count() == 9
