"""A house is saved while it runs, wiped out, and brought back: everything is there, and nothing that must not be."""

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import User
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.utils import timezone

from catalog.models import AuditEntry, Item, Photo
from search.backup import database, files, run
from search.backup.manifest import BackupRefused
from search.changes import catalogue_state
from search.fsck.run import check
from search.ingest import embed_pending
from search.models import Enquiry, Feature, IndexBuild, Judgement, Query, QueryPhoto
from search.similar import similar_to_item
from tests.search.sellers import asked
from tests.search.shelf import shelve, shelve_indexed
from tests.search.test_retention import send

pytestmark = pytest.mark.django_db(transaction=True)


def saved(folder: Path, **options: Any) -> str:
    out = StringIO()
    call_command("backup", str(folder), stdout=out, **options)
    return out.getvalue()


def restored(folder: Path, **options: Any) -> str:
    out = StringIO()
    call_command("restore", str(folder), stdout=out, **options)
    return out.getvalue()


def wipe_out() -> None:
    """The machine is lost: a new one has tables, and nothing in them."""
    call_command("flush", verbosity=0, interactive=False)
    for folder in (settings.MEDIA_ROOT, settings.INDEX_DIR):
        shutil.rmtree(folder, ignore_errors=True)


def house() -> dict[str, Any]:
    """All that must be the same afterwards."""
    return {
        "items": list(Item.objects.order_by("pk").values("pk", "title", "hammer", "version")),
        "history": list(Item.history.order_by("history_id").values("history_id", "id", "hammer")),
        "photos": list(Photo.objects.order_by("pk").values("pk", "key", "file", "stored_sha256", "status")),
        "features": [bytes(vector) for vector in Feature.objects.order_by("pk").values_list("vector", flat=True)],
        "users": list(User.objects.order_by("pk").values("pk", "username", "password")),
        "audit": list(AuditEntry.objects.order_by("pk").values("pk", "deed")),
        "files": {photo.file.name: photo.file.open().read() for photo in Photo.objects.all()},
    }


@pytest.fixture
def backup(tmp_path: Path) -> Path:
    return tmp_path / "backup"


def test_a_house_comes_back_as_it_was(backup: Path, cataloguer: User) -> None:
    red = shelve_indexed("red", "red", "blue")[0]
    red.item.hammer = 120
    red.item.save()
    AuditEntry.objects.create(deed="export")
    before, remembered = house(), catalogue_state()
    assert saved(backup).startswith(f"{backup} is whole: the database, and 3 files (")
    assert not [path for path in (backup, *backup.rglob("*")) if path.stat().st_mode & 0o077]  # nobody else reads it
    wipe_out()

    said = restored(backup)

    assert said.endswith("All is back, and every invariant holds.\n")
    assert "3 photos are in the new index." in said
    assert house() == before
    assert catalogue_state() not in (None, remembered)  # what a process remembers of the old house is not believed
    assert check(settled=True).clean
    assert similar_to_item(Item.objects.get(pk=red.item_id)).matches[0].item.title == "red"
    late = shelve("teal")
    assert late.pk > red.pk  # numbers go on where they were
    assert embed_pending() == 1


@pytest.mark.slow
def test_what_was_in_work_is_begun_again_and_old_builds_count_no_more(backup: Path) -> None:
    photo = shelve_indexed("red")[0]
    Photo.objects.filter(pk=shelve("blue").pk).update(
        status="processing", attempts=1, lease_until=timezone.now() + timedelta(hours=1)
    )
    saved(backup)
    wipe_out()
    restored(backup)
    assert list(Photo.objects.order_by("pk").values_list("status", "attempts")) == [("embedded", 0), ("pending", 0)]
    assert IndexBuild.objects.filter(state="ready").count() == 1
    assert photo.pk == Photo.objects.earliest("pk").pk


@pytest.mark.slow
def test_sellers_photos_are_in_no_backup_unless_they_were_sent_to_the_specialists(client: Client, backup: Path) -> None:
    shelve_indexed("red")
    secret, sent = asked(client, "purple"), asked(client, "green")
    send(sent)
    Query.objects.filter(pk=secret.pk).update(words="my grandmother's ring")
    hidden = secret.photos.get()
    saved(backup)

    kept = {path.name for path in backup.rglob("*") if path.is_file()}
    assert f"{hidden.key}.jpg" not in kept
    assert f"{sent.photos.get().key}.jpg" in kept
    whole = b"".join(path.read_bytes() for path in backup.rglob("*") if path.is_file() and path.suffix != ".gz")
    assert b"grandmother" not in whole
    assert str(hidden.key).encode() not in whole
    assert hidden.key.bytes.hex().encode() not in whole

    wipe_out()
    restored(backup)
    assert list(Query.objects.values_list("pk", flat=True)) == [sent.pk]
    assert QueryPhoto.objects.count() == 1
    assert Enquiry.objects.get().query_id == sent.pk


