"""Where prices stand on a strip: a log scale, its ticks, the hill of a range; and how any drawing writes a place.

Distances along the strip are per cent of its width, so that it is drawn at any width with its text at full size;
distances across it are pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import exp, floor, log, log10, sqrt
from statistics import NormalDist

import numpy as np

from catalog.money import format_amount

EDGE = 6.0  # per cent kept free at either end
NARROWEST = 3.0  # the strip spans at least this ratio of prices
TICK_GAP = 15.0  # per cent between two labels, so that they fit on a telephone
SMALLEST, LARGEST_DOT = 4.0, 9.0  # pixels
RUN_OUT = 2.6  # standard deviations from the middle to the end of the strip
BLUR = 0.16  # the least standard deviation, in log price, of either side of the hill


@dataclass(frozen=True, slots=True)
class Scale:
    """A log scale from `low` to `high` (prices, both above nought)."""

    low: float
    high: float

    def at(self, price: Decimal | float) -> float:
        """Per cent of the strip's width, EDGE to 100 - EDGE."""
        share = log(float(price) / self.low) / log(self.high / self.low)
        return EDGE + (100 - 2 * EDGE) * share


@dataclass(frozen=True, slots=True)
class Tick:
    """Words at a place along a scale."""

    at: str
    label: str


def scale_of(prices: Sequence[Decimal]) -> Scale:
    """A scale on which all the prices fit, and that doesn't blow up small differences."""
    low, high = float(min(prices)), float(max(prices))
    widen = sqrt(max(NARROWEST / (high / low), 1.0))
    return Scale(low / widen, high * widen)


def ticks(scale: Scale, currency: str, gap: float = TICK_GAP) -> list[Tick]:
    """Round prices along the scale: as many of 1-2-5, 1-5 or 1 times a power of ten as have room, `gap` per cent."""
    decades = range(floor(log10(scale.low)), floor(log10(scale.high)) + 1)
    for leading in ((1, 1.5, 2, 3, 4, 5, 6, 8), (1, 2, 3, 5), (1, 2, 5), (1, 5), (1,)):
        figures = [digit * 10**decade for decade in decades for digit in leading]
        figures = [figure for figure in figures if scale.low <= figure <= scale.high]
        places = [scale.at(figure) for figure in figures]
        if all(right - left >= gap for left, right in pairwise(places)):
            break
    return [
        Tick(percent(place), format_amount(Decimal(f"{figure:g}"), currency))
        for place, figure in zip(places, figures, strict=True)
    ]


def round_step(reach: float, *, whole: bool = False) -> float:
    """The round distance between lines of a plain scale of which at most four lead as far as `reach`, above nought.

    `whole` where things are counted: half a lot is none.
    """
    decade = max(10.0 ** floor(log10(reach / 4)), float(whole))
    steps = (step * decade for step in (1, 2, 2.5, 5, 10))
    return next(step for step in steps if step * 4 >= reach * (1 - 1e-9) and not (whole and step % 1))


def radius(weight: float, heaviest: float) -> float:
    """Pixels; the dot's area grows with the weight."""
    return SMALLEST + (LARGEST_DOT - SMALLEST) * sqrt(weight / heaviest)


@dataclass(frozen=True, slots=True)
class Hill:
    """How likely each price is, along a scale on which the hill has room to run out at either end."""

    path: str  # SVG, 100 × 100
    scale: Scale


def hill(low: Decimal, middle: Decimal, high: Decimal, coverage: float) -> Hill:
    """What a range says: a normal law of log price on either side of the middle, each as wide as its end asks for.

    A two-piece normal law (Wallis, "The two-piece normal, binormal, or double Gaussian distribution", Statistical
    Science 29, 2014). It is drawn from low, middle and high alone, so no sale can be read from it, however few there
    are. A side is at least BLUR wide.
    """
    reach = NormalDist().inv_cdf((1 + coverage) / 2)
    peak = log(middle)
    below, above = max((peak - log(low)) / reach, BLUR), max((log(high) - peak) / reach, BLUR)
    scale = Scale(exp(peak - RUN_OUT * below), exp(peak + RUN_OUT * above))
    places = np.linspace(0, 100, 101)
    away = log(scale.low) + (places - EDGE) / (100 - 2 * EDGE) * log(scale.high / scale.low) - peak
    heights = 100 - 92 * np.exp(-((away / np.where(away < 0, below, above)) ** 2) / 2)
    points = " ".join(f"{x:.0f},{y:.2f}" for x, y in zip(places, heights, strict=True))
    return Hill(f"M0,100 L{points} L100,100 Z", scale)


def percent(place: float) -> str:
    """Per cent as SVG writes them; without the sign it is a length in a drawing 100 wide."""
    return f"{place:.2f}"
