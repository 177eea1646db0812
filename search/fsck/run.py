"""Goes through all invariants, keeps a bounded number of sentences, mends what may be mended."""

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from catalog import soundness
from catalog.soundness import Looked, Violation
from catalog.strays import DAMAGED, ORPHAN_AFTER, PHOTOS
from search.fsck import embedding
from search.fsck.index import index, rebuild
from search.shelves import QUERIES, WORKFILES

INVARIANTS = {
    "I1": "each photo has a row, a file and the right checksum",
    "I2": "each photo ends searchable or failed with a reason",
    "I3": "one sound feature of each photo and network",
    "I4": "no file without a row, no row without a file",
    "I5": "the index holds all that is searchable, and only that is found",
    "I6": "no answer mixes two networks",
    "I7": "items and prices are as they were last saved",
}
_TOLD = 100  # sentences kept of each invariant; the others are counted


@dataclass
class Report:
    """What was looked at and what was wrong; `mended` has a sentence for each thing that was put right."""

    looked: Looked = field(default_factory=Counter)
    violations: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in INVARIANTS})
    counts: Counter[str] = field(default_factory=Counter)
    mended: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def clean(self) -> bool:
        return not self.counts.total()

    def note(self, violation: Violation) -> None:
        self.counts[violation.invariant] += 1
        if len(told := self.violations[violation.invariant]) < _TOLD:
            told.append(violation.sentence)

    def as_json(self) -> dict[str, Any]:
        return {
            "clean": self.clean,
            "looked_at": dict(self.looked),
            "violations": {name: self.counts[name] for name in INVARIANTS},
            "sentences": {name: told for name, told in self.violations.items() if told},
            "mended": self.mended,
            "seconds": round(self.seconds, 2),
        }


def check(*, deep: bool = True, settled: bool = False, repair: bool = False) -> Report:
    """Look at everything; not `deep`: sizes for checksums and no feature read; `settled`: no photo may wait any more.

    It changes nothing unless `repair`, and may run beside the house.
    """
    report, began, rebuilt = Report(), time.monotonic(), False
    for violation in _all(report.looked, deep=deep, settled=settled):
        report.note(violation)
        if not repair or violation.mend is None or (violation.mend is rebuild and rebuilt):
            continue
        rebuilt |= violation.mend is rebuild
        _remember(report, violation, violation.mend)
    report.seconds = time.monotonic() - began
    return report


def _remember(report: Report, violation: Violation, mend: Callable[[], str]) -> None:
    try:
        said = mend()
    except OSError as error:  # a storage that is away: the others may still be mended
        said = f"That could not be put right: {error}"
    if len(report.mended) < _TOLD * len(INVARIANTS):
        report.mended.append(f"{violation.sentence} {said}")


def _all(looked: Looked, *, deep: bool, settled: bool) -> Iterator[Violation]:
    before = timezone.now() - ORPHAN_AFTER
    yield from soundness.database(looked)
    yield from soundness.photo_files(looked, deep=deep)
    for shelf in (PHOTOS, DAMAGED, QUERIES, WORKFILES):
        yield from soundness.stray_files(looked, shelf, before)
    yield from soundness.stray_imports(before)
    yield from embedding.asked_files(looked)
    yield from embedding.ends(looked, settled=settled)
    yield from embedding.features(looked, deep=deep)
    yield from embedding.one_network(looked)
    yield from index(looked, deep=deep)
    yield from soundness.prices(looked)
