"""The contest as pictures: recall against time at each size, and how time grows with the number of photos."""

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path

from bench.index.canvas import Axis, Series, Tick, plot
from bench.index.curve import at_recall, worth_it
from bench.index.result import Result
from bench.index.rivals import RIVALS

_LOOKS = {name: look for look, name in enumerate(RIVALS)}
_MISSED = [(0.5, ".5"), (0.2, ".8"), (0.1, ".9"), (0.05, ".95"), (0.02, ".98"), (0.01, ".99"), (0.005, ".995")]
_MISSED += [(0.002, ".998"), (0.001, ".999")]
_ALL_FOUND = 0.001  # beyond this a sample of queries tells nothing
GROWN_AT = 0.99
_MS = Axis("processor time a query, ms (median)", [Tick(10.0**n, f"{10.0**n:g}") for n in range(-2, 4)])


def write_plots(results: Sequence[Result], docs: Path) -> list[Path]:
    """One file a size, `index-<size>.svg`, and of several sizes `index-growth.svg`; the paths, in this order."""
    docs.mkdir(parents=True, exist_ok=True)
    done = [each for each in results if not each.failed]
    written = []
    for size, group in groupby(done, key=lambda each: each.size):
        written.append(docs / f"index-{size}.svg")
        written[-1].write_text(recall_plot(size, list(group)), encoding="utf-8")
    if len({each.size for each in done}) > 1:
        written.append(docs / "index-growth.svg")
        written[-1].write_text(growth_plot(done), encoding="utf-8")
    return written


def recall_plot(size: int, results: Sequence[Result]) -> str:
    """Down and right is better."""
    found = Axis("recall@20", [Tick(missed, label) for missed, label in _MISSED[::-1]], turned=True)
    series = [
        _series(each, [(max(1 - point.recall, _ALL_FOUND), point.core_p50) for point in worth_it(each.points)])
        for each in results
    ]
    return plot(f"{size:,} photos: what is found, and what it costs", found, _MS, series)


def growth_plot(results: Sequence[Result]) -> str:
    """Lines of those that reach the recall at two sizes or more; flatter is better."""
    sizes = sorted({each.size for each in results})
    photos = Axis("photos", [Tick(size, f"{size:,}") for size in sizes])
    series = []
    for name in dict.fromkeys(each.rival for each in results):
        own = [(each, at_recall(each.points, GROWN_AT)) for each in results if each.rival == name]
        points = [(float(each.size), ms) for each, ms in own if ms is not None]
        if len(points) > 1:
            series.append(_series(own[0][0], points))
    return plot(f"Time at a recall of {GROWN_AT:g}, as the catalogue grows", photos, _MS, series)


def _series(result: Result, points: Sequence[tuple[float, float]]) -> Series:
    return Series(result.rival, _LOOKS.get(result.rival, 0), points, bold=result.rival.startswith("ours"))
