"""An import asked for in the admin is a row that a worker takes up, goes on with after a kill, and brings to an end."""

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.files import File
from django.db.models.functions import Now
from django.utils import timezone

from catalog import importing
from catalog.importing import run as runs
from catalog.importing.profiles import HINDSIGHT
from catalog.importing.work import BATCH_ROWS
from catalog.models import ImportRun, Item, Photo
from tests.catalog.factories import ItemFactory
from tests.catalog.importing import lots, write_csv, write_zip

pytestmark = pytest.mark.django_db
ROWS = 2 * BATCH_ROWS + 10


@pytest.fixture
def asked(tmp_path: Path, cataloguer: Any) -> Callable[..., ImportRun]:
    """An import as the admin's form leaves it."""

    def ask(rows: list[dict[str, str]], photos: Path | None = None, **facts: Any) -> ImportRun:
        run = ImportRun(profile="hindsight", source_name="lots.csv", created_by=cataloguer, **facts)
        with write_csv(tmp_path / "lots.csv", rows).open("rb") as source:
            run.source.save("lots.csv", File(source), save=False)
        if photos:
            with photos.open("rb") as archive:
                run.photos.save("photos.zip", File(archive), save=False)
        run.save()
        return run

    return ask


def test_the_worker_brings_a_waiting_import_to_its_end(asked: Callable[..., ImportRun], tmp_path: Path) -> None:
    rows = lots(3)
    rows[1]["hammer"] = "abc"
    run = asked(rows, write_zip(tmp_path / "photos.zip", "vase-1.jpg", "stray.jpg"))
    assert importing.run_pending() == 1
    run.refresh_from_db()
    assert (run.state, run.rows_done, run.rows_total, run.lease_until) == ("done", 4, 4, None)
    assert run.finished_at is not None
    assert run.counts == {
        "rows": 3, "created": 2, "bad_rows": 1, "photos": 1, "photo_problems": 1, "unmatched_photos": 1,
    }  # fmt: skip
    assert [(row.number, row.reason) for row in run.bad_rows.all()] == [
        (3, "hammer price 'abc' is not an amount of money"),
        (4, "photo 'vase-3.jpg' is not among the photos (the lot itself is in)"),
        (None, "photo 'stray.jpg' belongs to no row"),
    ]
    assert importing.run_pending() == 0


def test_who_asked_for_an_import_stands_in_the_history(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(1))
    importing.run_pending()
    record = Item.objects.get().history.get()
    assert (record.history_user, record.history_change_reason) == (run.created_by, "Import of lots.csv")


def test_a_dry_run_leaves_only_its_report(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(ROWS), dry_run=True)
    importing.run_pending()
    run.refresh_from_db()
    assert (run.state, run.counts) == ("done", {"rows": ROWS, "created": ROWS})
    assert Item.objects.count() == 0


def test_an_import_that_another_worker_holds_is_left_alone(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(1))
    ImportRun.objects.update(state="running", lease_until=timezone.now() + dt.timedelta(minutes=1))
    importing.run_import(run.pk)
    assert (importing.next_pending(), Item.objects.count()) == (None, 0)


def test_an_import_of_the_command_line_is_none_of_the_workers_business(db: None) -> None:
    ImportRun.objects.create(profile="hindsight", source_name="lots.csv", state="running", lease_until=Now())
    assert importing.next_pending() is None


