"""The write side of the index: one build at a time, from the database's features to a verified, current directory."""

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from catalog.logs import id_ranges
from catalog.models import Photo
from search import features, recall
from search.heads.inheritance import choose_head, inherit
from search.heads.serving import rebuild_reason
from search.index import builder
from search.index import directory as place
from search.index.builder import Recipe
from search.index.choice import engine_for, options_of
from search.index.lock import rebuild_lock
from search.index.manifest import Manifest
from search.models import Feature, IndexBuild
from search.networks import wanted_setting
from search.wanted import current_build, held_back, wanted_encoder

log = logging.getLogger(__name__)
State = IndexBuild.State
_NAMED = 1_000  # photos that the log line of a build names one by one


@dataclass(frozen=True)
class RebuildReport:
    """What a rebuild came to: `build_id` is empty where there was nothing to do, and `message` says why."""

    build_id: str
    photos: int
    message: str


def rebuild_index(*, afresh: bool = False) -> RebuildReport:
    """Build, verify and switch to a new index; at once back with "already running" where another holder is at it.

    Rows that the same head has projected before are copied from the index that serves, unless `afresh`; whitening is
    then fitted anew too. Raises BuildFailed (or HeadError, OSError, DatabaseError); the index that serves goes on
    serving then.
    """
    with rebuild_lock(settings.INDEX_DIR) as held:
        if not held:
            return RebuildReport("", 0, "A rebuild is already running.")
        _tidy()
        encoder, setting = _encoder_to_build()
        up_to = features.newest(encoder)
        if not Feature.objects.filter(encoder=encoder, id__lte=up_to).exists():
            return RebuildReport("", 0, "There is no embedded photo yet: nothing to index.")
        report = _build(encoder, setting, up_to, None if afresh else current_build())
        _tidy()
        _tell_sqlite_how_the_rows_lie()
        return report


