"""A row becomes a lot, or sentences that say what is wrong with it; a header tells which kind of file it is."""

import datetime as dt
from decimal import Decimal

import pytest

from catalog.formula import disarm
from catalog.importing.layout import Profile, lay
from catalog.importing.profiles import AUCTION, HINDSIGHT, LIVEAUCTIONEERS, detect, from_json
from catalog.importing.rows import Record, RowRefused, Wanted, parse_date, read_row
from catalog.importing.table import ImportRefused, Row, tidy
from catalog.models import ImportProfile

pytestmark = pytest.mark.django_db

AUCTION_HEADERS = [header for headers in AUCTION.columns.values() for header in headers]


def record(cells: dict[str, str], profile: Profile = HINDSIGHT, fixed: dict[str, str] | None = None) -> Record:
    """One row read with the profile; the cells go by our own names of the fields."""
    cells = {"source_key": "K1", "title": "Vase"} | cells
    headers = tuple(profile.columns[name][0] for name in cells)
    return read_row(Row(17, tuple(cells.values())), lay(profile, headers, fixed))


def reasons(**cells: str) -> str:
    with pytest.raises(RowRefused) as refused:
        record(cells)
    return str(refused.value)


@pytest.mark.parametrize("written", ["1250", "1,250.00", "1.250,00", "1 250", "€ 1250", "1250.00 EUR"])
def test_amounts_are_read_in_every_style(written: str) -> None:
    assert record({"hammer": written, "status": "sold"}).facts["hammer"] == Decimal(1250)


def test_every_fault_of_a_row_is_named_at_once() -> None:
    found = reasons(title="", hammer="abc", estimate_low="-5", sale_code="A1", sale_date="yesterday", status="lost")
    assert "hammer price 'abc' is not an amount of money" in found
    assert "low estimate '-5' is not an amount of money" in found
    assert "sale date 'yesterday' is not a date" in found
    assert "status 'lost' is none of draft, catalogued, sold, passed, withdrawn" in found
    assert "the title is empty" in found


@pytest.mark.parametrize(
    ("cells", "sentence"),
    [
        ({"status": "sold"}, "marked as sold but has no hammer price"),
        ({"status": "sold", "hammer": "0"}, "marked as sold but has no hammer price"),
        ({"status": "passed", "hammer": "120"}, "has a hammer price of 120.00 but is marked as passed"),
        ({"source_key": ""}, "neither a key nor a sale and lot number"),
        ({"title": "x" * 501}, "the title has 501 characters; there is room for 500"),
        ({"lot": "1" * 21}, "the lot number has 21 characters"),
        ({"currency": "euros"}, "currency 'EUROS' is not a three-letter code"),
        ({"photos": "a.jpg", "photo_roles": "lid"}, "photo role 'lid' is none of front"),
        ({"photos": "|".join(f"{number}.jpg" for number in range(21))}, "names 21 photos"),
    ],
    ids=lambda value: "" if isinstance(value, dict) else str(value)[:30],
)
def test_a_row_that_cannot_be_is_refused(cells: dict[str, str], sentence: str) -> None:
    assert sentence in reasons(**cells)


@pytest.mark.parametrize(
    ("cells", "status"),
    [
        ({"hammer": "120"}, "sold"),
        ({"hammer": ""}, "catalogued"),
        ({"hammer": "0"}, "catalogued"),
        ({"hammer": "", "status": "passed"}, "passed"),
        ({"hammer": "120", "status": "SOLD"}, "sold"),
    ],
)
def test_the_status_follows_from_what_the_row_says(cells: dict[str, str], status: str) -> None:
    facts = record(cells).facts
    assert facts["status"] == status
    assert (facts["hammer"] is not None) == (status == "sold")


def test_a_file_without_results_says_nothing_of_the_status() -> None:
    assert "status" not in record({"lot": "1"}, LIVEAUCTIONEERS, {"sale_code": "A1", "sale_date": "2024-05-17"}).facts


@pytest.mark.parametrize(
    ("written", "order", "day"),
    [
        ("2018-12-31", "", dt.date(2018, 12, 31)),
        ("2018-12-31 00:00:00", "", dt.date(2018, 12, 31)),
        ("31/12/2018", "", dt.date(2018, 12, 31)),
        ("12/31/2018", "", dt.date(2018, 12, 31)),
        ("31.12.2018", "", dt.date(2018, 12, 31)),
        ("3.4.2018", "month-first", dt.date(2018, 4, 3)),
        ("3/4/2018", "day-first", dt.date(2018, 4, 3)),
        ("3/4/2018", "month-first", dt.date(2018, 3, 4)),
        ("4/4/2018", "", dt.date(2018, 4, 4)),
    ],
)
def test_dates_are_read_in_every_order(written: str, order: str, day: dt.date) -> None:
    assert parse_date(written, order) == day


