"""The work of an import: batch after batch, each whole or not at all, from whichever row it had come to."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from catalog.importing.layout import Layout
from catalog.importing.matching import Matched, Matcher
from catalog.importing.photo_files import PhotoFiles
from catalog.importing.receiving import Door
from catalog.importing.rows import Record, RowRefused, read_row
from catalog.importing.saving import Catalogue, Entry
from catalog.importing.survey import Survey
from catalog.importing.table import ImportRefused, Row, Table
from catalog.storage import all_or_nothing

BATCH_ROWS = 50
BATCH_PHOTOS = 60  # their JPEGs are in memory together
MOST_BAD = 10_000
_NO_PHOTOS = Matched((), (), by_column=False)


@dataclass(frozen=True)
class Bad:
    """Something that people must look at: a row, or a photo without one."""

    number: int | None
    reason: str
    cells: tuple[str, ...] = ()


@dataclass(frozen=True)
class Step:
    """What one batch came to."""

    rows_done: int  # every row up to this one is dealt with
    counts: Counter[str] = field(default_factory=Counter)
    bad: tuple[Bad, ...] = ()
    finished: bool = False


@dataclass(frozen=True)
class Job:
    """What is to be imported, and how."""

    table: Table
    layout: Layout
    files: PhotoFiles | None
    survey: Survey
    name: str
    dry_run: bool = False
    user: AbstractBaseUser | None = None


@dataclass
class _Batch:
    last_row: int = 0
    entries: list[Entry] = field(default_factory=list)
    bad: list[Bad] = field(default_factory=list)
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def full(self) -> bool:
        photos = sum(len(entry.matched.photos) for entry in self.entries)
        return self.counts["rows"] >= BATCH_ROWS or photos >= BATCH_PHOTOS

    def refuse(self, row: Row, reason: str, matched: Matched) -> None:
        """The row stays out, and its photos with it."""
        self.counts["bad_rows"] += 1
        names = ", ".join(photo.name for photo in matched.photos)
        self.bad.append(Bad(row.number, f"{reason}; left out with it: {names}" if names else reason, row.cells))

    def complain(self, row: Row, problems: list[str]) -> None:
        """The row went in, but not all of its photos."""
        self.counts["photo_problems"] += len(problems)
        self.bad += [Bad(row.number, f"{problem} (the lot itself is in)", row.cells) for problem in problems]


class OutOfTime(Exception):
    """The deadline came between two batches; the rest waits for another turn."""


def work(job: Job, *, rows_done: int, commit: Callable[[Step], None], deadline: float = float("inf")) -> None:
    """Import every row after `rows_done`. Raises OutOfTime at the deadline (of time.monotonic) where rows are left.

    `commit` is called with each step, inside the transaction that holds what the step did (for a dry run: after it was
    rolled back), so that a kill leaves no step half done and none done but not counted.
    """
    catalogue = Catalogue(dry_run=job.dry_run, user=job.user, reason=f"Import of {job.name}"[:100])
    matcher = Matcher(job.files, job.survey.is_key, one_sale=job.survey.sales <= 1) if job.files else None
    door = Door(job.files) if job.files else None
    bad = 0
    try:
        for batch in _batches(job, matcher, rows_done):
            _receive(batch, catalogue, door)
            _save(batch, catalogue, commit, dry_run=job.dry_run)
            rows_done, bad = batch.last_row, bad + len(batch.bad)
            if bad > MOST_BAD:
                raise ImportRefused(f"More than {MOST_BAD:,} rows or photos are bad: is this the right profile?")
            if time.monotonic() >= deadline:
                raise OutOfTime
        left = matcher.left if matcher else []
        unclaimed = tuple(Bad(None, f"photo {name!r} belongs to no row") for name in left[:MOST_BAD])
        commit(Step(rows_done, Counter(unmatched_photos=len(left)), unclaimed, finished=True))
    finally:
        if door:
            door.close()


def _batches(job: Job, matcher: Matcher | None, rows_done: int) -> Iterator[_Batch]:
    batch = _Batch()
    for row in job.table.rows():
        record, reason = _read(row, job)
        # Rows that are done, and rows that are bad, take their photos too: these don't look as if no row wanted them.
        matched = matcher.match(record) if matcher and record else _NO_PHOTOS
        if row.number <= rows_done:
            continue
        if record and not reason:
            batch.entries.append(Entry(record, matched))
        else:
            batch.refuse(row, reason, matched)
        batch.counts["rows"] += 1
        batch.last_row = row.number
        if batch.full:
            yield batch
            batch = _Batch()
    if batch.counts:
        yield batch


def _read(row: Row, job: Job) -> tuple[Record | None, str]:
    """What the row says, as far as it can be read, and why it must stay out."""
    try:
        record = read_row(row, job.layout)
    except RowRefused as refused:
        return refused.record, str(refused)
    return record, job.survey.repeats(record)


def _receive(batch: _Batch, catalogue: Catalogue, door: Door | None) -> None:
    """The slow part, before the transaction: photos that the items have already are only read."""
    if not door:
        return
    catalogue.load([entry.record for entry in batch.entries], [], lock=False)
    wanted = []
    for entry in batch.entries:
        known = catalogue.known(entry.record)
        wanted += [(photo.name, known) for photo in entry.matched.photos]
    received = iter(door.receive(wanted))
    batch.entries = [
        Entry(entry.record, entry.matched, tuple(next(received) for _ in entry.matched.photos))
        for entry in batch.entries
    ]


def _save(batch: _Batch, catalogue: Catalogue, commit: Callable[[Step], None], *, dry_run: bool) -> None:
    try:
        with all_or_nothing() as stored:
            catalogue.load([entry.record for entry in batch.entries], stored, lock=True)
            for entry in batch.entries:
                _save_entry(entry, batch, catalogue)
            step = Step(batch.last_row, batch.counts, tuple(sorted(batch.bad, key=lambda bad: bad.number or 0)))
            if dry_run:
                transaction.set_rollback(True)
            else:
                commit(step)
    except BaseException:
        catalogue.forget()
        raise
    if dry_run:
        catalogue.forget()
        commit(step)


def _save_entry(entry: Entry, batch: _Batch, catalogue: Catalogue) -> None:
    try:
        outcome = catalogue.save(entry)
    except RowRefused as refused:
        batch.refuse(entry.record.row, str(refused), entry.matched)
        return
    batch.counts[outcome.act] += 1
    batch.counts["photos"] += outcome.photos
    batch.counts["known_photos"] += outcome.known_photos
    batch.complain(entry.record.row, [*entry.matched.problems, *outcome.problems])
