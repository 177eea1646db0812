"""Importing in the browser: upload, columns, rehearsal, import; a wrong file gets a sentence and changes nothing."""

import csv
import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from catalog import importing
from catalog.models import ImportProfile, ImportRun, Item, Photo
from tests.catalog.importing import HEADERS, lots, write_csv, write_zip

pytestmark = pytest.mark.django_db
ADD = "admin:catalog_importrun_add"


@pytest.fixture
def desk(client: Client, cataloguer: User) -> Client:
    client.force_login(cataloguer)
    return client


def at(name: str, run: ImportRun) -> str:
    return reverse(f"admin:catalog_importrun_{name}", args=[run.pk])


def sent(path: Path, name: str = "") -> SimpleUploadedFile:
    return SimpleUploadedFile(name or path.name, path.read_bytes())


def words(response: Any) -> str:
    return " ".join(response.content.decode().split())


def upload(client: Client, file: Path, photos: Path | None = None) -> Any:
    files = {"source": sent(file)} | ({"photos": sent(photos)} if photos else {})
    return client.post(reverse(ADD), files)


def mapping_of(client: Client, run: ImportRun) -> dict[str, Any]:
    """What the browser would send if the columns were left as they were found."""
    form = client.get(at("mapping", run)).context["form"]
    return {bound.html_name: value for bound in form if (value := bound.value())}


def rehearsed(client: Client, file: Path, photos: Path | None = None) -> ImportRun:
    upload(client, file, photos)
    run = ImportRun.objects.latest("pk")
    answer = client.post(at("mapping", run), mapping_of(client, run))
    assert answer.headers.get("Location") == at("change", run), words(answer)
    importing.run_pending()
    run.refresh_from_db()
    return run


def test_a_file_is_uploaded_rehearsed_and_imported(desk: Client, cataloguer: User, tmp_path: Path) -> None:
    rows = lots(3)
    rows[1]["hammer"] = "abc"
    photos = write_zip(tmp_path / "photos.zip", "vase-1.jpg", "vase-3.jpg", "stray.jpg")
    answer = upload(desk, write_csv(tmp_path / "lots.csv", rows), photos)
    run = ImportRun.objects.get()
    assert answer.url == at("mapping", run)
    assert (run.state, run.profile, run.created_by) == ("draft", "hindsight", cataloguer)
    assert importing.run_pending() == 0  # not before somebody has looked at the columns

    shown = words(desk.get(at("mapping", run)))
    assert "Vase number 1" in shown  # the first rows
    assert "read as “hindsight”" in shown

    desk.post(at("mapping", run), mapping_of(desk, run))
    assert "Waiting for a worker" in words(desk.get(at("change", run)))
    importing.run_pending()
    report = words(desk.get(at("change", run)))
    assert "This was a rehearsal: nothing has changed yet." in report
    assert "3 rows read: 2 would be new" in report
    assert "hammer price &#x27;abc&#x27; is not an amount of money" in report
    assert "photo &#x27;stray.jpg&#x27; belongs to no row" in report
    assert (Item.objects.count(), Photo.objects.count()) == (0, 0)

    desk.post(at("start", run))
    importing.run_pending()
    report = words(desk.get(at("change", run)))
    assert "3 rows read: 2 new, 0 changed, 0 as they were, 1 bad." in report
    assert (Item.objects.count(), Photo.objects.count()) == (2, 2)
    assert Item.objects.first().history.get().history_user == cataloguer  # type: ignore[union-attr]


def test_the_bad_rows_are_downloaded_as_they_came(desk: Client, tmp_path: Path) -> None:
    rows = lots(2, title="=1+1")
    rows[1]["hammer"] = "abc"
    run = rehearsed(desk, write_csv(tmp_path / "lots.csv", rows))
    answer = desk.get(at("bad_rows", run))
    assert answer["Content-Disposition"] == f'attachment; filename="bad-rows-{run.pk}.csv"'
    returned = list(csv.DictReader(io.StringIO(answer.getvalue().decode())))
    assert [(row["row"], row["reason"]) for row in returned] == [("3", "hammer price 'abc' is not an amount of money")]
    assert {name: returned[0][name] for name in HEADERS} == rows[1] | {"title": "'=1+1"}