@pytest.mark.parametrize(
    ("written", "order", "sentence"),
    [
        ("3/4/2018", "", "could be two days"),
        ("30/2/2018", "", "not a day of the calendar"),
        ("31/12/2018", "month-first", "not a day of the calendar"),
        ("2018", "", "not a date"),
        ("0018-01-01", "", "not in any year"),
    ],
)
def test_what_is_no_day_is_said(written: str, order: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        parse_date(written, order)


def test_photos_and_their_roles_come_in_order() -> None:
    read = record({"photos": "a.jpg| b.jpg;c.jpg", "photo_roles": "front|mark"})
    assert read.photos == (Wanted("a.jpg", "front"), Wanted("b.jpg", "mark"), Wanted("c.jpg", ""))


def test_a_formula_disarmed_by_our_export_comes_back_as_it_was() -> None:
    for title in ("=1+1", "@work", "-5", "'=1+1", "''+", "'tis", "plain"):
        assert tidy(disarm(title)) == title


def test_liveauctioneers_measures_become_one_text() -> None:
    fixed = {"sale_code": "A1", "sale_date": "2024-05-17"}
    cells = {"lot": "1", "height": "30", "width": "20", "depth": "", "dimension_unit": "cm"}
    assert record(cells, LIVEAUCTIONEERS, fixed).facts["dimensions"] == "30 × 20 cm"


def test_a_text_too_long_for_its_field_spills_into_the_description_where_the_profile_says_so() -> None:
    technique = "serigrafia sobre papel, " * 30
    cells = {"materials": technique.strip(), "hammer": "5", "sold": "1", "sale_code": "1142", "lot": "1", "photos": ""}
    facts = record(cells | {"sale_date": "2018-12-30"}, AUCTION).facts
    assert facts["description"] == technique.strip()
    assert facts["materials"].endswith("…")
    assert len(facts["materials"]) <= 500


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (["source_key", "title", "hammer", "model_median"], "hindsight"),
        (["LotNum", "Title", "Description", "LowEst", "HighEst", "StartPrice"], "liveauctioneers"),
        (AUCTION_HEADERS, "auction"),
    ],
)
def test_the_headers_tell_the_profile(headers: list[str], name: str) -> None:
    assert detect(headers).name == name


def test_an_unknown_header_is_answered_with_what_was_found_and_what_is_needed() -> None:
    with pytest.raises(ImportRefused) as refused:
        detect(["Los", "Titel", "Zuschlag"])
    assert "Los, Titel, Zuschlag" in str(refused.value)
    assert "“liveauctioneers” needs LotNum, Title" in str(refused.value)


def test_a_saved_profile_is_found_by_its_headers() -> None:
    columns = {"lot": "Los", "title": "Titel", "hammer": "Zuschlag", "sale_code": "Auktion"}
    ImportProfile.objects.create(name="dorotheum", columns=columns, options={"dates": "day-first"})
    found = detect(["Los", "Titel", "Zuschlag", "Auktion"])
    assert (found.name, found.dates) == ("dorotheum", "day-first")


def test_two_profiles_that_fit_alike_are_both_named() -> None:
    for name in ("first", "second"):
        ImportProfile.objects.create(name=name, columns={"lot": "Los", "title": "Titel"})
    with pytest.raises(ImportRefused, match="Several profiles fit this file: first, second"):
        detect(["Los", "Titel"])


def test_liveauctioneers_files_ask_for_their_sale() -> None:
    with pytest.raises(ImportRefused, match="--set sale_code=… --set sale_date=…"):
        lay(LIVEAUCTIONEERS, ("LotNum", "Title"))


@pytest.mark.parametrize(
    ("columns", "options", "sentence"),
    [
        ([], {}, "needs columns and options"),
        ({"title": "T", "lot": "L", "colour": "C"}, {}, "“colour” is none of our fields"),
        ({"title": "T"}, {}, "the item's key or its lot number"),
        ({"lot": "L"}, {}, "which column holds the title"),
        ({"title": 5, "lot": "L"}, {}, "column for title should be the name of a header"),
        ({"title": ["A", "B"], "lot": "L"}, {}, "Only photos may stand in several columns"),
        ({"title": "T", "lot": "L"}, {"dates": "sometimes"}, "day-first or month-first"),
        ({"title": "T", "lot": "L"}, {"speed": "fast"}, "“speed” is no option"),
        ({"title": "T", "lot": "L"}, {"set": {"lot": "5"}}, "“lot” can't be set for every row"),
        ({"title": "T", "lot": "L"}, {"spill": "materials"}, "“spill” should be a list"),
        ({"title": "T", "lot": "L"}, {"separator": ""}, "“separator” should be"),
    ],
)
def test_a_profile_that_makes_no_sense_is_refused(columns: object, options: object, sentence: str) -> None:
    with pytest.raises(ImportRefused, match=sentence):
        from_json("mine", columns, options)
