"""What a walk forward came to, as plain data for the database: by way, category, price, time; money as text."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from itertools import pairwise
from math import log
from typing import Any

import numpy as np

from catalog.models import Category
from search.backtesting.attributed import measured_attribution
from search.backtesting.baselines import CATEGORY, HOUSE, baselines
from search.backtesting.drift import WINDOW_DAYS, Watched, as_served, watched
from search.backtesting.measures import Answers, Bools, Float64, Ints, less_error, measured
from search.backtesting.walk import Walked
from search.evaluation.bootstrap import DRAWS
from search.pricing import COVERAGE
from search.pricing.model import FACTS, PHOTO

MOST_POINTS = 400  # of the scatter plot
_FEWEST = 10  # lots, below which a category has no line of its own
_FEWEST_A_PERIOD = 20
_BANDS = 6
_PART_DRAWS = 200  # of a category, band or quarter: there are many of them
_ROUND = (1, 2, 5)


@dataclass(frozen=True, eq=False)
class Table:
    """n lots and what each way said of them."""

    truth: Float64  # (n,)
    objects: Ints  # (n,)
    ways: Mapping[str, Answers]

    def where(self, chosen: Bools, names: Sequence[str] | None = None) -> "Table":
        ways = {name: self.ways[name].where(chosen) for name in names or self.ways}
        return Table(self.truth[chosen], self.objects[chosen], ways)

    def measured(self, draws: int = DRAWS) -> dict[str, Any]:
        return {name: measured(self.truth, answers, self.objects, draws=draws) for name, answers in self.ways.items()}


def report(walked: Walked) -> dict[str, Any]:
    """All measures of a walk; our own ranges as they would have been served, widened where drift was proven."""
    levels = walked.plan.levels
    level = levels.index(COVERAGE) if COVERAGE in levels else len(levels) - 1
    served = {name: as_served(walked.truth, answers, level, walked.days) for name, answers in walked.answers.items()}
    usual = baselines(walked.house, walked.asked, walked.plan.currency, levels)
    usual = {name: answers for name, answers in usual.items() if answers.answered.any()}
    table = Table(walked.truth, walked.objects, served | usual)
    shown = [name for name in (PHOTO, FACTS, CATEGORY, HOUSE) if name in table.ways]
    lots = walked.lots
    return {
        "asked": {
            "lots": len(lots),
            "of": walked.of,
            "objects": len(np.unique(walked.objects)),
            "house": len(walked.house.lots),
        },
        "level": level,
        "fitted": [
            {"on": each.on.isoformat(), "lots": each.lots, "model": each.model.name if each.model else ""}
            for each in walked.fitted
        ],
        "ways": table.measured(),
        "unwatched": {
            name: measured(walked.truth, answers, walked.objects).get("ranges", [])
            for name, answers in walked.answers.items()
        },
        "beside": {name: _beside(table, name, list(usual), level) for name in (PHOTO, FACTS)},
        "categories": list(_by_category(table, [lot.facts.category for lot in lots], shown)),
        "bands": list(_by_band(table, shown)),
        "periods": list(_by_period(table, walked.days, shown)),
        "offered_before": {
            "only": _part(table, walked.offered_before, shown),
            "without": _part(table, ~walked.offered_before, shown),
        },
        "recent": _recent(table, walked.days, level),
        "drift": _drift(walked, level),
        "attribution": measured_attribution(walked.attributed, walked.objects),
        "points": {name: _points(table, name, level) for name in (FACTS, PHOTO)},
    }


def _part(table: Table, chosen: Bools, names: Sequence[str]) -> dict[str, Any]:
    return {
        "lots": int(chosen.sum()),
        "ways": table.where(chosen, names).measured(_PART_DRAWS) if chosen.any() else {},
    }


def _beside(table: Table, ours: str, others: Sequence[str], level: int) -> dict[str, Any]:
    """Our way and each other one on the lots that both answered."""
    found = {}
    for other in others:
        both = table.ways[ours].answered & table.ways[other].answered
        if not both.any():
            continue
        some = table.where(both, [ours, other])
        mine, theirs = (np.abs(some.ways[name].middle - some.truth) for name in (ours, other))
        found[other] = {
            "lots": int(both.sum()),
            "less_error": asdict(less_error(mine, theirs, some.objects)) if np.median(theirs) > 0 else None,
            "ranges": {
                name: measured(some.truth, some.ways[name], some.objects, draws=_PART_DRAWS)["ranges"]
                for name in (ours, other)
            },
            "width": _width_beside(some.ways[ours], some.ways[other], level),
        }
    return found


def _width_beside(ours: Answers, theirs: Answers, level: int) -> float | None:
    """The median high over low of our ranges as a share of the other's."""
    if not theirs.levels:
        return None
    mine, other = (np.nanmedian(each.high[:, level] - each.low[:, level]) for each in (ours, theirs))
    return float(np.exp(mine - other))


