"""Where prices stand on a strip: a log scale, its ticks, a hill over many prices.

Distances along the strip are per cent of its width, so that it is drawn at any width with its text at full size;
distances across it are pixels.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import pairwise
from math import exp, floor, log, log10, sqrt

import numpy as np

from catalog.money import format_amount

EDGE = 6.0  # per cent kept free at either end
NARROWEST = 3.0  # the strip spans at least this ratio of prices
TICK_GAP = 15.0  # per cent between two labels, so that they fit on a telephone
SMALLEST, LARGEST_DOT = 4.0, 9.0  # pixels
RUN_OUT = 2.2  # bandwidths from the last price to the end of the strip
BLUR = 0.16  # the least standard deviation, in log price, by which a price is spread over the hill


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
    x: str
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


def radius(weight: float, heaviest: float) -> float:
    """Pixels; the dot's area grows with the weight."""
    return SMALLEST + (LARGEST_DOT - SMALLEST) * sqrt(weight / heaviest)


@dataclass(frozen=True, slots=True)
class Hill:
    """How thickly prices lie along a scale on which the hill has room to run out at either end."""

    path: str  # SVG, 100 × 100
    scale: Scale


def hill(prices: Sequence[Decimal], weights: Sequence[float], ends: Sequence[Decimal] = ()) -> Hill:
    """A Gaussian kernel density in log price, smooth enough that single sales can't be read from it.

    The bandwidth is Silverman's (1986, rule of thumb), at least BLUR. Weights sum to 1.
    `ends` are prices that must stand on the strip too.
    """
    logs, shares = np.log(np.array(prices, float)), np.array(weights)
    mean = float(logs @ shares)
    spread = sqrt(float((logs - mean) ** 2 @ shares))
    bandwidth = max(1.06 * spread * len(logs) ** -0.2, BLUR)
    slope = exp(RUN_OUT * bandwidth)
    low, high = (
        min([float(min(prices)) / slope, *map(float, ends)]),
        max([float(max(prices)) * slope, *map(float, ends)]),
    )
    scale = Scale(low, high)
    places = np.linspace(0, 100, 101)
    at = log(scale.low) + (places - EDGE) / (100 - 2 * EDGE) * log(scale.high / scale.low)
    density = np.exp(-(((at[:, None] - logs) / bandwidth) ** 2) / 2) @ shares
    heights = 100 - 92 * density / density.max()
    points = " ".join(f"{x:.0f},{y:.2f}" for x, y in zip(places, heights, strict=True))
    return Hill(f"M0,100 L{points} L100,100 Z", scale)


def percent(place: float) -> str:
    """Per cent as SVG writes them; without the sign it is a length in a drawing 100 wide."""
    return f"{place:.2f}"