def test_a_dead_workers_import_goes_on_where_it_stopped(asked: Callable[..., ImportRun]) -> None:
    """What was done before must not be done again: an item deleted since stays deleted."""
    run = asked(lots(ROWS))
    importing.run_pending(seconds=0)  # takes nothing up: no time
    importing.run_import(run.pk, deadline=0)
    run.refresh_from_db()
    assert (run.state, run.rows_done, Item.objects.count()) == ("pending", BATCH_ROWS + 1, BATCH_ROWS)
    Item.objects.get(source_key="A1-1").delete()
    ImportRun.objects.update(state="running", lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert importing.run_pending() == 1
    run.refresh_from_db()
    assert (run.state, run.counts) == ("done", {"rows": ROWS, "created": ROWS})
    assert Item.objects.count() == ROWS - 1


def test_an_import_that_dies_at_the_same_row_again_and_again_is_stopped(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(1))
    ImportRun.objects.update(
        state="running", lease_until=timezone.now() - dt.timedelta(seconds=1), counts={"interruptions": 2}
    )
    importing.run_pending()
    run.refresh_from_db()
    assert (run.state, Item.objects.count()) == ("failed", 0)
    assert "interrupted 3 times after row 0" in run.message


def test_a_file_that_cannot_be_read_ends_with_the_reason(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(1))
    ImportRun.objects.update(profile="nobody")
    importing.run_pending()
    run.refresh_from_db()
    assert (run.state, "There is no profile “nobody”" in run.message) == ("failed", True)


def test_of_two_processes_only_one_can_bring_a_batch_in(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(ROWS))
    ImportRun.objects.update(state="running")
    run.refresh_from_db()

    def overtake(mine: ImportRun) -> None:
        if mine.rows_done == BATCH_ROWS + 1:
            ImportRun.objects.update(rows_done=2 * BATCH_ROWS + 1)  # the other one was quicker

    with pytest.raises(runs.TakenOver):
        runs.carry_out(run, HINDSIGHT, Path(run.source.path), None, watch=overtake)
    assert Item.objects.count() == BATCH_ROWS


def test_a_deleted_import_stops_at_the_next_batch(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(ROWS))
    ImportRun.objects.update(state="running")
    run.refresh_from_db()
    with pytest.raises(runs.TakenOver):
        runs.carry_out(
            run,
            HINDSIGHT,
            Path(run.source.path),
            None,
            watch=lambda mine: ImportRun.objects.all().delete() and None,
        )
    assert Item.objects.count() == BATCH_ROWS


def test_a_batch_that_fails_leaves_neither_rows_nor_files(
    asked: Callable[..., ImportRun], tmp_path: Path, settings: Any
) -> None:
    run = asked(lots(2), write_zip(tmp_path / "photos.zip", "vase-1.jpg", "vase-2.jpg"))
    ImportRun.objects.update(state="done")  # so that the batch can't be noted
    run.refresh_from_db()
    with pytest.raises(runs.TakenOver):
        runs.carry_out(run, HINDSIGHT, Path(run.source.path), Path(run.photos.path))
    assert (Item.objects.count(), Photo.objects.count()) == (0, 0)
    assert list(Path(settings.MEDIA_ROOT).rglob("*.jpg")) == []


def test_a_file_of_bad_rows_only_is_stopped_early(
    asked: Callable[..., ImportRun], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.importing.work.MOST_BAD", 20)
    run = asked(lots(ROWS, hammer="abc"))
    importing.run_pending()
    run.refresh_from_db()
    assert (run.state, run.bad_rows.count()) == ("failed", BATCH_ROWS)
    assert "is this the right profile?" in run.message


def test_queries_do_not_grow_with_what_is_there_already(
    asked: Callable[..., ImportRun], django_assert_max_num_queries: Any
) -> None:
    asked(lots(BATCH_ROWS))
    importing.run_pending()
    ItemFactory.create_batch(5)
    asked(lots(BATCH_ROWS))
    with django_assert_max_num_queries(25):  # for 50 rows that are as they were
        importing.run_pending()
    assert ImportRun.objects.first().counts == {"rows": BATCH_ROWS, "unchanged": BATCH_ROWS}  # type: ignore[union-attr]


def test_an_import_whose_file_has_vanished_ends_with_the_reason(asked: Callable[..., ImportRun]) -> None:
    run = asked(lots(1))
    run.source.storage.delete(run.source.name or "")
    importing.run_pending()
    run.refresh_from_db()
    assert (run.state, "can't be read: no such file" in run.message) == ("failed", True)