def test_whatever_points_to_rows_that_are_left_out_is_left_out_or_cut() -> None:
    tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    for model in tables.values():
        for field in model._meta.local_fields:
            if field.related_model and field.related_model._meta.db_table in database.LEFT_OUT:
                table = model._meta.db_table
                known = table in database.LEFT_OUT or field.column in database.CUT.get(table, {})
                assert known or table == "search_enquiry", f"{table}.{field.column}"  # what an enquiry names is kept


@pytest.mark.slow
def test_a_judgement_stays_where_the_sellers_photo_that_it_was_about_does_not(
    client: Client, backup: Path, cataloguer: User
) -> None:
    red = shelve_indexed("red")[0]
    hidden = asked(client, "purple").photos.get()
    judgement = Judgement.objects.create(
        query_photo=hidden,
        asked=hidden.query.key,
        item=red.item,
        verdict="alike",
        likeness=0.5,
        encoder="toy",
        by=cataloguer,
    )
    saved(backup)
    wipe_out()
    restored(backup)
    assert Judgement.objects.get(pk=judgement.pk).query_photo is None


@pytest.mark.slow
def test_log_ins_do_not_outlive_a_restore(client: Client, backup: Path, cataloguer: User) -> None:
    client.force_login(cataloguer)
    saved(backup)
    wipe_out()
    restored(backup)
    assert client.get("/").status_code == 302


@pytest.mark.slow
def test_a_full_house_is_not_overwritten_unasked(backup: Path) -> None:
    shelve_indexed("red")
    saved(backup)
    with pytest.raises(CommandError, match=r"This house is not empty: it has 1 items\. Say --replace"):
        restored(backup)
    before = house()
    shelve("blue")
    restored(backup, replace=True)
    assert house() == before


@pytest.mark.slow
def test_photos_that_the_backup_does_not_know_are_not_left_to_the_sweep(backup: Path) -> None:
    shelve_indexed("red")
    saved(backup)
    files_before = shelve("blue").file.name
    call_command("flush", verbosity=0, interactive=False)
    with pytest.raises(CommandError, match=r"which the backup doesn't know\. Empty it\."):
        restored(backup)
    assert default_storage.exists(files_before or "")
    assert not Item.objects.exists()


