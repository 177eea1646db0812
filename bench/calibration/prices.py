"""Of sold lots whose own object is left out: how many get a price range, and how good it is, by what counts as like."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import log

import numpy as np
from numpy.typing import NDArray

from bench.calibration.photos import Photos
from search.likeness.pairs import SHOWN
from search.pricing import Comparable, Estimate, estimate

_LEAST_STOCK = 300  # lots sold before, or there is nothing to compare with


@dataclass(frozen=True)
class Ranges:
    """Shares of the asking lots, and of the ranges given; `error` is the median |log (middle / hammer)|."""

    asked: int
    nothing: float
    given: float
    error: float
    inside: float
    width: float


def ranges(photos: Photos, vectors: NDArray[np.float32], cutoff: float, floor: float, *, earlier: bool) -> Ranges:
    """Ask with each sold lot; only among earlier sales, if so wished. Auction data only."""
    lots = [_comparable(number, row) for number, row in enumerate(photos.rows)]
    days = np.array([row["sale_date"] for row in photos.rows], "datetime64[D]")
    asked = nothing = 0
    errors, inside, widths = [], [], []
    for number, lot in enumerate(lots):
        others = photos.objects != photos.objects[number]
        if earlier:
            others &= days < days[number]
        if not lot.hammer or others.sum() < _LEAST_STOCK:
            continue
        asked += 1
        likeness = np.where(others, vectors @ vectors[number], -1)
        best = np.argsort(-likeness)[:SHOWN]
        best = best[likeness[best] >= floor] if likeness[best[0]] >= cutoff else best[:0]
        nothing += not len(best)
        evidence = [replace(lots[row], likeness=float(likeness[row])) for row in best]
        found = estimate(evidence, on=lot.sold_on or date.max, currency="EUR")
        if isinstance(found, Estimate):
            errors.append(abs(log(found.middle / lot.hammer)))
            inside.append(found.low <= lot.hammer <= found.high)
            widths.append(float(found.high / found.low))
    return Ranges(
        asked,
        nothing / asked,
        len(errors) / asked,
        float(np.median(errors)),
        float(np.mean(inside)),
        float(np.median(widths)),
    )


def _comparable(number: int, row: dict[str, str]) -> Comparable:
    hammer = Decimal(row["hammer_price"]) if row["sold"] == "1" and row["hammer_price"] else None
    floor = Decimal(row["start_price"]) if hammer is None and row["start_price"] else None
    return Comparable(number, 0.0, hammer, row["currency"], date.fromisoformat(row["sale_date"]), bool(hammer), floor)
