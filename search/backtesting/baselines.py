"""What a range is compared with: the median of all earlier sales, of the category, the start price, the house's own."""

from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from math import log

import numpy as np

from search.backtesting.lots import House, Ints, Offered
from search.backtesting.measures import Answers, Float64
from search.backtesting.walk import log_price

CATEGORY, GLOBAL, START, HOUSE = "category", "global", "start", "house"
_ENOUGH = 5  # sales of a category before its median counts; below that its parent's, then that of all

Kind = tuple[str, int | None]


def baselines(house: House, asked: Ints, currency: str, levels: tuple[float, ...]) -> dict[str, Answers]:
    """By name, for the n places asked about, in order of time; each from what was known before the lot's own day.

    `category` and `global` are quantiles of earlier hammer prices; `start` is the lot's start price, without a range;
    `house` is the middle (geometric mean) and the range of the house's own estimate, whose one range stands under each
    level: it promised none.
    """
    lots = [house.lots[place] for place in asked.tolist()]
    past = _Past(house, currency, levels)
    rows = [past.before(lot) for lot in lots]
    return {
        CATEGORY: _stacked([by_kind for by_kind, _ in rows], levels),
        GLOBAL: _stacked([of_all for _, of_all in rows], levels),
        START: _stated(lots, lambda lot: (lot.start, lot.start), ()),
        HOUSE: _stated(lots, lambda lot: (lot.estimate_low, lot.estimate_high), levels),
    }


class _Past:
    """Quantiles of what was sold before a day, for days that only go forward."""

    def __init__(self, house: House, currency: str, levels: tuple[float, ...]) -> None:
        self._left = iter([lot for lot in house.lots if lot.sold and lot.currency == currency])
        self._next = next(self._left, None)
        self._at = [0.5, *((1 - level) / 2 for level in levels), *((1 + level) / 2 for level in levels)]
        self._sold: dict[Kind, list[float]] = {}
        self._known: dict[Kind, Float64] = {}

    def before(self, lot: Offered) -> tuple[Float64, Float64]:
        """The quantiles of the lot's category, and those of everything."""
        while self._next and self._next.day < lot.day:
            for kind in _kinds(self._next):
                self._sold.setdefault(kind, []).append(log_price(self._next))
                self._known.pop(kind, None)
            self._next = next(self._left, None)
        own = next((kind for kind in _kinds(lot) if len(self._sold.get(kind, ())) >= _ENOUGH), _ALL)
        return self._quantiles(own), self._quantiles(_ALL)

    def _quantiles(self, kind: Kind) -> Float64:
        if kind not in self._known:
            prices = self._sold.get(kind)
            self._known[kind] = np.quantile(prices, self._at) if prices else np.full(len(self._at), np.nan)
        return self._known[kind]


_ALL: Kind = ("all", None)


def _kinds(lot: Offered) -> Iterator[Kind]:
    """The lot's category, the one above it, everything."""
    if lot.facts.category is not None:
        yield "category", lot.facts.category
    if lot.facts.parent is not None:
        yield "parent", lot.facts.parent
    yield _ALL


def _stacked(rows: Sequence[Float64], levels: tuple[float, ...]) -> Answers:
    found, count = np.stack(rows), len(levels)
    return Answers(levels, found[:, 0], found[:, 1 : 1 + count], found[:, 1 + count :])


def _stated(
    lots: Sequence[Offered],
    ends: Callable[[Offered], tuple[Decimal | None, Decimal | None]],
    levels: tuple[float, ...],
) -> Answers:
    both = np.array([[_log(amount) for amount in _filled(*ends(lot))] for lot in lots])  # (n, 2)
    low, high = (np.repeat(both[:, end : end + 1], len(levels), axis=1) for end in (0, 1))
    return Answers(levels, both.mean(axis=1), low, high)


def _filled(low: Decimal | None, high: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
    """Where only one end was named, it is both."""
    return low or high, high or low


def _log(amount: Decimal | None) -> float:
    return log(amount) if amount else float("nan")