def _by_category(table: Table, categories: Sequence[int | None], names: Sequence[str]) -> Iterator[dict[str, Any]]:
    titles = dict(Category.objects.values_list("pk", "name"))
    held = np.array([-1 if category is None else category for category in categories])
    kinds, counts = np.unique(held, return_counts=True)
    for place in np.argsort(-counts, kind="stable").tolist():
        if counts[place] >= _FEWEST:
            kind = int(kinds[place])
            part = _part(table, held == kind, names)
            yield {"category": kind if kind >= 0 else None, "name": titles.get(kind, "Without a category"), **part}


def _by_band(table: Table, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """By what the lots fetched, and for our own ways also by what had been estimated.

    Among lots of one hammer price the dearest were as a rule estimated too low and the cheapest too high, however good
    the ranges are; among those of one estimate a good range holds its promise, and that is what its reader sees.
    """
    edges = band_edges(table.truth)
    ends = [-np.inf, *np.log(edges).tolist(), np.inf]
    for place, (low, high) in enumerate(pairwise(ends)):
        inside = _within(table.truth, low, high)
        estimated = {}
        for name in (PHOTO, FACTS):
            chosen = _within(np.nan_to_num(table.ways[name].middle, nan=-1e9), max(low, -1e8), high)
            if chosen.any():
                estimated[name] = table.where(chosen, [name]).measured(_PART_DRAWS)[name]
        yield {
            "from": str(edges[place - 1]) if place else None,
            "to": str(edges[place]) if place < len(edges) else None,
            "estimated": estimated,
            **_part(table, inside, names),
        }


def _within(values: Float64, low: float, high: float) -> Bools:
    return np.asarray((values >= low - 1e-9) & (values < high - 1e-9))


def band_edges(truth: Float64) -> list[int]:
    """Round prices (1, 2 and 5 times a power of ten) that part n log prices into at most six bands alike in size."""
    quantiles = np.exp(np.quantile(truth, np.arange(1, _BANDS) / _BANDS))
    return sorted({_rounded(price) for price in quantiles.tolist()})


def _rounded(price: float) -> int:
    rounds: list[int] = [digit * 10**power for power in range(10) for digit in _ROUND]
    distances = [abs(log(each / price)) for each in rounds]
    return rounds[distances.index(min(distances))]


def _by_period(table: Table, days: Ints, names: Sequence[str]) -> Iterator[dict[str, Any]]:
    """By quarter; one with few lots joins the next."""
    quarters = np.array([_quarter(date.fromordinal(day)) for day in days.tolist()])
    begun = np.zeros(len(days), bool)
    for quarter in dict.fromkeys(quarters.tolist()):
        begun |= quarters == quarter
        if begun.sum() >= _FEWEST_A_PERIOD or quarter == quarters[-1]:
            held = days[begun]
            ends = {"from": _day(int(held[0])), "to": _day(int(held[-1]))}
            yield ends | _part(table, begun, names)
            begun = np.zeros(len(days), bool)


def _quarter(day: date) -> int:
    return 4 * day.year + (day.month - 1) // 3


def _day(ordinal: int) -> str:
    return date.fromordinal(ordinal).isoformat()


def _recent(table: Table, days: Ints, level: int) -> dict[str, Any]:
    """The year up to the last lot."""
    chosen = days > days[-1] - WINDOW_DAYS
    ends = {"from": _day(int(days[chosen][0])), "to": _day(int(days[-1]))}
    some = table.where(chosen, [name for name in (PHOTO, FACTS, HOUSE) if name in table.ways])
    held: dict[str, Any] = {}
    for name, answers in some.ways.items():
        ranged = np.isfinite(answers.low[:, level])
        held[name] = {"lots": int(ranged.sum()), "held": int(answers.held(some.truth, level).sum())}
    return ends | {"promised": table.ways[PHOTO].levels[level], "ways": held}


def _drift(walked: Walked, level: int) -> dict[str, Any]:
    """As it is for the next sale; one factor for all ranges: the larger one, so that both promises are kept."""
    found: dict[str, Watched] = {
        name: watched(walked.truth, answers, level, before=int(walked.days[-1]) + 1, days=walked.days)
        for name, answers in walked.answers.items()
    }
    return {"ways": {name: asdict(each) for name, each in found.items()}} | {
        "factor": round(max(each.factor for each in found.values()), 3)
    }


def _points(table: Table, name: str, level: int) -> list[list[str]]:
    """[low, middle, high, hammer] as text: the latest answered lots."""
    answers = table.ways[name]
    rows = np.flatnonzero(answers.answered)[-MOST_POINTS:]
    columns = (answers.low[rows, level], answers.middle[rows], answers.high[rows, level], table.truth[rows])
    return [[f"{price:.2f}" for price in row] for row in np.exp(np.stack(columns, axis=1)).tolist()]
