"""From comparable sales to a price range, or to a refusal that says why: pure arithmetic, no Django."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from math import exp, isfinite, log

import numpy as np
from numpy.typing import NDArray

from catalog.money import CENT, LARGEST, format_amount, round_to_bid_step

MINIMUM_SOLD = 3  # fewer sold comparables give no range
INDICATIVE_BELOW = 5  # house practice: fewer than five are an indication only
WIDEST = 8.0  # upper over lower quartile; a range wider than this tells a seller nothing
# A comparable this much less alike (cosine) counts half. Of 0.05, 0.1, 0.2, 0.4 and "all alike" on 400 lots of a real
# house, each left out once, 0.05 and 0.1 had the least median error (|log ratio| 0.45 against 0.51 to 0.54).
LIKENESS_HALF_LIFE = 0.10
HEAVIEST = 0.5  # no one lot is more than half of the evidence, however alike: one price says nothing about a range
AGE_HALF_LIFE = 8.0  # a sale this many years older counts half; one without a date counts as this old
QUARTILES = (0.25, 0.5, 0.75)
DAYS_A_YEAR = 365.25
FAINTEST = -500.0  # halvings: two thousand years old is as faint as it gets, and never nought
ROUNDING = 1e-9  # of a logarithm: prices at exactly the widest ratio are accepted in every unit


@dataclass(frozen=True, slots=True)
class Comparable:
    """What one similar lot says about a price. Hammer prices only: estimates and ranges exclude the buyer's premium."""

    item_id: int
    likeness: float  # cosine, -1 to 1
    hammer: Decimal | None
    currency: str
    sold_on: date | None
    sold: bool
    floor: Decimal | None = None  # unsold: the reserve or start price that no bid reached


