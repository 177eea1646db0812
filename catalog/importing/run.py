"""An import as a row of the database: claimed, taken up again where a kill left it, finished or failed."""

import hashlib
import logging
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, closing, contextmanager
from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import AbstractBaseUser
from django.core.files.storage import default_storage
from django.db.models import Q, QuerySet
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Now

from catalog.importing.layout import Profile, lay
from catalog.importing.photo_files import open_photos
from catalog.importing.profiles import find_profile
from catalog.importing.survey import survey
from catalog.importing.table import ImportRefused
from catalog.importing.tables import open_table
from catalog.importing.work import Job, OutOfTime, Step, work
from catalog.models import BadRow, ImportRun
from catalog.storage import StorageAway

LEASE = timedelta(minutes=5)  # a batch of 60 photos takes seconds
INTERRUPTIONS = 3
AWAY = "The storage of photos could not be reached. What was imported until then stays: try again in some minutes."
log = logging.getLogger(__name__)


class TakenOver(Exception):
    """Another process goes on with this import, or somebody has deleted it: what this one was doing is undone."""

    def __init__(self) -> None:
        super().__init__("This import was taken over by another process, or deleted. The batch at hand was undone.")


def run_pending(seconds: float = 1500) -> int:
    """Run every import that waits, for so long at most; how many were taken up. For the worker."""
    until, taken = time.monotonic() + seconds, 0
    while time.monotonic() < until and (pk := next_pending()):
        run_import(pk, deadline=until)
        taken += 1
    return taken


def next_pending() -> int | None:
    """The oldest import that nobody works on."""
    return _claimable().order_by("pk").values_list("pk", flat=True).first()


def run_import(pk: int, *, deadline: float = float("inf")) -> None:
    """Do this import, or go on with it; silently nothing where it has gone, is done, or is in somebody else's hands."""
    was_running = ImportRun.objects.filter(pk=pk, state=ImportRun.State.RUNNING).exists()
    if not _claimable().filter(pk=pk).update(state=ImportRun.State.RUNNING, lease_until=Now() + LEASE):
        return
    run = ImportRun.objects.get(pk=pk)
    try:
        if was_running:
            _count_interruption(run)
        with local_copy(run.source) as source, local_copy(run.photos) as photos:
            assert source
            carry_out(run, find_profile(run.profile), source, photos, deadline=deadline)
        if run.photos and not run.dry_run:
            _let_go_of_the_zip(run)
    except TakenOver:
        log.info("import %s was taken over or deleted", pk)
    except OutOfTime:
        ImportRun.objects.filter(pk=pk, state=ImportRun.State.RUNNING).update(state=ImportRun.State.PENDING)
    except ImportRefused as refused:
        _fail(run, str(refused))
    except StorageAway as error:
        log.warning("import %s was stopped: %s", pk, error)
        _fail(run, AWAY)
    except Exception:
        _fail(run, "An unexpected error stopped this import. The people who run this site find it in the log.")
        raise


def carry_out(
    run: ImportRun,
    profile: Profile,
    source: Path,
    photos: Path | None,
    *,
    deadline: float = float("inf"),
    watch: Callable[[ImportRun], None] = lambda run: None,
) -> None:
    """Import from the row that the run had come to; `watch` is told after each batch.

    Raises ImportRefused, TakenOver, OutOfTime.
    """

    def commit(step: Step) -> None:
        record_step(run, step)
        watch(run)

    with open_job(
        profile, source, photos, name=run.source_name, fixed=run.fixed, dry_run=run.dry_run, user=run.created_by
    ) as job:
        run.rows_total = job.survey.last_row
        ImportRun.objects.filter(pk=run.pk).update(rows_total=run.rows_total, headers=list(job.layout.headers))
        work(job, rows_done=run.rows_done, commit=commit, deadline=deadline)


