"""How much of the truth an index finds: stored photos are answered approximately and exactly, and the two compared."""

import logging
import time
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import numpy as np
from django.conf import settings
from django.utils import timezone

from search.index import directory as place
from search.index.base import IndexRefused, Options, Rows, VectorIndex, Vectors
from search.index.exact import ExactIndex
from search.index.reader import Build, open_build, searched_with
from search.models import IndexBuild, RecallCheck

log = logging.getLogger(__name__)
K = 20
# The setting of each engine that trades time for recall, and up to which share of all rows a check may raise it:
# beyond it an answer takes longer than reading every row (docs/benchmarks.md).
_KNOBS: Mapping[str, tuple[str, float]] = {
    "annoy": ("search_k", 1 / 3),
    "signature": ("candidates", 1 / 16),
    "milvus": ("ef", 1 / 16),
}
_PIECE = 16_384  # rows that all questions are compared with at a time
_TIMED = 15  # questions that are answered one by one, to know how long an exact answer takes
_EQUAL = 1e-5  # cosines this near are the same: of equal photos either may be found


@dataclass(frozen=True)
class Recall:
    """Of the exact k nearest the share that was found, over some questions: mean and 5th percentile; and the times."""

    queries: int
    k: int
    mean: float
    fifth_percentile: float
    approximate_ms: float  # medians of one answer
    exact_ms: float


@dataclass(frozen=True, eq=False)
class Truth:
    """Questions whose exact answer is known."""

    rows: Rows  # (q,) of the build that ask
    kth: Vectors  # (q,) cosine of the k-th nearest other row
    k: int
    exact_ms: float


def truth_of(vectors: Vectors, sample: int, k: int = K, seed: int | None = None) -> Truth:
    """Ask `sample` of n ≥ 2 rows (n, dim) exactly for their k nearest others; other rows each time without `seed`.

    A row finds itself, always and at once; so it doesn't count, and k + 1 are asked for.
    """
    rows = np.sort(np.random.default_rng(seed).choice(len(vectors), min(sample, len(vectors)), replace=False))
    k = min(k, len(vectors) - 1)
    _, milliseconds = _ask(ExactIndex(vectors), vectors, rows[:_TIMED], k)
    return Truth(rows, _kth_cosines(vectors, rows, k), k, milliseconds)


def _kth_cosines(vectors: Vectors, rows: Rows, k: int) -> Vectors:
    """The cosine (q,) of each row (q,) with its k-th nearest other of n (n, dim): all questions in one pass."""
    queries = np.array(vectors[rows])
    nearest = np.full((len(rows), k), -2, np.float32)
    for start in range(0, len(vectors), _PIECE):
        scores = queries @ vectors[start : start + _PIECE].T
        (own,) = np.nonzero((rows >= start) & (rows < start + _PIECE))
        scores[own, rows[own] - start] = -2
        both = np.concatenate([nearest, scores], axis=1)
        nearest = np.partition(both, both.shape[1] - k, axis=1)[:, -k:]
    return np.asarray(nearest.min(axis=1))


def measure(index: VectorIndex, vectors: Vectors, truth: Truth) -> Recall:
    """Ask the index the questions whose exact answer is known.

    A row counts as found where its cosine is no less than that of the exact k-th: engines report exact cosines.
    """
    found, milliseconds = _ask(index, vectors, truth.rows, truth.k)
    pairs = zip(found, truth.kth, strict=True)
    shares = np.array([min(1.0, (scores >= kth - _EQUAL).sum() / truth.k) for scores, kth in pairs])
    return Recall(
        queries=len(truth.rows),
        k=truth.k,
        mean=float(shares.mean()),
        fifth_percentile=float(np.percentile(shares, 5)),
        approximate_ms=milliseconds,
        exact_ms=truth.exact_ms,
    )


def check(row: IndexBuild) -> RecallCheck | None:
    """Measure a build as it is searched, harder and harder while it finds less than RECALL_TARGET.

    Each result is kept. The last effort stays: it is noted in the row, where every reader finds it within seconds.
    None where the build can't be opened or holds less than two photos.
    """
    try:
        return _check(row)
    except (IndexRefused, OSError) as error:
        log.warning("The recall of %s can't be checked: %s", row.build_id, error)
        return None


