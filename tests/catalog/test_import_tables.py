"""Files of lots are read as they come: letters, delimiters, spreadsheets; what can't be read is refused in words."""

import datetime as dt
import zipfile
from pathlib import Path

import openpyxl
import pytest

from catalog.importing.table import ImportRefused, Row, Table
from catalog.importing.tables import open_table

TEXT = "lot;title\n1;Dürer – „Hase“\n27A;Été\n"


def read(path: Path) -> tuple[tuple[str, ...], list[tuple[str, ...]]]:
    table = open_table(path)
    return table.headers, [row.cells for row in table.rows()]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252"])
def test_letters_are_understood_however_they_were_written(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "lots.csv"
    path.write_bytes(TEXT.encode(encoding))
    assert read(path) == (("lot", "title"), [("1", "Dürer – „Hase“"), ("27A", "Été")])


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_columns_are_found_whatever_divides_them(tmp_path: Path, delimiter: str) -> None:
    path = tmp_path / "lots.csv"
    rows = [["lot", "title", "hammer"], ["1", '"Vase, blue; rare"', "1.250"], ["2", "Bowl", "80"]]
    path.write_text("\n".join(delimiter.join(row) for row in rows))
    assert read(path)[1] == [("1", "Vase, blue; rare", "1.250"), ("2", "Bowl", "80")]


def test_excels_hint_about_the_delimiter_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "lots.csv"
    path.write_text("sep=;\nlot;title\n1;A, B, C\n")
    assert read(path) == (("lot", "title"), [("1", "A, B, C")])


def test_rows_are_counted_as_a_spreadsheet_does(tmp_path: Path) -> None:
    path = tmp_path / "lots.csv"
    path.write_text('lot,title\n1,"two\nlines"\n\n,\n2,Bowl\n')
    assert [(row.number, row.cells) for row in open_table(path).rows()] == [
        (2, ("1", "two\nlines")),
        (5, ("2", "Bowl")),
    ]


def test_a_short_row_is_filled_and_a_long_one_named(tmp_path: Path) -> None:
    path = tmp_path / "lots.csv"
    path.write_text("lot,title\n1\n2,Bowl,,\n3,Plate,cracked\n")
    short, padded, long = open_table(path).rows()
    assert (short.cells, short.problem) == (("1", ""), "")
    assert (padded.cells, padded.problem) == (("2", "Bowl"), "")
    assert "cracked" in long.problem


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is empty"),
        (b"\n1,2\n", "first row is empty"),
        (b"lot,title,lot\n1,a,2\n", "two columns called “lot”"),
        (bytes(range(256)) * 20, "isn't a table of text"),
        (b"lot,title\n1,\x81\x8d\n", "neither in UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "Save it as XLSX"),
        (b"PK\x03\x04 and no more", "can't be read"),
        (",".join(f"c{number}" for number in range(300)).encode(), "300 columns"),
    ],
    ids=[
        "empty",
        "no headers",
        "header twice",
        "binary",
        "no known letters",
        "old Excel",
        "broken workbook",
        "too wide",
    ],
)
def test_what_is_no_table_is_refused_in_words(tmp_path: Path, content: bytes, sentence: str) -> None:
    path = tmp_path / "lots.csv"
    path.write_bytes(content)
    with pytest.raises(ImportRefused, match=sentence):
        list(open_table(path).rows())


def test_an_open_quotation_mark_is_named_instead_of_swallowing_the_file(tmp_path: Path) -> None:
    path = tmp_path / "lots.csv"
    path.write_text('lot,title\n1,Vase\n2,"Bowl\n' + "3,Plate\n" * 20_000)
    with pytest.raises(ImportRefused, match="quotation mark"):
        list(open_table(path).rows())


def workbook(path: Path, *rows: list[object]) -> Path:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(path)
    return path


def rows_of(table: Table) -> list[Row]:
    return list(table.rows())


def test_a_workbook_gives_dates_and_amounts_as_people_write_them(tmp_path: Path) -> None:
    path = workbook(
        tmp_path / "lots.xlsx",
        ["lot", "sale_date", "hammer", "sold", "note"],
        [27, dt.datetime(2018, 12, 30), 1250.5, True, None],  # noqa: DTZ001 - a workbook knows no time zones
        ["27A", dt.date(2018, 12, 31), 1250.0, False, 0.1 + 0.2],
    )
    assert read(path)[1] == [("27", "2018-12-30", "1250.50", "yes", ""), ("27A", "2018-12-31", "1250", "no", "0.30")]


def test_a_number_with_more_than_cents_is_never_taken_for_thousands(tmp_path: Path) -> None:
    path = workbook(tmp_path / "lots.xlsx", ["hammer", "lot"], [125.125, 1])
    assert read(path)[1] == [("125.1250", "1")]


def test_a_formula_in_a_workbook_is_named_not_computed(tmp_path: Path) -> None:
    path = workbook(tmp_path / "lots.xlsx", ["lot", "hammer"], [1, "=2*60"], [2, 100])
    first, second = rows_of(open_table(path))
    assert "cell B2 holds a formula (=2*60)" in first.problem
    assert (second.number, second.problem) == (3, "")


def test_a_workbook_is_known_by_its_content_not_its_name(tmp_path: Path) -> None:
    path = workbook(tmp_path / "lots.xlsx", ["lot", "title"], [1, "Vase"])
    assert read(path.rename(tmp_path / "lots.csv"))[1] == [("1", "Vase")]


def repack(source: Path, target: Path, name: str, content: bytes) -> Path:
    """The workbook with one part exchanged."""
    with zipfile.ZipFile(source) as old, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as new:
        for info in old.infolist():
            if info.filename != name:
                new.writestr(info, old.read(info))
        new.writestr(name, content)
    return target


@pytest.mark.slow
def test_a_workbook_that_would_fill_the_memory_is_refused(tmp_path: Path) -> None:
    sound = workbook(tmp_path / "sound.xlsx", ["lot", "title"], [1, "Vase"])
    bomb = repack(sound, tmp_path / "bomb.xlsx", "xl/sharedStrings.xml", b"<sst>" + b" " * 210_000_000)
    assert bomb.stat().st_size < 1_000_000
    with pytest.raises(ImportRefused, match="too large when unpacked"):
        open_table(bomb)


def test_a_workbook_with_entities_is_refused(tmp_path: Path) -> None:
    sound = workbook(tmp_path / "sound.xlsx", ["lot", "title"], [1, "Vase"])
    laughs = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><worksheet>&b;</worksheet>'
    with pytest.raises(ImportRefused, match="can't be read"):
        open_table(repack(sound, tmp_path / "laughs.xlsx", "xl/worksheets/sheet1.xml", laughs))


def test_a_workbook_with_a_broken_sheet_is_refused(tmp_path: Path) -> None:
    sound = workbook(tmp_path / "sound.xlsx", ["lot", "title"], [1, "Vase"])
    broken = repack(sound, tmp_path / "broken.xlsx", "xl/worksheets/sheet1.xml", b"<worksheet><sheetData><row r='1'><c")
    with pytest.raises(ImportRefused, match="can't be read"):
        list(open_table(broken).rows())
