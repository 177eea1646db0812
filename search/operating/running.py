"""What the page "Status" shows: sentences about what is out of order, and the course of the last day."""

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from django.conf import settings
from django.db.models import Sum
from django.utils import timezone

from search.charts.day import Line, Plot, plot
from search.models import Measurement
from search.operating.alarms import alarms
from search.operating.readiness import Part, parts
from search.operating.readings import Readings, read

HOURS = 24
BUCKET = timedelta(minutes=15)
_SILENT_SECONDS = 120  # each part gives a sign of life at least each half minute
_LONG_WAIT_SECONDS = 300
_LITTLE_ROOM = 0.05
PEOPLE_CALL = {
    "embedder": "The worker that embeds photos",
    "chores": "The worker for index builds and imports",
    "beat": "The timetable",
}


@dataclass(frozen=True, slots=True)
class Panel:
    """One plot with its heading, its sentence and the table behind it."""

    title: str
    words: str
    plot: Plot


@dataclass(frozen=True, slots=True)
class Process:
    """A process beside the web's, and what was heard from it."""

    name: str
    silent: bool
    words: str


@dataclass(frozen=True, slots=True)
class Running:
    """The whole page."""

    now: Readings
    parts: Sequence[Part]
    processes: Sequence[Process]
    troubles: Sequence[str]  # sentences; empty where everything is in order
    panels: Sequence[Panel]
    at: datetime

    @property
    def in_order(self) -> bool:
        return not self.troubles

    @property
    def measured(self) -> bool:
        """Whether there is anything to plot."""
        return any(not panel.plot.is_empty for panel in self.panels)


def running(at: datetime | None = None) -> Running:
    at = at or timezone.now()
    now, found = read(), parts()
    return Running(now, found, _processes(now), list(_troubles(now, found, at)), panels(at), at)


def _troubles(now: Readings, found: Sequence[Part], at: datetime) -> Iterator[str]:
    """What is out of order, the most urgent first."""
    yield from (part.words for part in found if not (part.ready or part.passing))
    yield from _silence(now)
    if now.oldest_waiting_seconds > _LONG_WAIT_SECONDS and not _is_silent(now, "embedder"):
        yield f"{_wait(now.waiting)}, the oldest for {spelled(now.oldest_waiting_seconds)}."
    yield from alarms()
    broken = _count("responses 5xx", at)
    if broken:
        yield f"{broken} request{'' if broken == 1 else 's'} failed in the last hour: the log says why."
    shed = _count("shed", at)
    if shed:
        yield f"{shed} search{'' if shed == 1 else 'es'} by photo found no room in the last hour: too many at once."
    if now.failed:
        yield f"{_photos(now.failed)} can't be embedded: each says why in the catalogue's list of photos."
    room = shutil.disk_usage(settings.DATA_DIR)
    if room.free < _LITTLE_ROOM * room.total:
        yield f"The disk for photos and index is nearly full: {room.free / 1e9:.1f} GB are left."


def _silence(now: Readings) -> Iterator[str]:
    """ "The worker … has not been heard from for 4 min: 31 photos wait." """
    for part, name in PEOPLE_CALL.items():
        if not _is_silent(now, part):
            continue
        seconds = now.heartbeats.get(part)
        heard = "has never been heard from" if seconds is None else f"has not been heard from for {spelled(seconds)}"
        waits = f": {_wait(now.waiting)}" if now.waiting else ""
        yield f"{name} {heard}{waits if part == 'embedder' else ''}."


def _processes(now: Readings) -> list[Process]:
    heard = {part: now.heartbeats.get(part) for part in PEOPLE_CALL}
    return [
        Process(
            PEOPLE_CALL[part],
            _is_silent(now, part),
            "Never heard from." if seconds is None else f"Last heard from {spelled(seconds)} ago.",
        )
        for part, seconds in heard.items()
    ]


def _is_silent(now: Readings, part: str) -> bool:
    return now.heartbeats.get(part, float("inf")) > _SILENT_SECONDS


def _photos(count: int) -> str:
    return f"{count:,} photo{'' if count == 1 else 's'}"


def _wait(count: int) -> str:
    return f"{_photos(count)} wait{'s' if count == 1 else ''}"


def spelled(seconds: float) -> str:
    """ "50 s", "4 min", "3 h", "5 days"."""
    if seconds < 90:
        return f"{seconds:.0f} s"
    if seconds < 90 * 60:
        return f"{seconds / 60:.0f} min"
    if seconds < 48 * 3600:
        return f"{seconds / 3600:.0f} h"
    return f"{seconds / 86400:.0f} days"


