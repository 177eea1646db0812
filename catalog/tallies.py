"""Counts, exact medians and exact sums of many lots by group; pure arithmetic in whole cents."""

from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

Whole = NDArray[np.int64]
UNKNOWN = -1  # no hammer price: the lot passed; no price with premium: it is not on record


@dataclass(frozen=True, slots=True)
class Tally:
    """What became of some lots. Hammer and price with premium are two sums over two sets of lots: never add them."""

    offered: int
    sold: int
    median: Decimal | None  # of the hammer prices; of an even number, between the middle two
    hammer: Decimal  # sum over the sold
    with_premium: Decimal  # sum over those of the sold whose price with premium is on record
    premium_known: int  # how many these are

    @property
    def unsold(self) -> int:
        return self.offered - self.sold

    @property
    def unsold_share(self) -> float | None:
        return self.unsold / self.offered if self.offered else None


@dataclass(frozen=True, slots=True)
class Lots:
    """One currency's lots, in the order of their hammer prices: what `tally` needs for a quick median."""

    hammer: Whole  # (n,) cents, ascending; UNKNOWN for a lot that passed
    premium: Whole  # (n,) cents; UNKNOWN where it is not on record


def tally(lots: Lots, groups: Whole, count: int, rows: Whole | None = None) -> list[Tally]:
    """One tally for each of the groups 0 to count - 1.

    `groups` (n,) has each lot's group, or -1 for none; with `rows` (n,), ascending within each group, it is about these
    lots instead of all, and a lot may then be in several groups. Sums stay exact below 9.2e18 cents.
    """
    rows = np.arange(len(groups), dtype=np.int64) if rows is None else rows
    counted = groups >= 0
    groups, rows = groups[counted], rows[counted]
    offered = np.bincount(groups, minlength=count)
    sold = lots.hammer[rows] != UNKNOWN
    groups, rows = groups[sold], rows[sold]
    rows = rows[np.argsort(groups, kind="stable")]  # groups one after another, prices still ascending in each
    sizes = np.bincount(groups, minlength=count)
    ends = np.cumsum(sizes)
    hammer, premium = lots.hammer[rows], lots.premium[rows]
    known = premium != UNKNOWN
    sums = _sums(hammer, ends), _sums(np.where(known, premium, 0), ends), _sums(known.astype(np.int64), ends)
    return [
        Tally(
            offered=int(offered[group]),
            sold=int(sizes[group]),
            median=_median(hammer[ends[group] - sizes[group] : ends[group]]),
            hammer=_amount(int(sums[0][group])),
            with_premium=_amount(int(sums[1][group])),
            premium_known=int(sums[2][group]),
        )
        for group in range(count)
    ]


def _sums(values: Whole, ends: Whole) -> Whole:
    """The sum of each stretch that ends before the places `ends`."""
    upto = np.concatenate([[0], np.cumsum(values, dtype=np.int64)])
    return np.diff(upto[ends], prepend=0)


def _median(ascending: Whole) -> Decimal | None:
    n = len(ascending)
    return (_amount(int(ascending[(n - 1) // 2])) + _amount(int(ascending[n // 2]))) / 2 if n else None


def _amount(cents: int) -> Decimal:
    return Decimal(cents).scaleb(-2)