def test_an_unknown_file_is_mapped_once_and_read_at_once_the_next_time(desk: Client, tmp_path: Path) -> None:
    file = tmp_path / "lose.csv"
    file.write_text("Los;Titel;Zuschlag;Auktion;Tag\n1;Krug;1.250,00;K7;03/04/2024\n")
    upload(desk, file)
    run = ImportRun.objects.get()
    assert run.profile == ""
    columns = {
        "column_lot": "Los", "column_title": "Titel", "column_hammer": "Zuschlag", "column_sale_code": "Auktion",
        "column_sale_date": "Tag", "dates": "day-first", "separator": "|", "fixed_currency": "CHF",
    }  # fmt: skip
    answer = desk.post(at("mapping", run), columns)
    assert "say under which name to remember it" in words(answer)
    desk.post(at("mapping", run), columns | {"profile_name": "auction house K"})
    saved = ImportProfile.objects.get()
    assert (saved.name, saved.columns["hammer"], saved.options["dates"]) == ("auction house K", "Zuschlag", "day-first")
    importing.run_pending()
    desk.post(at("start", run))
    importing.run_pending()
    assert [str(item.sale) + item.currency for item in Item.objects.all()] == ["K7 (3 April 2024)CHF"]
    assert rehearsed(desk, file).profile == "auction house K"