def test_a_backup_that_was_cut_off_is_never_taken_for_a_whole_one(
    backup: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelve_indexed("red", "blue")
    real, calls = files._copied, []

    def full_disk(*arguments: Any) -> Any:
        calls.append(1)
        if len(calls) > 1:
            raise OSError(28, "No space left on device")
        return real(*arguments)

    monkeypatch.setattr(files, "_copied", full_disk)
    with pytest.raises(CommandError, match=r"No backup was made: .*No space left on device"):
        saved(backup)
    wipe_out()
    with pytest.raises(CommandError, match=r"is no whole backup: it has no manifest\.json, which is written last\."):
        restored(backup)
    with pytest.raises(CommandError, match=r"is not empty\. Name a new folder for each backup"):
        saved(backup)


def damage_manifest(backup: Path) -> None:
    (backup / "manifest.json").write_text("{")


def damage_database(backup: Path) -> None:
    part = next(path for path in (backup / "database").iterdir() if path.stat().st_size > 100)
    content = bytearray(part.read_bytes())
    content[len(content) // 2] ^= 1
    part.write_bytes(content)


def damage_list(backup: Path) -> None:
    with (backup / "files.sha256").open("a") as names:
        names.write("0" * 64 + "  media/ab/other.jpg\n")


@pytest.mark.parametrize("damage", [damage_manifest, damage_database, damage_list])
def test_a_damaged_backup_is_refused_before_anything_is_changed(backup: Path, damage: Callable[[Path], None]) -> None:
    shelve_indexed("red")
    saved(backup)
    wipe_out()
    damage(backup)
    with pytest.raises(CommandError, match=r"can't be read|does not match its checksum"):
        restored(backup)
    assert not Photo.objects.exists()


@pytest.mark.slow
def test_a_rotten_photo_is_told_and_does_not_get_into_the_backup(backup: Path) -> None:
    photo = shelve_indexed("red", "blue")[0]
    Path(photo.file.path).write_bytes(b"rot")
    with pytest.raises(CommandError, match=f"{photo.file.name} is damaged: it is not the file that was stored"):
        saved(backup)
    wipe_out()
    with pytest.raises(CommandError, match="not all is well"):  # the backup is whole but for that photo, and says so
        restored(backup)
    assert [told for told in check().violations["I4"] if str(photo.file.name) in told]


@pytest.mark.slow
def test_a_photo_that_rotted_in_the_backup_is_told(backup: Path) -> None:
    photo = shelve_indexed("red", "blue")[0]
    saved(backup)
    (backup / "media" / str(photo.file.name)).write_bytes(b"rot")
    wipe_out()
    out = StringIO()
    with pytest.raises(CommandError, match="not all is well"):
        call_command("restore", str(backup), stdout=out)
    assert f"{photo.file.name} is damaged in the backup, and was not brought back." in out.getvalue()


@pytest.mark.slow
def test_what_people_delete_while_the_backup_runs_stays_deleted(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    gone, _ = shelve_indexed("red", "blue")
    real = files.save

    def save(*arguments: Any, **options: Any) -> Any:
        gone.delete()  # the database is written down already
        return real(*arguments, **options)

    monkeypatch.setattr(files, "save", save)
    assert "1 files were deleted by people meanwhile." in saved(backup)
    wipe_out()
    restored(backup)
    assert not Photo.objects.filter(key=gone.key).exists()
    assert check().clean


@pytest.mark.slow
def test_a_restore_that_was_cut_off_is_said_again(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelve_indexed("red", "blue")
    before = house()
    saved(backup)
    wipe_out()
    with monkeypatch.context() as patch:
        patch.setattr(database, "load", lambda *arguments: (_ for _ in ()).throw(OSError(5, "unplugged")))
        with pytest.raises(CommandError, match="Say the same again"):
            restored(backup)
    assert not Photo.objects.exists()
    restored(backup)
    assert house() == before


@pytest.mark.slow
def test_photos_may_stay_where_they_are_and_are_then_only_compared(backup: Path) -> None:
    first, second = shelve_indexed("red", "blue")
    before = house()
    saved(backup, photos=False)
    assert not (backup / "media").exists()
    call_command("flush", verbosity=0, interactive=False)
    Path(second.file.path).unlink()
    out = StringIO()
    with pytest.raises(CommandError, match="not all is well"):
        call_command("restore", str(backup), stdout=out)
    assert f"{second.file.name} is missing in the storage, and the backup has no copy of it." in out.getvalue()
    assert Photo.objects.count() == len(before["photos"])
    assert first.file.storage.exists(first.file.name or "")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="looks into the file")
def test_a_backup_of_sqlite_is_one_sound_file(backup: Path) -> None:
    shelve_indexed("red")
    saved(backup)
    with closing(sqlite3.connect(backup / "database" / "hindsight.sqlite3")) as saved_one:
        saved_one.execute("PRAGMA ignore_check_constraints = ON")
        assert saved_one.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        assert saved_one.execute("SELECT count(*) FROM catalog_photo").fetchone() == (1,)


def test_a_backup_of_a_newer_program_is_refused(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelve_indexed("red")
    newer = [*database.applied_migrations(), ["search", "9999_tomorrow"]]
    monkeypatch.setattr(database, "applied_migrations", lambda: newer)
    saved(backup)
    wipe_out()
    with pytest.raises(CommandError, match=r"is of a newer program: it knows search\.9999_tomorrow\. Update this one"):
        restored(backup)


def test_a_backup_of_another_database_is_refused(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shelve_indexed("red")
    saved(backup)
    manifest = (backup / "manifest.json").read_text()
    (backup / "manifest.json").write_text(manifest.replace(f'"{connection.vendor}"', '"oracle"'))
    wipe_out()
    with pytest.raises(CommandError, match=f"The backup is of oracle, but the database here is {connection.vendor}"):
        restored(backup)


def test_no_folder_is_no_backup(tmp_path: Path) -> None:
    with pytest.raises(BackupRefused, match="is no whole backup"):
        run.bring_back(tmp_path / "nothing")