def _count(name: str, at: datetime) -> int:
    """How many in the hour before."""
    lately = Measurement.objects.filter(name=name, taken_at__gt=at - timedelta(hours=1))
    return round(lately.aggregate(sum=Sum("value"))["sum"] or 0)


Fold = Callable[[Sequence[float]], float]


def panels(at: datetime) -> list[Panel]:
    """The plots of the last day."""
    values = _by_bucket(at)

    def line(label: str, name: str, fold: Fold, scale: float = 1.0) -> Line:
        points = [scale * fold(found) if (found := bucket.get(name)) else None for bucket in values]
        return Line(label, points)

    def tally(label: str, start: str, but: str = "") -> Line:
        """What was counted under names that start so: none where only other things were measured."""
        return Line(label, [_summed(bucket, start, but) if bucket else None for bucket in values])

    def drawn(title: str, words: str, unit: str, *lines: Line, from_zero: bool = True) -> Panel:
        return Panel(title, words, plot(lines, at, BUCKET, unit, from_zero=from_zero))

    minutes = BUCKET.total_seconds() / 60
    return [
        drawn(
            "Answers",
            "Searches by photo and by item, in a quarter of an hour, and how many items people opened from them.",
            "",
            tally("found something", "answers found"),
            tally("nothing similar", "answers nothing"),
            tally("failed", "answers failed"),
            tally("opened", "opened"),
        ),
        drawn(
            "Time of an answer",
            "Half of all steps were quicker than this, by step.",
            "ms",
            *(line(step, f"{step} p50", median, 1000) for step in ("read", "embed", "search", "load")),
        ),
        drawn(
            "The slowest in twenty",
            "Nineteen of twenty steps were quicker than this, in the slowest minute.",
            "ms",
            *(line(step, f"{step} p95", max, 1000) for step in ("read", "embed", "search", "load")),
        ),
        drawn(
            "Photos that wait", "The most that waited to be embedded at a time.", "", line("waiting", "waiting", max)
        ),
        drawn(
            "The longest wait",
            "How long the oldest photo waited.",
            "min",
            line("oldest", "oldest waiting", max, 1 / 60),
        ),
        drawn(
            "Photos embedded",
            "A minute, on average over a quarter of an hour.",
            "a min",
            line("embedded", "embedded", sum, 1 / minutes),
        ),
        drawn(
            "Photos beside the index",
            "Embedded since the index was built; a build takes them in.",
            "",
            line("beside the index", "hot", max),
        ),
        drawn(
            "Age of the index",
            "Since its last build. Where nothing is new, nothing is built.",
            "h",
            line("age", "index age", max, 1 / 3600),
        ),
        drawn(
            "What the index finds",
            f"Of 100 photos that comparing everything would give; the house wants {100 * settings.RECALL_TARGET:.0f}.",
            "",
            line("found", "recall", min, 100),
            from_zero=False,
        ),
        drawn(
            "Price ranges",
            "Given, and refused for want of evidence, in a quarter of an hour.",
            "",
            tally("given", "ranges given"),
            tally("refused", "ranges ", but="ranges given"),
        ),
        drawn(
            "Photos refused",
            "Files that were no photo, damaged or too large, in a quarter of an hour.",
            "",
            tally("refused", "photos ", but="photos clean"),
        ),
        drawn(
            "Requests that failed",
            "Answered with a status of 500 and above (a 503 says: come back in a moment), in a quarter of an hour.",
            "",
            tally("failed", "responses 5xx"),
            tally("sent away", "shed"),
        ),
    ]


def _summed(bucket: Mapping[str, list[float]], start: str, but: str) -> float:
    return sum(sum(values) for name, values in bucket.items() if name.startswith(start) and name != but)


def _by_bucket(at: datetime) -> list[dict[str, list[float]]]:
    """The last day's values by name, in quarters of an hour, the oldest first."""
    count = round(timedelta(hours=HOURS) / BUCKET)
    since = at - timedelta(hours=HOURS)
    buckets: list[dict[str, list[float]]] = [{} for _ in range(count)]
    rows = Measurement.objects.filter(taken_at__gt=since, taken_at__lte=at).values_list("name", "taken_at", "value")
    for name, taken_at, value in rows.iterator():
        place = min(count - 1, int((taken_at - since) / BUCKET))
        buckets[place].setdefault(name, []).append(value)
    return buckets
