"""From comparable sales to a price range, or to a refusal that says why: pure arithmetic, no Django."""

from collections.abc import Sequence
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from math import exp, log

import numpy as np
from numpy.typing import NDArray

from catalog.money import CENT, round_to_bid_step
from search.pricing.evidence import UNKNOWN, Comparable, Subject, usable
from search.pricing.model import METHOD, Model
from search.pricing.outcome import MARKS, WHOLE, Estimate, Influence, Refusal, was

Steps = Sequence[tuple[Decimal, Decimal]]  # (from this price, bids go up by this)

MINIMUM_SOLD = 3  # fewer sold comparables give no range
WIDEST = 8.0  # upper over lower quartile; a range wider than this tells a seller nothing
# A comparable this much less alike (cosine) counts half. Of 0.05, 0.1, 0.2, 0.4 and "all alike" on 400 lots of a real
# house, each left out once, 0.05 and 0.1 had the least median error (|log ratio| 0.45 against 0.51 to 0.54).
LIKENESS_HALF_LIFE = 0.10
HEAVIEST = 0.5  # no one lot is more than half of the evidence, however alike: one price says nothing about a range
AGE_HALF_LIFE = 8.0  # a sale this many years older counts half; one without a date counts as this old
HALF = 0.5  # what a range holds without a fitted model: the middle half of the evidence
DAYS_A_YEAR = 365.25
FAINTEST = -500.0  # halvings: two thousand years old is as faint as it gets, and never nought
ROUNDING = 1e-9  # of a logarithm: prices at exactly the widest ratio are accepted in every unit


def estimate(
    comparables: Sequence[Comparable],
    *,
    on: date,
    currency: str,
    subject: Subject = UNKNOWN,
    model: Model | None = None,
    coverage: float | None = None,
    steps: Steps | None = None,
) -> Estimate | Refusal:
    """The range that the comparables support on that day, in that currency.

    Low, middle and high are weighted quantiles of log hammer price. Log, because auction prices are near log-normal
    (Ashenfelter and Graddy, "Auctions and the Price of Art", J. Econ. Literature 41, 2003); quantiles, because a median
    is not moved by one odd sale. A comparable's weight halves with each LIKENESS_HALF_LIFE of cosine and each
    AGE_HALF_LIFE years, and none is more than HEAVIEST. An unsold lot fetched less than its floor, and its weight moves
    to the sales below that floor.

    The order of the comparables doesn't matter, and an item that is given twice counts once.
    """
    ours, others = usable(comparables, currency)
    sold = sorted((c for c in ours if c.sold), key=lambda c: (_log(c.hammer), c.item_id))
    passed = tuple(c for c in ours if not c.sold)
    if len(sold) < MINIMUM_SOLD:
        return _too_few(currency, len(sold), len(passed), others)
    own = _weights([*sold, *passed], on)
    weights = _count_unsold(sold, passed, own)
    logs = np.array([_log(c.hammer) for c in sold])
    held = HALF if coverage is None else coverage
    low, middle, high = weighted_quantiles(logs, weights, ((1 - held) / 2, 0.5, (1 + held) / 2))
    first, third = weighted_quantiles(logs, weights, (0.25, 0.75))
    if third - first > log(WIDEST) + ROUNDING:
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
        coverage=held,
        method=METHOD if model is None else model.method,
        model="" if model is None else model.name,
        today=tuple(_amount(_log(c.hammer)) for c in sold),
    )


def influences(
    comparables: Sequence[Comparable],
    *,
    on: date,
    currency: str,
    subject: Subject = UNKNOWN,
    model: Model | None = None,
    coverage: float | None = None,
    steps: Steps | None = None,
) -> dict[int, Influence]:
    """What each comparable does to the estimate, by item: its share, and how the middle moves when it is left out."""

    def of(some: Sequence[Comparable]) -> Estimate | Refusal:
        return estimate(some, on=on, currency=currency, subject=subject, model=model, coverage=coverage, steps=steps)

    whole = of(comparables)
    if isinstance(whole, Refusal):
        return {}
    shares = {c.item_id: weight for c, weight in zip(whole.used, whole.weights, strict=True)}
    told = {}
    for item_id in [*shares, *(c.item_id for c in whole.passed)]:
        without = of([c for c in comparables if c.item_id != item_id])
        ratio = float(without.middle / whole.middle) if isinstance(without, Estimate) else None
        told[item_id] = Influence(shares.get(item_id, 0.0), ratio)
    return told


def weighted_quantiles(values: NDArray[np.float64], weights: NDArray[np.float64], at: Sequence[float]) -> list[float]:
    """Quantiles of ascending values (n,) whose weights (n,) sum to 1.

    Each value stands at the middle of its share of the total weight, and straight lines join them (Hazen's plotting
    positions; with equal weights, the usual median). Nothing lies outside the least and the greatest value.
    """
    positions = np.cumsum(weights) - weights / 2
    return [float(quantile) for quantile in np.interp(at, positions, values)]


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


def _too_few(currency: str, sold: int, unsold: int, others: int) -> Refusal:
    counts = currency, sold, unsold, others
    if sold + unsold + others == 0:
        return Refusal("nothing-similar", "Nothing like this was sold here.", f"{WHOLE} {MARKS}", *counts)
    if sold + others >= MINIMUM_SOLD and others:
        sentence = "Similar things were sold here in other currencies, and prices in different currencies don't mix."
        return Refusal("other-currencies", sentence, MARKS, *counts)
    counted = {0: "Nothing", 1: "Only one thing", 2: "Only two things"}[sold]
    offered = f" ({unsold} more {was(unsold)} offered and not sold)" if unsold else ""
    sentence = f"{counted} like this {'were' if sold == 2 else 'was'} sold here{offered}. A range needs at least three."
    return Refusal("too-few", sentence, f"{WHOLE} {MARKS}", *counts)
