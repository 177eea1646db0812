"""Files of lots with anything in their cells: each row goes in whole or is told as bad, and the import ends."""

import datetime as dt
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from catalog.importing.rows import parse_date
from catalog.models import BadRow, ImportRun, Item
from catalog.money import LARGEST, parse_amount
from tests.catalog.importing import HEADERS, lots, run_command, write_csv

NASTY = [
    *("", "-", "0", "-1", "1e400", "NaN", "Infinity", "1" * 400, "9" * 20, "1.250,00", "1,250.00", "€ 5", "5 EUR"),
    *("2024-02-30", "0000-00-00", "9999-12-31", "31/12/24", "3/4/2018", "=1+1", "@SUM(1)", "'=x", "\ufeff", "\u202e"),
    *("sold", "passed", "SOLD", "yes", "../../etc/passwd", "a|b;c", "line\nbreak", 'quo"te', "tab\there", "x" * 5_000),
]
cells = st.one_of(
    st.sampled_from(NASTY), st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
)
rows = st.lists(st.dictionaries(st.sampled_from(HEADERS), cells, max_size=4), min_size=1, max_size=6)
IN_THE_DATABASE = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]


def check_import(folder: Path, changes: list[dict[str, str]]) -> None:
    Item.objects.all().delete()
    ImportRun.objects.all().delete()
    given_rows = [row | change for row, change in zip(lots(len(changes), photos=""), changes, strict=True)]

    status, said = run_command(write_csv(folder / "lots.csv", given_rows), restart=True)

    assert status in (0, 1, 3), said
    run = ImportRun.objects.get()
    told = set(BadRow.objects.values_list("number", flat=True))
    assert run.state == ImportRun.State.DONE
    assert all(reason for reason in BadRow.objects.values_list("reason", flat=True))
    names = {row["source_key"] for row in given_rows}  # a lot that stands twice goes in once, or is told
    assert Item.objects.count() + len(told) >= len(names)
    for item in Item.objects.all():
        item.full_clean(exclude=["category"], validate_unique=False)


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=IN_THE_DATABASE)
@given(changes=rows)
def test_any_cells_are_imported_or_told(tmp_path: Path, changes: list[dict[str, str]]) -> None:
    check_import(tmp_path, changes)


@pytest.mark.chaos
@pytest.mark.django_db
@settings(max_examples=1_500, deadline=None, suppress_health_check=IN_THE_DATABASE)
@given(changes=rows)
def test_any_cells_of_many_files_are_imported_or_told(tmp_path: Path, changes: list[dict[str, str]]) -> None:
    check_import(tmp_path, changes)


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=IN_THE_DATABASE)
@given(
    data=st.one_of(st.binary(max_size=300), st.text(max_size=200).map(lambda text: text.encode("utf-16", "replace")))
)
@example(data=b"title;hammer\n" + b"x;" * 5_000)
@example(data=b'title,hammer\n"never closed,5\n')
@example(data=b"PK\3\4not a workbook")
@example(data=b"title\n" + b"x" * 200_000)
def test_any_bytes_are_a_file_or_refused_with_a_sentence(tmp_path: Path, data: bytes) -> None:
    for name in ("lots.csv", "lots.xlsx", "lots.tsv"):
        file = tmp_path / name
        file.write_bytes(data)
        status, said = run_command(file, restart=True)
        assert status in (0, 1, 3), said
        assert "Traceback" not in said
        assert said.strip()


@given(st.text(max_size=40))
@example("9" * 5_000)
@example("1e9")
@example("٣")
def test_any_text_is_an_amount_within_bounds_or_refused(text: str) -> None:
    amount: Any = None
    try:
        amount = parse_amount(text)
    except ValueError as refused:
        said = str(refused)
        assert "is not an amount" in said or "larger than any price" in said
    assert amount is None or (Decimal(0) <= amount <= LARGEST and amount.as_tuple().exponent == -2)


@given(st.text(max_size=30), st.sampled_from(["", "day-first", "month-first"]))
@example("31.12.99999", "")
@example("0.0.0", "day-first")
def test_any_text_is_a_day_or_refused(text: str, order: str) -> None:
    day: Any = None
    try:
        day = parse_date(text, order)
    except ValueError as refused:
        assert str(refused)  # noqa: PT017
    assert day is None or isinstance(day, dt.date)
