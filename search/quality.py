"""What the page "Quality" shows: how good the search proved, over time, by recipe and category, and what serves."""

import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

from catalog.models import Category
from search.charts.plots import Course, Dot, Share, Whisker, course, diagram, whisker
from search.evaluation.bootstrap import Interval
from search.evaluation.measures import Bin
from search.evaluation.words import finds_first, of_hundred
from search.models import Calibration, Evaluation, IndexBuild, Network, RecallCheck, TrainedHead

RUNS, CHECKS, LEARNED = 40, 30, 10
KINDS = {"first": "the very object", "alike": "the same kind of thing"}


@dataclass(frozen=True)
class Line:
    """One recipe in one run; of what an older version didn't measure there is none."""

    recipe: str
    name: str
    photos: int
    is_sample: bool
    serves: bool
    measures: Mapping[str, Interval]
    first: Whisker
    calibration_error: float | None = None
    embed_ms: float | None = None
    search_ms: float | None = None
    index_bytes: int | None = None


@dataclass(frozen=True)
class CategoryLine:
    """The serving recipe on one category's photos."""

    category: str
    queries: int
    objects: int
    measures: Mapping[str, Interval]
    first: Whisker


@dataclass(frozen=True)
class Run:
    """One evaluation."""

    row: Evaluation
    lines: list[Line]  # of all photos
    sample: list[Line]  # of a part of them
    by_category: list[CategoryLine]
    serving: Line | None

    @property
    def sentences(self) -> list[str]:
        return _sentences(self)

    @property
    def is_judged(self) -> bool:
        return any("agreed" in line.measures for line in self.lines)

    @property
    def tells(self) -> bool:
        return any("told_1" in line.measures for line in self.lines)

    @property
    def columns(self) -> int:
        return 12 + 2 * self.tells + self.is_judged

    @property
    def left_out(self) -> Mapping[str, str]:
        return dict(self.row.facts.get("left_out", {}))


@dataclass(frozen=True)
class Reliability:
    """What was promised beside what came true, for one kind of probability."""

    kind: str
    words: str
    bins: list[Bin]
    dots: list[Dot]
    error: float


@dataclass(frozen=True)
class Quality:
    """The whole page."""

    run: Run | None
    history: list[Run]  # of the same questions, the newest first
    others: list[Evaluation]  # the newest of each other set of questions
    course: Course | None
    build: IndexBuild | None
    calibration: Calibration | None
    reliability: list[Reliability]
    checks: list[RecallCheck]
    recall: Course | None
    target: float
    heads: list[TrainedHead]
    networks: list[Network]


def quality(key: uuid.UUID | None = None) -> Quality | None:
    """The page about the evaluation called `key`, or the newest; None where there is no such evaluation."""
    rows = list(Evaluation.objects.all()[: 2 * RUNS])
    names = dict(Category.objects.values_list("slug", "name"))
    chosen = next((row for row in rows if row.key == key), None) if key else next(iter(rows), None)
    if key and chosen is None:
        return None
    history = [_run(row, names) for row in rows if chosen and row.dataset == chosen.dataset][:RUNS]
    build = IndexBuild.objects.filter(is_current=True).first()
    calibration = _calibration(build)
    checks = list(RecallCheck.objects.select_related("build")[:CHECKS])
    return Quality(
        run=next((run for run in history if run.row == chosen), None),
        history=history,
        others=_others(rows, chosen),
        course=_over_time(history),
        build=build,
        calibration=calibration,
        reliability=_reliability(calibration),
        checks=checks,
        recall=_recall(checks),
        target=settings.RECALL_TARGET,
        heads=list(TrainedHead.objects.defer("content")[:LEARNED]),
        networks=list(Network.objects.all()[:LEARNED]),
    )


def _run(row: Evaluation, names: Mapping[str, str]) -> Run:
    serving = row.facts.get("serving", "")
    lines = [_line(each, serving) for each in row.rows]
    whole = [line for line in lines if not line.is_sample]
    by_category = [
        CategoryLine(
            names.get(each["category"], each["category"]),
            each["queries"],
            each["objects"],
            measures,
            whisker(measures["first"]),
        )
        for each in row.by_category
        if (measures := _intervals(each["measures"].get(serving, {})))
    ]
    served = next((line for line in whole if line.serves), None)
    return Run(row, whole, [line for line in lines if line.is_sample], by_category, served)


def _line(row: Mapping[str, Any], serving: str) -> Line:
    measures = _intervals(row["measures"])
    kept = {name: row[name] for name in Line.__dataclass_fields__ if name in row}
    serves = row["recipe"] == serving
    return Line(**kept | {"measures": measures, "first": whisker(measures["first"]), "serves": serves})


def _intervals(measures: Mapping[str, Mapping[str, float]]) -> dict[str, Interval]:
    return {name: Interval(**each) for name, each in measures.items()}


def _sentences(run: Run) -> list[str]:
    """What a member of staff wants to know first, most important first."""
    if run.serving is None:
        return []
    found, k = run.serving.measures, run.row.facts["k"]
    said = [finds_first(found["first"])]
    said.append(f"Of 100 other photos of their object, {of_hundred(found['recall'])} are among the first {k}.")
    if "category_1" in found:
        said.append(
            f"For {of_hundred(found['category_1'])} of 100 the most alike other object is of the right category; "
            f"for {of_hundred(found['category_3'])} the right one is among the first three."
        )
    if (error := run.serving.calibration_error) is not None:
        said.append(f"The probability beside a first answer is off by {100 * error:.0f} in 100 on average.")
    return said


def _others(rows: Sequence[Evaluation], chosen: Evaluation | None) -> list[Evaluation]:
    newest: dict[str, Evaluation] = {}
    for row in rows:
        newest.setdefault(row.dataset, row)
    return [row for dataset, row in newest.items() if chosen and dataset != chosen.dataset]


def _over_time(history: Sequence[Run]) -> Course | None:
    firsts = [(run.row.at, run.serving.measures["first"]) for run in reversed(history) if run.serving]
    shares = [Share(first, _when(at), finds_first(first)) for at, first in firsts]
    return course(shares) if shares else None


def _recall(checks: Sequence[RecallCheck]) -> Course | None:
    shares = [
        Share(
            Interval(check.mean, check.fifth_percentile, check.mean), _when(check.checked_at), f"{check.mean:.1%} found"
        )
        for check in reversed(checks)
    ]
    return course(shares, settings.RECALL_TARGET) if shares else None


def _calibration(build: IndexBuild | None) -> Calibration | None:
    """What the page of answers goes by: of the head that serves, else of another on the same network."""
    if build is None:
        return None
    known = list(Calibration.objects.filter(encoder=build.encoder)[:RUNS])
    return next((row for row in known if row.head == build.head), next(iter(known), None))


def _reliability(calibration: Calibration | None) -> list[Reliability]:
    found: list[Reliability] = []
    if calibration is None:
        return found
    for kind, words in KINDS.items():
        facts = calibration.facts.get(kind, {})
        bins = [Bin(**each) for each in facts.get("reliability", [])]
        if bins:
            found.append(Reliability(kind, words, bins, diagram(bins), facts["calibration_error"]))
    return found


def _when(at: datetime) -> str:
    return f"{timezone.localtime(at):%-d %b %Y, %H:%M}"