def check_if_due() -> RecallCheck | None:
    """Check the build that serves, if it was not checked for RECALL_CHECK_MINUTES."""
    row = IndexBuild.objects.filter(is_current=True).first()
    if row is None or row.recall_checks.filter(checked_at__gt=_lately()).exists():
        return None
    return check(row)


def shortfall(build_id: str | None) -> str:
    """What is to be said where a build finds less than it should; empty where it finds enough, or nobody has looked."""
    last = RecallCheck.objects.filter(build__build_id=build_id).first() if build_id else None
    if last is None or last.mean >= settings.RECALL_TARGET:
        return ""
    return f"The index finds {percent(last.mean)} of the {last.k} nearest photos; it should find {_target()}."


def percent(share: float) -> str:
    """Never rounded up to 100 %: "99.9 %" may hide a miss, "100.0 %" must not."""
    return f"{np.floor(1000 * share + 1e-6) / 10:.1f} %"


def _check(row: IndexBuild) -> RecallCheck | None:
    directory = settings.INDEX_DIR / row.build_id
    build = open_build(directory, exact_below=settings.EXACT_BELOW)
    if build.size < 2:
        return None
    truth = truth_of(build.vectors, settings.RECALL_SAMPLE)
    for effort in _efforts(build, row.effort):
        build = searched_with(build, directory, effort)
        done = _keep(row, build, measure(build.index, build.vectors, truth))
        if done.mean >= settings.RECALL_TARGET:
            break
    if build.effort != row.effort:
        IndexBuild.objects.filter(pk=row.pk).update(effort=dict(build.effort))
    if place.current(settings.INDEX_DIR) == row.build_id:
        place.nudge(settings.INDEX_DIR)
    _tell(row, done, build)
    return done


def _efforts(build: Build, effort: Options) -> Iterator[Options]:
    """The effort as it is, then doubled again and again up to where it stops to pay; always at least one."""
    yield effort
    knob, share = _KNOBS.get(build.manifest.engine, ("", 0.0))
    now = effort.get(knob, build.manifest.options.get(knob, 0))
    while not build.exact and 0 < 2 * now <= share * build.size:
        now *= 2
        yield {knob: now}


def _keep(row: IndexBuild, build: Build, recall: Recall) -> RecallCheck:
    knob, _ = _KNOBS.get(build.manifest.engine, ("", 0.0))
    searched = {} if build.exact else {**build.manifest.options, **build.effort}
    effort = {name: value for name, value in searched.items() if name == knob}
    return RecallCheck.objects.create(build=row, effort=effort, **asdict(recall))


def _tell(row: IndexBuild, done: RecallCheck, build: Build) -> None:
    if build.effort != row.effort:
        log.warning("Index %s is searched harder now: %s.", row.build_id, dict(build.effort))
    if done.mean < settings.RECALL_TARGET:
        log.warning(
            "Index %s finds %s of the %d nearest photos; it should find %s. Answers take %.1f ms, exact ones %.1f ms.",
            *(row.build_id, percent(done.mean), done.k, _target(), done.approximate_ms, done.exact_ms),
        )


def _ask(index: VectorIndex, vectors: Vectors, rows: Rows, k: int) -> tuple[list[Vectors], float]:
    """Of each row (q,) the cosines (≤ k,) of its nearest others, and the median milliseconds of an answer."""
    answers, took = [], []
    for row in rows.tolist():
        query = np.array(vectors[row])
        began = time.perf_counter()
        found, scores = index.search(query, k + 1)
        took.append(time.perf_counter() - began)
        answers.append(scores[found != row][:k])
    return answers, 1000 * float(np.median(took))


def _target() -> str:
    return percent(settings.RECALL_TARGET)


def _lately() -> datetime:
    return timezone.now() - timedelta(minutes=settings.RECALL_CHECK_MINUTES)