@contextmanager
def open_job(
    profile: Profile,
    source: Path,
    photos: Path | None,
    *,
    name: str,
    fixed: Mapping[str, str],
    dry_run: bool = False,
    user: AbstractBaseUser | None = None,
) -> Iterator[Job]:
    """Everything open that an import reads. Raises ImportRefused."""
    table = open_table(source)
    layout = lay(profile, table.headers, fixed)
    with ExitStack() as stack:
        files = stack.enter_context(open_photos(photos)) if photos else None
        look = stack.enter_context(closing(survey(table, layout)))
        yield Job(table, layout, files, look, name, dry_run, user)


def record_step(run: ImportRun, step: Step) -> None:
    """Note in the run what a batch came to, in the batch's transaction. Raises TakenOver where another was quicker."""
    counts = Counter(run.counts) + step.counts
    counts.pop("interruptions", None)
    BadRow.objects.bulk_create(
        BadRow(run=run, number=bad.number, reason=bad.reason, cells=list(bad.cells)) for bad in step.bad
    )
    changes = {"rows_done": step.rows_done, "counts": dict(counts), "lease_until": Now() + LEASE}
    if step.finished:
        changes |= {"state": ImportRun.State.DONE, "lease_until": None, "finished_at": Now()}
    mine = ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.RUNNING, rows_done=run.rows_done)
    if not mine.update(**changes):
        raise TakenOver
    run.rows_done, run.counts = step.rows_done, dict(counts)


@contextmanager
def local_copy(file: FieldFile) -> Iterator[Path | None]:
    """The stored file as one on this machine's disk, None where there is none."""
    if not file:
        yield None
        return
    try:
        path = Path(file.path)
    except NotImplementedError:  # a bucket
        with tempfile.NamedTemporaryFile(prefix="import-", suffix=Path(file.name or "").suffix) as copy:
            with file.open("rb") as source:
                shutil.copyfileobj(source, copy)
            copy.flush()
            yield Path(copy.name)
    else:
        yield path


def command_line_run(
    profile: Profile, source: Path, photos: Path | None, fixed: Mapping[str, str], *, restart: bool
) -> ImportRun:
    """The row of an import by command: that of an interrupted one of the same file and choices, or a new one."""
    with source.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256")
    digest.update(repr((profile, photos and photos.resolve(), sorted(fixed.items()))).encode())
    same = ImportRun.objects.filter(source="", fingerprint=digest.hexdigest(), state=ImportRun.State.RUNNING)
    if restart:
        same.update(state=ImportRun.State.FAILED, message="Begun anew.", finished_at=Now())
    return same.first() or ImportRun.objects.create(
        profile=profile.name,
        source_name=str(source),
        photo_folder=str(photos or ""),
        fixed=dict(fixed),
        fingerprint=digest.hexdigest(),
        state=ImportRun.State.RUNNING,
    )


def _claimable() -> QuerySet[ImportRun]:
    """Runs that the worker may take up: waiting, or left by one that died. Runs of the command line have no source."""
    return ImportRun.objects.exclude(source="").filter(
        Q(state=ImportRun.State.PENDING) | Q(state=ImportRun.State.RUNNING, lease_until__lt=Now())
    )


def _count_interruption(run: ImportRun) -> None:
    """Raises ImportRefused where the run dies again and again at the same batch."""
    run.counts["interruptions"] = run.counts.get("interruptions", 0) + 1
    if run.counts["interruptions"] >= INTERRUPTIONS:
        raise ImportRefused(
            f"This import was interrupted {INTERRUPTIONS} times after row {run.rows_done}. It is stopped."
        )
    ImportRun.objects.filter(pk=run.pk).update(counts=run.counts)


def _let_go_of_the_zip(run: ImportRun) -> None:
    """Its photos are in the catalogue, each by itself; a ZIP may have gigabytes."""
    name = run.photos.name or ""
    ImportRun.objects.filter(pk=run.pk).update(photos="")
    default_storage.delete(name)


def _fail(run: ImportRun, message: str) -> None:
    ImportRun.objects.filter(pk=run.pk, state=ImportRun.State.RUNNING).update(
        state=ImportRun.State.FAILED, message=message[:500], lease_until=None, finished_at=Now()
    )
