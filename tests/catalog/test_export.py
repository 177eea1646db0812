"""What is exported comes back as it was, harms no spreadsheet, and suits LiveAuctioneers."""

import csv
import io
import zipfile
from decimal import Decimal
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError

from catalog.importing.profiles import LIVEAUCTIONEERS
from catalog.models import Category, Item, Photo, Sale
from tests.catalog.factories import ItemFactory, SaleFactory
from tests.catalog.importing import HEADERS, lots, run_command, write_csv, write_photos

pytestmark = pytest.mark.django_db
PAYLOADS = ['=HYPERLINK("http://x","y")', "+1", "-2+3", "@SUM(A1)", "'=1", 'a,b;c\t|"d"', "two\nlines", "Ω → é"]
FACTS = [field.name for field in Item._meta.concrete_fields if field.name not in ("id", "created_at", "updated_at")]


@pytest.fixture
def stocked(tmp_path: Path) -> list[dict[str, Any]]:
    """A catalogue with prices, photos and texts that try a spreadsheet's patience; what its items hold."""
    sale = SaleFactory.create(code="A1", currency="CHF")
    for number, text in enumerate(PAYLOADS, start=1):
        ItemFactory.create(
            sale=sale, lot=f"{number}A", source_key=f"K{number}", currency="CHF",
            title=text, description=text, maker=text, estimate_low=Decimal("100.50"), estimate_high=Decimal(1200),
            sold=number % 2 == 0, passed=number % 2 == 1,
        )  # fmt: skip
    rows = lots(2, photos="a.jpg|b.jpg", photo_roles="front|mark", sale_code="A2")
    photos = write_photos(tmp_path / "originals", "a.jpg", "b.jpg")
    run_command(write_csv(tmp_path / "lots.csv", rows, [*HEADERS, "photo_roles"]), photos=photos)
    return held()


def held() -> list[dict[str, Any]]:
    names = [name for name in FACTS if name not in ("sale", "category")]
    return [
        {name: getattr(item, name) for name in names}
        | {"sale": item.sale and item.sale.code, "day": item.sale and item.sale.held_on}
        | {"category": item.category and item.category.name}
        | {"photos": [(photo.role, photo.position) for photo in item.photos.all()]}
        for item in Item.objects.order_by("source_key")
    ]


def export(path: Path, **options: Any) -> Path:
    call_command("export_items", str(path), stdout=io.StringIO(), **options)
    return path


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_our_own_export_changes_nothing_when_it_comes_back(
    stocked: list[dict[str, Any]], tmp_path: Path, suffix: str
) -> None:
    file = export(tmp_path / f"out.{suffix}", photos=tmp_path / "photos.zip")
    status, said = run_command(file, photos=tmp_path / "photos.zip")
    assert status == 0, said
    assert f"0 new, 0 changed, {len(stocked)} as they were" in said
    assert "0 photos added, 4 there already" in said
    assert held() == stocked


@pytest.mark.parametrize("suffix", ["csv", "xlsx"])
def test_our_own_export_fills_an_empty_catalogue_again(
    stocked: list[dict[str, Any]], tmp_path: Path, suffix: str
) -> None:
    file = export(tmp_path / f"out.{suffix}", photos=tmp_path / "photos.zip")
    for kind in (Item, Sale, Category):
        kind._default_manager.all().delete()
    status, said = run_command(file, photos=tmp_path / "photos.zip")
    assert status == 0, said
    assert held() == stocked
    assert Photo.objects.count() == 4