def test_liveauctioneers_files_ask_for_their_sale(desk: Client, tmp_path: Path) -> None:
    file = tmp_path / "la.csv"
    file.write_text("LotNum,Title,LowEst,HighEst,StartPrice,ImageFile.1,ImageFile.2\n1,Vase,200,300,100,a.jpg,b.jpg\n")
    upload(desk, file)
    run = ImportRun.objects.get()
    found = mapping_of(desk, run)
    assert found["column_photos"] == ["ImageFile.1", "ImageFile.2"]
    assert "doesn&#x27;t say the sale number and sale date" in words(desk.post(at("mapping", run), found))
    desk.post(at("mapping", run), found | {"fixed_sale_code": "A1", "fixed_sale_date": "2024-05-17"})
    run.refresh_from_db()
    assert (run.state, run.profile, run.fixed) == (
        "pending", "liveauctioneers", {"sale_code": "A1", "sale_date": "2024-05-17"},
    )  # fmt: skip
    assert ImportProfile.objects.count() == 0


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("lots.csv", b"", "The submitted file is empty"),
        ("lots.csv", b"\x00\x01\x02" * 3000, "isn&#x27;t a table of text"),
        ("lots.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Save it as XLSX"),
        ("lots.xlsx", b"PK\x03\x04 broken", "The workbook can&#x27;t be read"),
        ("lots.csv", b"a,a\n1,2\n", "two columns called “a”"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_and_not_kept(
    desk: Client, name: str, content: bytes, sentence: str
) -> None:
    answer = desk.post(reverse(ADD), {"source": SimpleUploadedFile(name, content)})
    assert (answer.status_code, ImportRun.objects.count()) == (200, 0)
    assert sentence in words(answer)
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_a_zip_without_photos_or_none_at_all_is_refused(desk: Client, tmp_path: Path) -> None:
    file = write_csv(tmp_path / "lots.csv", lots(1))
    with zipfile.ZipFile(tmp_path / "texts.zip", "w") as archive:
        archive.writestr("a.txt", "x")
    assert "no photo in this ZIP" in words(upload(desk, file, tmp_path / "texts.zip"))
    (tmp_path / "photos.zip").write_bytes(b"Rar!" * 50)
    assert "not a ZIP that can be read" in words(upload(desk, file, tmp_path / "photos.zip"))
    assert ImportRun.objects.count() == 0


def test_files_are_kept_under_names_of_ours_and_go_with_their_row(
    desk: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    upload(desk, write_csv(tmp_path / "=cmd.csv", lots(1)), write_zip(tmp_path / "my photos.zip", "a.jpg"))
    run = ImportRun.objects.get()
    kept = sorted(path.name for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file())
    assert kept == sorted([f"{run.key}.csv", f"{run.key}.zip"])
    with django_capture_on_commit_callbacks(execute=True):
        run.delete()
    assert [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()] == []


def test_the_zip_goes_when_its_photos_are_in(
    desk: Client, tmp_path: Path, django_capture_on_commit_callbacks: Any
) -> None:
    run = rehearsed(desk, write_csv(tmp_path / "lots.csv", lots(1)), write_zip(tmp_path / "p.zip", "vase-1.jpg"))
    desk.post(at("start", run))
    with django_capture_on_commit_callbacks(execute=True):
        importing.run_pending()
    run.refresh_from_db()
    assert (run.state, run.photos.name, Photo.objects.count()) == ("done", "", 1)
    assert list(Path(settings.MEDIA_ROOT).rglob("*.zip")) == []


def test_an_import_cannot_be_started_twice_or_without_a_rehearsal(desk: Client, tmp_path: Path) -> None:
    upload(desk, write_csv(tmp_path / "lots.csv", lots(1)))
    run = ImportRun.objects.get()
    desk.post(at("start", run))
    assert importing.run_pending() == 0
    run = rehearsed(desk, tmp_path / "lots.csv")
    for _ in range(2):
        desk.post(at("start", run))
        importing.run_pending()
    assert (Item.objects.count(), Item.history.count()) == (1, 1)
    assert desk.get(at("start", run)).status_code == 405


def test_a_failed_import_can_be_tried_again(desk: Client, tmp_path: Path) -> None:
    run = rehearsed(desk, write_csv(tmp_path / "lots.csv", lots(1)))
    desk.post(at("start", run))
    ImportRun.objects.update(profile="vanished")
    importing.run_pending()
    assert "There is no profile “vanished”" in words(desk.get(at("change", run)))
    ImportRun.objects.update(profile="hindsight")
    desk.post(at("start", run))
    importing.run_pending()
    assert Item.objects.count() == 1


def test_the_progress_comes_by_itself_until_it_is_done(desk: Client, tmp_path: Path) -> None:
    run = rehearsed(desk, write_csv(tmp_path / "lots.csv", lots(1)))
    assert "hx-get" not in words(desk.get(at("progress", run)))
    ImportRun.objects.update(state="running", rows_done=500, rows_total=2000)
    part = words(desk.get(at("progress", run)))
    assert f'hx-get="{at("progress", run)}"' in part
    assert '<progress value="500" max="2000">' in part
    assert "<html" not in part


def test_columns_that_bear_our_own_names_are_found_in_any_file(desk: Client, tmp_path: Path) -> None:
    file = tmp_path / "lots.csv"
    file.write_text("Lot;Title;HAMMER PRICE;Remarks\n1;Krug;100;-\n")
    upload(desk, file)
    form = desk.get(at("mapping", ImportRun.objects.get())).context["form"]
    found = {field.label: field.initial for field in form.columns if field.initial}
    assert found == {"Lot number": "Lot", "Title": "Title", "Hammer price": "HAMMER PRICE"}


def test_a_mapping_cannot_take_the_name_of_another_profile(desk: Client, tmp_path: Path) -> None:
    ImportProfile.objects.create(name="taken", columns={"lot": "L", "title": "T"})
    file = tmp_path / "lots.csv"
    file.write_text("Los;Titel\n1;Krug\n")
    upload(desk, file)
    run = ImportRun.objects.get()
    columns = {"column_lot": "Los", "column_title": "Titel"}
    for name, sentence in (("taken", "There is a profile “taken” already"), ("auction", "a built-in profile")):
        assert sentence in words(desk.post(at("mapping", run), columns | {"profile_name": name}))
    assert ImportProfile.objects.get().columns == {"lot": "L", "title": "T"}


@pytest.mark.parametrize("name", ["mapping", "start", "change", "progress", "bad_rows"])
def test_a_viewer_has_no_imports(client: Client, viewer: User, desk: Client, tmp_path: Path, name: str) -> None:
    upload(desk, write_csv(tmp_path / "lots.csv", lots(1)))
    client.force_login(viewer)
    run = ImportRun.objects.get()
    answer = client.post(at(name, run)) if name == "start" else client.get(at(name, run))
    assert answer.status_code == 403
    assert client.get(reverse(ADD)).status_code == 403
    client.logout()
    assert client.get(at("mapping", run)).status_code == 302


def test_an_import_that_never_was_is_not_found(desk: Client) -> None:
    assert desk.get("/admin/catalog/importrun/last/change/").status_code == 404


def test_a_run_cannot_be_edited_by_hand(client: Client, manager: User, tmp_path: Path) -> None:
    client.force_login(manager)
    run = rehearsed(client, write_csv(tmp_path / "lots.csv", lots(1)))
    client.post(at("change", run), {"state": "pending", "profile": "x", "photo_folder": "/etc"})
    run.refresh_from_db()
    assert (run.state, run.profile, run.photo_folder) == ("done", "hindsight", "")


def test_a_profile_is_checked_before_it_is_saved(client: Client, manager: User) -> None:
    client.force_login(manager)
    address = reverse("admin:catalog_importprofile_add")
    wrong = client.post(address, {"name": "mine", "columns": '{"title": "T"}', "options": "{}"})
    assert "key or its lot number" in words(wrong)
    client.post(address, {"name": "mine", "columns": '{"title": "T", "lot": "L"}', "options": '{"dates": "day-first"}'})
    assert ImportProfile.objects.get().created_by == manager


def test_the_list_of_imports_says_what_each_came_to(
    desk: Client, tmp_path: Path, django_assert_max_num_queries: Any
) -> None:
    for _ in range(3):
        rehearsed(desk, write_csv(tmp_path / "lots.csv", lots(2)))
    with django_assert_max_num_queries(12):
        answer = words(desk.get(reverse("admin:catalog_importrun_changelist")))
    assert answer.count("2 rows read: 2 would be new") == 3