def rebuild_due() -> str:
    """Why a rebuild is due, in words; empty where none is."""
    if not Feature.objects.exists():
        return ""
    current = current_build()
    if current is None:
        return "There is no index in use."
    if reason := rebuild_reason(current.encoder, current.head):
        return reason
    changes = Feature.objects.filter(encoder=current.encoder, id__gt=current.max_feature_id).count()
    # A twentieth of a big index: the hot part is searched exactly, so waiting costs milliseconds, building minutes.
    if changes >= max(settings.REBUILD_AFTER_CHANGES, current.photo_count // 20):
        return f"{changes} photos were embedded since the last build."
    age = timezone.now() - (current.finished_at or current.started_at)
    if changes and age > timedelta(minutes=settings.REBUILD_AFTER_MINUTES):
        return f"{changes} photos were embedded since the last build, {int(age.total_seconds() // 60)} minutes ago."
    newest = Feature.objects.order_by("-id").values_list("encoder", flat=True).first()
    if newest and newest != current.encoder and not held_back(newest) and not lacking(newest):
        return f"Every photo is embedded with {newest} now."
    return ""


def lacking(encoder: str) -> int:
    """How many searchable photos have no feature of `encoder` yet."""
    has = Feature.objects.filter(encoder=encoder).values("photo_id")
    return Photo.objects.filter(status=Photo.Status.EMBEDDED).exclude(pk__in=has).count()


def _encoder_to_build() -> tuple[str, str]:
    """The network to build for and its setting: the wanted one once all photos have its features, else what serves."""
    wanted, current = wanted_encoder().name, current_build()
    if current and current.encoder != wanted and (held_back(wanted) or lacking(wanted)):
        return current.encoder, current.manifest["encoder_setting"]
    return wanted, wanted_setting()


def _build(encoder: str, setting: str, up_to: int, before: IndexBuild | None) -> RebuildReport:
    count = Feature.objects.filter(encoder=encoder, id__lte=up_to).count()
    engine = engine_for(count)
    row = IndexBuild.objects.create(build_id=place.new_build_id(), engine=engine, encoder=encoder)
    try:
        chosen = choose_head(encoder, up_to, before)
        builder.check_room(settings.INDEX_DIR, count, chosen.head.dim)
        kept = inherit(encoder, chosen.head, before)
        manifest = builder.build(
            settings.INDEX_DIR,
            row.build_id,
            chosen.head,
            Recipe(encoder, setting, engine, options_of(engine), up_to),
            _batches(encoder, kept.up_to, up_to, chosen.head.width),
            kept.rows(),
        )
    except Exception as error:
        log.exception("Index build %s failed.", row.build_id)
        IndexBuild.objects.filter(pk=row.pk).update(state=State.FAILED, finished_at=Now(), error=str(error)[:500])
        raise
    _switch(row, manifest, chosen.seen_up_to, before)
    return RebuildReport(
        row.build_id, manifest.count, f"{manifest.count} photos are in the new index.{_still(encoder)}"
    )


def _still(encoder: str) -> str:
    wanted = wanted_encoder().name
    if encoder == wanted:
        return ""
    if held_back(wanted):
        return f" It was made with {encoder}: the house went back from {wanted}."
    return f" It was made with {encoder}: {lacking(wanted)} photos are yet to be embedded with {wanted}."


def _batches(encoder: str, after: int, up_to: int, width: int) -> Iterator[builder.Batch]:
    for batch in features.after(encoder, after, width, up_to):
        yield batch.photo_ids, batch.features


def _switch(row: IndexBuild, manifest: Manifest, head_up_to: int, before: IndexBuild | None) -> None:
    """First the row, then the pointer: a reader trusts only builds that the database knows to be ready.

    In between its recall is measured, so that nobody searches it with too little effort.
    """
    IndexBuild.objects.filter(pk=row.pk).update(
        state=State.READY,
        head=manifest.head,
        photo_count=manifest.count,
        max_feature_id=manifest.max_feature_id,
        head_up_to=head_up_to,
        manifest={**manifest.as_json(), "canaries": []},
        finished_at=Now(),
    )
    recall.check(row)
    place.point_to(settings.INDEX_DIR, row.build_id)
    mark_current(row.build_id)
    _tell(row.build_id, manifest, before)


def _tell(build_id: str, manifest: Manifest, before: IndexBuild | None) -> None:
    """Which photos are in an index for the first time: with this line each one's way through the house is complete."""
    known = before.max_feature_id if before and before.encoder == manifest.encoder else 0
    rows = Feature.objects.filter(encoder=manifest.encoder, id__gt=known, id__lte=manifest.max_feature_id)
    new = list(rows.order_by("photo_id").values_list("photo_id", flat=True))
    log.info(
        "Index %s serves: %d photos, new in it %s.",
        *(build_id, manifest.count, id_ranges(new) or "none"),
        extra={"build": build_id, "photos": new[:_NAMED]},
    )


def mark_current(build_id: str) -> None:
    """Let the row say what the pointer says."""
    with transaction.atomic():
        IndexBuild.objects.filter(is_current=True).exclude(build_id=build_id).update(is_current=False)
        IndexBuild.objects.filter(build_id=build_id, state=State.READY).update(is_current=True)


def _tell_sqlite_how_the_rows_lie() -> None:
    """PostgreSQL keeps its statistics by itself; SQLite guesses, and reads every photo for any filter, until told.

    At 100,000 photos this takes 20 ms, and a filter that lets one item in a hundred through 8 ms instead of 57.
    """
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA analysis_limit = 1000")
            cursor.execute("ANALYZE")


def _tidy() -> None:
    """What a killed builder left, and builds beyond the last three. Only under the lock."""
    IndexBuild.objects.filter(state=State.BUILDING).update(
        state=State.FAILED, finished_at=Now(), error="The process was stopped before the build was complete."
    )
    if pointed_at := place.current(settings.INDEX_DIR):
        mark_current(pointed_at)  # a builder may have been killed between the pointer and its row
    good = IndexBuild.objects.filter(state=State.READY).order_by(F("withdrawn_at").asc(nulls_first=True), "-started_at")
    removed = place.sweep(settings.INDEX_DIR, list(good.values_list("build_id", flat=True)))
    IndexBuild.objects.filter(build_id__in=removed, state=State.READY).update(state=State.RETIRED)