def test_no_cell_of_an_export_is_a_formula(stocked: list[dict[str, Any]], tmp_path: Path) -> None:
    with export(tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        cells = [cell for row in csv.reader(file) for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@\t\r")] == []
    book = openpyxl.load_workbook(export(tmp_path / "out.xlsx"))
    assert "f" not in {cell.data_type for row in book.active.iter_rows() for cell in row}


def test_a_workbook_holds_amounts_as_numbers_and_days_as_dates(stocked: list[dict[str, Any]], tmp_path: Path) -> None:
    sheet = openpyxl.load_workbook(export(tmp_path / "out.xlsx", sale="A2")).active
    row = dict(zip([cell.value for cell in sheet[1]], [cell.value for cell in sheet[2]], strict=True))
    assert (row["hammer"], str(row["sale_date"])) == (101, "2024-05-17 00:00:00")


def test_a_workbook_that_cannot_hold_a_text_is_refused(tmp_path: Path) -> None:
    ItemFactory.create(description="x" * 40_000)
    with pytest.raises(CommandError, match="Export as CSV"):
        export(tmp_path / "out.xlsx")
    assert list(tmp_path.iterdir()) == []


def liveauctioneers(path: Path, **options: Any) -> list[dict[str, str]]:
    content = export(path, liveauctioneers=True, **options).read_bytes()
    return list(csv.DictReader(io.StringIO(content.decode("cp1252"), newline="")))


def test_liveauctioneers_gets_its_own_headers_in_cp1252(tmp_path: Path) -> None:
    ItemFactory.create(lot="27A", title="Été – “vase” by Őry → 東", description="Blue", dimensions="H 30 cm")
    row = liveauctioneers(tmp_path / "la.csv")[0]
    assert list(row) == [header for headers in LIVEAUCTIONEERS.columns.values() for header in headers]
    assert (row["LotNum"], row["Title"]) == ("27A", "Été – “vase” by Ory ? ?")
    assert row["Description"] == "Blue\n\nDimensions: H 30 cm"


def test_liveauctioneers_titles_end_at_a_hundred_characters_and_nothing_is_lost(tmp_path: Path) -> None:
    title = "A very long title " * 10
    ItemFactory.create(lot="1", title=title.strip(), description="Blue")
    row = liveauctioneers(tmp_path / "la.csv")[0]
    assert len(row["Title"]) <= 100
    assert row["Title"].endswith("…")
    assert row["Description"] == f"{title.strip()}\n\nBlue"


def test_liveauctioneers_photos_are_named_by_lot_and_number(stocked: list[dict[str, Any]], tmp_path: Path) -> None:
    rows = liveauctioneers(tmp_path / "la.csv", sale="A2", photos=tmp_path / "photos.zip")
    assert [(row["ImageFile.1"], row["ImageFile.2"], row["ImageFile.3"]) for row in rows] == [
        ("1_1.jpg", "1_2.jpg", ""),
        ("2_1.jpg", "2_2.jpg", ""),
    ]
    with zipfile.ZipFile(tmp_path / "photos.zip") as archive:
        assert archive.namelist() == ["1_1.jpg", "1_2.jpg", "2_1.jpg", "2_2.jpg"]
        first = Photo.objects.filter(item__lot="1").first()
        assert first
        assert archive.read("1_1.jpg") == (Path(settings.MEDIA_ROOT) / (first.file.name or "")).read_bytes()


def test_a_liveauctioneers_export_can_be_imported_into_another_sale(tmp_path: Path) -> None:
    ItemFactory.create(lot="27A", title="Vase", estimate_low=Decimal(200), estimate_high=Decimal(300), start_price=100)
    export(tmp_path / "la.csv", liveauctioneers=True)
    status, said = run_command(tmp_path / "la.csv", set=["sale_code=B9", "sale_date=2026-01-31"])
    assert status == 0, said
    item = Item.objects.get(sale__code="B9")
    assert (item.lot, item.title, item.estimate, item.start_price) == ("27A", "Vase", "€200–300", Decimal(100))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"sale": "nowhere"}, "There is no sale 'nowhere'"),
        ({"category": "Cars"}, "There is no category 'Cars'"),
        ({"liveauctioneers": True}, "LiveAuctioneers takes CSV"),
    ],
)
def test_a_wrong_choice_is_said(tmp_path: Path, options: dict[str, Any], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        export(tmp_path / "out.xlsx", **options)


def test_only_what_was_chosen_is_exported(tmp_path: Path) -> None:
    ItemFactory.create(sold=True, title="Sold")
    ItemFactory.create(title="Not yet")
    with export(tmp_path / "out.csv", status="sold").open(encoding="utf-8-sig", newline="") as file:
        assert [row["title"] for row in csv.DictReader(file)] == ["Sold"]