@dataclass(frozen=True, slots=True)
class Estimate:
    """A range of hammer prices: the middle half of the evidence, widened to whole bid steps."""

    low: Decimal
    middle: Decimal
    high: Decimal
    currency: str
    used: tuple[Comparable, ...]  # the sold ones, cheapest first
    weights: tuple[float, ...]  # one for each of `used`; they sum to 1
    passed: tuple[Comparable, ...]  # offered and not sold
    other_currencies: int  # left out, because currencies are never mixed
    first_year: int | None
    last_year: int | None

    @property
    def unsold(self) -> int:
        return len(self.passed)

    @property
    def indicative(self) -> bool:
        return len(self.used) < INDICATIVE_BELOW

    @property
    def spelled(self) -> str:
        """ "€120–180"; "about €120" where low and high meet."""
        low = format_amount(self.low, self.currency)
        if self.low == self.high:
            return f"about {low}"
        return f"{low}–{format_amount(self.high, '').strip()}"

    @property
    def basis(self) -> str:
        """ "From 9 similar things that we sold between 2019 and 2026; 2 more were offered and not sold." """
        first, last = self.first_year, self.last_year
        when = "" if first is None else f" in {first}" if first == last else f" between {first} and {last}"
        offered = f"; {self.unsold} more {_was(self.unsold)} offered and not sold" if self.unsold else ""
        return f"From {len(self.used)} similar things that we sold{when}{offered}."


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no range, and what would help."""

    code: str
    sentence: str
    advice: str
    currency: str = ""
    sold: int = 0
    unsold: int = 0
    other_currencies: int = 0


MARKS = "Photograph the mark on the base, a signature or a label: they often decide."
WHOLE = "Photograph the whole piece from the front, in daylight, on a plain ground, with nothing else in the picture."


def estimate(comparables: Sequence[Comparable], *, on: date, currency: str) -> Estimate | Refusal:
    """The range that the comparables support on that day, in that currency.

    Low, middle and high are the weighted quartiles of log hammer price. Log, because auction prices are near log-normal
    (Ashenfelter and Graddy, "Auctions and the Price of Art", J. Econ. Literature 41, 2003); quartiles, because a median
    is not moved by one odd sale. A comparable's weight halves with each LIKENESS_HALF_LIFE of cosine and each
    AGE_HALF_LIFE years, and none is more than HEAVIEST. An unsold lot fetched less than its floor, and its weight moves
    to the sales below that floor.

    The order of the comparables doesn't matter, and an item that is given twice counts once.
    """
    ours, others = _split(comparables, currency)
    sold = sorted((c for c in ours if c.sold), key=lambda c: (_log(c.hammer), c.item_id))
    passed = tuple(c for c in ours if not c.sold)
    if len(sold) < MINIMUM_SOLD:
        return _too_few(currency, len(sold), len(passed), others)
    own = _weights([*sold, *passed], on)
    weights = _count_unsold(sold, passed, own)
    logs = np.array([_log(c.hammer) for c in sold])
    low, middle, high = weighted_quantiles(logs, weights, QUARTILES)
    if high - low > log(WIDEST) + ROUNDING:
        return Refusal(
            "contradicting",
            f"{len(sold)} similar things were sold here, but at prices too far apart to name a range.",
            f"What such things are counts for more than how they look. {MARKS}",
            currency,
            len(sold),
            len(passed),
            others,
        )
    years = [c.sold_on.year for c in sold if c.sold_on]
    return Estimate(
        low=round_to_bid_step(_amount(low), ROUND_FLOOR),
        middle=round_to_bid_step(_amount(middle)),
        high=round_to_bid_step(_amount(high), ROUND_CEILING),
        currency=currency,
        used=tuple(sold),
        weights=tuple(weights.tolist()),
        passed=passed,
        other_currencies=others,
        first_year=min(years, default=None),
        last_year=max(years, default=None),
    )


def weighted_quantiles(values: NDArray[np.float64], weights: NDArray[np.float64], at: Sequence[float]) -> list[float]:
    """Quantiles of ascending values (n,) whose weights (n,) sum to 1.

    Each value stands at the middle of its share of the total weight, and straight lines join them (Hazen's plotting
    positions; with equal weights, the usual median). Nothing lies outside the least and the greatest value.
    """
    positions = np.cumsum(weights) - weights / 2
    return [float(quantile) for quantile in np.interp(at, positions, values)]


def _split(comparables: Sequence[Comparable], currency: str) -> tuple[list[Comparable], int]:
    """The usable comparables in our currency, by item, and how many there are in others."""
    once: dict[int, Comparable] = {}
    for comparable in sorted(filter(None, map(_clean, comparables)), key=_evidence):
        once[comparable.item_id] = comparable
    ours = [once[item_id] for item_id in sorted(once) if once[item_id].currency == currency]
    return ours, len(once) - len(ours)


def _clean(comparable: Comparable) -> Comparable | None:
    """Only what arithmetic can use; nothing where a sale has no price or the likeness is no number."""
    hammer = _price(comparable.hammer) if comparable.sold else None
    if not isfinite(comparable.likeness) or (comparable.sold and hammer is None):
        return None
    floor = None if comparable.sold else _price(comparable.floor)
    return replace(comparable, likeness=min(max(comparable.likeness, -1.0), 1.0), hammer=hammer, floor=floor)


def _price(amount: Decimal | None) -> Decimal | None:
    return amount if amount is not None and amount.is_finite() and CENT <= amount <= LARGEST else None


def _evidence(c: Comparable) -> tuple[object, ...]:
    """Where one item is given twice with different facts, the same one wins whatever their order."""
    return c.likeness, c.sold, c.hammer or Decimal(0), c.floor or Decimal(0), c.currency, c.sold_on or date.min


def _log(price: Decimal | None) -> float:
    assert price is not None
    return float(price.ln())


def _amount(log_price: float) -> Decimal:
    """Out of log arithmetic to whole cents, so that 99.999… is 100 before it meets a bid step."""
    return Decimal(exp(log_price)).quantize(CENT, ROUND_HALF_UP)


def _weights(comparables: Sequence[Comparable], on: date) -> NDArray[np.float64]:
    """(n,) weights by likeness and age of the sale, none above HEAVIEST; they sum to 1. At least two comparables."""
    ages = np.array([_years(c.sold_on, on) for c in comparables])
    halvings = np.array([c.likeness for c in comparables]) / LIKENESS_HALF_LIFE - ages / AGE_HALF_LIFE
    weights: NDArray[np.float64] = np.exp2(np.maximum(halvings - halvings.max(), FAINTEST))
    heaviest = weights.argmax()
    others = np.delete(weights, heaviest).sum()
    weights[heaviest] = min(weights[heaviest], others * HEAVIEST / (1 - HEAVIEST))
    return np.asarray(weights / weights.sum())


def _years(sold_on: date | None, on: date) -> float:
    return AGE_HALF_LIFE if sold_on is None else max((on - sold_on).days / DAYS_A_YEAR, 0.0)


def _count_unsold(
    sold: Sequence[Comparable], passed: Sequence[Comparable], own: NDArray[np.float64]
) -> NDArray[np.float64]:
    """(len(sold),) weights of the sales once the unsold lots have been heard; they sum to 1. `own`: sold, then passed.

    An unsold lot is an observation known only to lie below its floor (left-censored). From the highest floor down, each
    hands its weight to everything below that floor in proportion: Efron's redistribution ("The two sample problem with
    censored data", 1967), mirrored, which is the Kaplan-Meier estimate. What no sale lies below goes to the cheapest
    sale: the range never leaves the prices that were paid. A lot without a floor says nothing about the price.
    """
    count = len(sold)
    weights = own.copy()
    prices = np.array([c.hammer for c in sold])
    floors = np.array([c.floor or Decimal(0) for c in passed])
    for lot in sorted(range(len(passed)), key=lambda lot: -floors[lot]):
        mass, weights[count + lot] = weights[count + lot], 0.0
        if not floors[lot]:
            continue
        below = np.concatenate([prices < floors[lot], floors < floors[lot]])
        below[count:] &= floors > 0
        if not below.any():
            below = np.concatenate([prices == prices[0], np.zeros(len(floors), bool)])
        weights[below] += mass * weights[below] / weights[below].sum()
    weights = weights[:count]
    weights /= weights.sum()
    return weights


def _was(count: int) -> str:
    return "was" if count == 1 else "were"


def _too_few(currency: str, sold: int, unsold: int, others: int) -> Refusal:
    counts = currency, sold, unsold, others
    if sold + unsold + others == 0:
        return Refusal("nothing-similar", "Nothing like this was sold here.", f"{WHOLE} {MARKS}", *counts)
    if sold + others >= MINIMUM_SOLD and others:
        sentence = "Similar things were sold here in other currencies, and prices in different currencies don't mix."
        return Refusal("other-currencies", sentence, MARKS, *counts)
    counted = {0: "Nothing", 1: "Only one thing", 2: "Only two things"}[sold]
    offered = f" ({unsold} more {_was(unsold)} offered and not sold)" if unsold else ""
    sentence = f"{counted} like this {'were' if sold == 2 else 'was'} sold here{offered}. A range needs at least three."
    return Refusal("too-few", sentence, f"{WHOLE} {MARKS}", *counts)
