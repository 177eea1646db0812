"""The order of a backup and of a restore: what can be cut off at any moment and is then not taken for whole."""

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection

from catalog.models import Item, Photo
from search import retention
from search.backup import database, files
from search.backup.manifest import DATABASE, MEDIA_LIST, BackupRefused, Manifest, digest_of
from search.fsck.run import Report, check
from search.models import Heartbeat, IndexBuild
from search.rebuild import rebuild_index

State = IndexBuild.State
_TABLES = {"catalog_item", "catalog_photo", "auth_user"}


def make(folder: Path, *, inside: bool | None = None) -> Manifest:
    """Save the house into a new folder, while it runs. `inside`: with the photos; by default unless in a bucket.

    First the database, then the files: a photo's file is never changed, so each row has its file. The manifest comes
    last. Raises BackupRefused, OSError, DatabaseError; what is in the folder is then no backup.
    """
    if folder.exists() and any(folder.iterdir()):
        raise BackupRefused(f"{folder} is not empty. Name a new folder for each backup.")
    before = os.umask(0o077)  # names, prices and password hashes are for the owner's eyes
    try:
        return _make(folder, not settings.S3_BUCKET if inside is None else inside)
    finally:
        os.umask(before)


def _make(folder: Path, inside: bool) -> Manifest:
    folder.mkdir(parents=True, exist_ok=True)
    made_at, migrations = datetime.now(UTC).isoformat(timespec="seconds"), database.applied_migrations()
    with database.dumped(folder) as (tables, known):
        copied = files.save(folder, known, inside=inside)
    parts = [*sorted((folder / DATABASE).iterdir()), folder / MEDIA_LIST]
    manifest = Manifest(
        made_at=made_at,
        vendor=connection.vendor,
        migrations=migrations,
        tables=tables,
        files={str(path.relative_to(folder)): digest_of(path) for path in parts},
        photos=copied.count,
        photo_bytes=copied.bytes,
        photos_inside=inside,
        gone=copied.gone,
        damaged=copied.damaged,
    )
    manifest.write(folder)
    return manifest


def bring_back(folder: Path, *, replace: bool = False, told: Callable[[str], None] = lambda words: None) -> Report:
    """Make this house the one that was saved, build its index from the stored features, and look at every invariant.

    Into an empty house only, unless `replace`. Cut off, it may be said again. Raises BackupRefused, and has then
    changed nothing but files that were missing.
    """
    manifest = Manifest.read(folder)
    if not replace and (what := _what_is_here()):
        raise BackupRefused(f"This house is not empty: it has {what}. Say --replace to put the backup in its place.")
    if not replace:
        files.refuse_strangers(folder)
    told(f"{manifest.photos:,} files")
    problems = files.bring_back(folder, inside=manifest.photos_inside, replace=replace, told=lambda count: None)
    for problem in problems:
        told(problem)
    told("the database")
    database.load(folder, manifest)
    _begin_anew(manifest)
    told("the index")
    told(rebuild_index(afresh=True).message)
    return check()


def _what_is_here() -> str:
    with connection.cursor() as cursor:
        there = set(connection.introspection.table_names(cursor))
    if not there >= _TABLES:
        return ""
    for model, what in ((Item, "items"), (Photo, "photos"), (User, "users")):
        if count := model.objects.count():
            return f"{count:,} {what}"
    return ""


def _begin_anew(manifest: Manifest) -> None:
    """What was true of the processes and the disk of that day is true no more."""
    Photo.objects.filter(file__in=manifest.gone).delete()
    Photo.objects.filter(status=Photo.Status.PROCESSING).retry()
    Heartbeat.objects.all().delete()
    IndexBuild.objects.filter(state=State.READY).update(state=State.RETIRED)
    IndexBuild.objects.filter(state=State.BUILDING).update(state=State.FAILED, error="It was never finished.")
    IndexBuild.objects.update(is_current=False, withdrawn_at=None)
    retention.sweep()  # what has had its time since then
