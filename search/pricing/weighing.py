"""The comparables as arrays: adjusted to the thing and the day, weighed, and what middle and spread come of them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from math import log

import numpy as np
from numpy.typing import NDArray

from search.pricing.evidence import Comparable, Facts, Subject
from search.pricing.hedonic import DAYS_A_YEAR, NOISE, Hedonic
from search.pricing.model import FACTS, PHOTO, Model, Reading
from search.pricing.words import stems_of

Float64 = NDArray[np.float64]
Bools = NDArray[np.bool_]

AGE_HALF_LIFE = 8.0  # a sale this many years older counts half; one without a date counts as this old
FAINTEST = 1e-12  # a weight is never nought
ALONE = 0.02  # of the weight is left to what has nothing in common with the others
FENCE = 1.5  # times the spread between the quartiles: what lies further out is drawn in to there (Tukey, 1977)
FEWEST_FENCED = 4
QUARTER = 0.25 - 1e-12  # of the weight; rounding must not decide


@dataclass(frozen=True, eq=False)
class Evidence:
    """n comparables, as log prices. Unsold ones stand at what they are taken to have been worth at most."""

    logs: Float64  # (n,) hammer, or floor less the gap; nan of an unsold one without a floor
    now: Float64  # (n,) what brings each to the level of prices on the day
    known: Float64  # (n,) what each is worth more than the thing, by the facts that are known of both
    unknown: Float64  # (n,) what each is worth by the facts that are not known of the thing
    likeness: Float64  # (n,) cosines
    faded: Float64  # (n,) what age of the sale, and not having sold, leave of a weight of 1
    sold: Bools  # (n,)
    level: float | None  # what all sales say of a thing with the known facts, on the day; None without a model
    reading: Reading
    drift: float
    shared: Float64 | None = None  # (n, n): see `_shared`; None where it is typed what the thing is

    @cached_property
    def weights(self) -> Float64:
        """(n,): 1 for a thing just like it, sold today.

        Where only the photo speaks, the thing is probably what most of the things are that look like it, so those that
        are something else count less. What looks nearly the same keeps its own company, and its weight.
        """
        weights = np.maximum(np.exp((self.likeness - 1) / self.reading.reach) * self.faded, FAINTEST)
        if self.shared is None:
            return np.asarray(weights)
        company = self.shared @ weights / weights.sum() + ALONE
        return np.asarray(weights * company / company.max())

    @property
    def share(self) -> Float64:
        """(n,) of the evidence, sum 1; an unsold lot without a floor says nothing."""
        telling = np.where(np.isfinite(self.logs), self.weights, 0.0)
        return np.asarray(telling / telling.sum())

    @cached_property
    def adjusted(self) -> Float64:
        """(n,) log prices as the thing itself would have fetched them on the day, as far as its facts are known."""
        return np.asarray(self.logs + self.now - self.known)

    def without(self, place: int) -> "Evidence":
        kept = np.arange(len(self.logs)) != place
        names = ("logs", "now", "known", "unknown", "likeness", "faded", "sold")
        shared = None if self.shared is None else self.shared[np.ix_(kept, kept)]
        return replace(self, shared=shared, **{name: getattr(self, name)[kept] for name in names})


@dataclass(frozen=True, slots=True)
class Weighed:
    """What the evidence comes to, in log price."""

    middle: float
    claimed: float  # the standard deviation, or thereabouts, that is claimed of the price
    mass: float  # of the evidence, 1 for each thing just like it, with what all sales say
    spread: float  # of the evidence about the middle, with what all sales say
    apart: float  # of the comparables alone


def gathered(comparables: Sequence[Comparable], subject: Subject, on: date, model: Model) -> Evidence:
    """Arrays of usable comparables in one currency."""
    hedonic = model.hedonic or Hedonic()
    facts = subject.facts
    known = FACTS if says_what_it_is(facts) else PHOTO
    mine = hedonic.of(facts)
    theirs = [hedonic.of(c.facts) for c in comparables]
    kinds = [(c.facts.category, c.facts.materials) for c in comparables]
    sold = np.array([c.sold for c in comparables], bool)
    ages = np.array([_years(c.sold_on, on) for c in comparables], np.float64)
    today = np.array([hedonic.index(on, c.facts) - hedonic.index(c.sold_on or on, c.facts) for c in comparables])
    return Evidence(
        logs=np.array([_log(c, model.gap) for c in comparables], np.float64),
        now=today,
        known=np.array([sum(worth - mine[group] for group, worth in each.items() if group in mine) for each in theirs]),
        unknown=np.array([sum(worth for group, worth in each.items() if group not in mine) for each in theirs]),
        likeness=np.array([c.likeness for c in comparables], np.float64),
        faded=np.exp2(-ages / AGE_HALF_LIFE) * np.where(sold, 1.0, model.trust),
        sold=sold,
        level=hedonic.level + sum(mine.values()) + hedonic.index(on, facts) if model.fitted else None,
        reading=model.reading(known),
        drift=model.drift,
        shared=_shared(kinds) if model.company and known == PHOTO else None,
    )


def _shared(kinds: Sequence[tuple[int | None, str]]) -> Float64:
    """(n, n): the share of what each of n things is, by category and by words of its materials, that each other is too.

    A thing of which neither is known has half in common with all.
    """
    categories = np.array([-1 if category is None else category for category, _ in kinds])
    columns: dict[str, int] = {}
    told = [(row, columns.setdefault(word, len(columns))) for row, (_, of) in enumerate(kinds) for word in stems_of(of)]
    has = np.zeros((len(kinds), len(columns)))
    has[tuple(zip(*told, strict=True))] = 1
    counts = has.sum(axis=1, keepdims=True)
    known = (categories[:, None] >= 0).astype(np.float64) + (counts > 0)
    common = (categories[:, None] >= 0) * (categories[:, None] == categories) + has / np.maximum(counts, 1) @ has.T
    return np.where(known > 0, common / np.maximum(known, 1), 0.5)


def says_what_it_is(facts: Facts) -> bool:
    """Facts count as typed where they say more than what kind of thing it is."""
    return bool(facts.maker or facts.materials or facts.title)


def weighed(evidence: Evidence) -> Weighed:
    """Middle and spread, of at least one sold comparable.

    The sales comparison approach of valuers: each comparable's price is adjusted for what is known to set it apart from
    the thing (here by the hedonic terms), and what remains is averaged by likeness. Facts that are not known of the
    thing are taken to be those of the things that look like it. The average is drawn towards what all sales say, the
    more the less alike the comparables are: a kriging of residuals (Cressie, Statistics for Spatial Data, section 3.4)
    with a kernel in place of the inverted covariance, which keeps each one's share positive and plain.

    An unsold lot was worth at most so much: where that is below what the sales say it draws them down, and where it is
    above it says nothing more. That is a left-censored observation imputed at its bound (see `ridge.fit`), and costs no
    accuracy beside letting it pull both ways.
    """
    sold, weights, adjusted = evidence.sold, evidence.weights, evidence.adjusted
    price, mass = adjusted[sold], weights[sold]
    share = mass / mass.sum()
    looks = float(weights @ evidence.unknown) / weights.sum()
    compared = price - evidence.unknown[sold] + looks
    fenced = _fenced(compared, share)
    prior = _median(fenced, share) if evidence.level is None else evidence.level + looks
    pull = evidence.reading.pull
    total = float(mass.sum()) + pull
    middle = prior + float(mass @ (fenced - prior)) / total
    told = ~sold & np.isfinite(adjusted)
    bounds = adjusted[told] - evidence.unknown[told] + looks
    middle = _drawn_down(middle, total, bounds, weights[told])
    total += float(weights[told].sum())  # what was not sold tells by its looks too
    away = float(mass @ (fenced - middle) ** 2) + float(weights[told] @ np.minimum(bounds - middle, 0.0) ** 2)
    spread = np.sqrt((away + pull * NOISE) / total)
    reading = evidence.reading
    claimed = np.exp(reading.base) * total**reading.by_mass * spread**reading.by_spread
    apart = np.sqrt(away / max(total - pull, FAINTEST))
    return Weighed(middle, float(claimed), float(total), float(spread), float(apart))


def _drawn_down(middle: float, total: float, bounds: Float64, weights: Float64) -> float:
    """The middle that also minds the unsold lots' bounds (n,).

    The least of the squared distances, those of unsold lots one-sided: a bound above the middle costs nothing. From the
    lowest up, each draws the middle down until one lies above it; so another unsold lot never raises the middle.
    """
    for place in np.argsort(bounds, kind="stable"):
        if bounds[place] >= middle:
            break
        middle = (total * middle + weights[place] * bounds[place]) / (total + weights[place])
        total += weights[place]
    return float(middle)


def _fenced(values: Float64, share: Float64) -> Float64:
    """(n,) values, the odd ones drawn in to the fence.

    Between values of the evidence, not between points that are interpolated: else one more heavy value in the midst
    could move a quartile outwards, and another sale that agrees would widen a range.
    """
    if len(values) < FEWEST_FENCED:
        return values
    order = np.argsort(values, kind="stable")
    ranked, last = values[order], len(values) - 1
    from_below, from_above = np.cumsum(share[order]), np.cumsum(share[order][::-1])
    low = ranked[np.searchsorted(from_below, QUARTER)]
    high = ranked[last - np.searchsorted(from_above, QUARTER)]
    reach = FENCE * (high - low)
    return np.clip(values, low - reach, high + reach)


def _median(values: Float64, share: Float64) -> float:
    order = np.argsort(values, kind="stable")
    return weighted_quantiles(values[order], share[order], (0.5,))[0]


def weighted_quantiles(values: Float64, weights: Float64, at: Sequence[float]) -> list[float]:
    """Quantiles of ascending values (n,) whose weights (n,) sum to 1.

    Each value stands at the middle of its share of the total weight, and straight lines join them (Hazen's plotting
    positions; with equal weights, the usual median). Nothing lies outside the least and the greatest value.
    """
    positions = np.cumsum(weights) - weights / 2
    return [float(quantile) for quantile in np.interp(at, positions, values)]


def _log(comparable: Comparable, gap: float) -> float:
    if comparable.hammer is not None:
        return log(comparable.hammer)  # a hundred times as quick as Decimal's own, and the same to the last bits
    return log(comparable.floor) - gap if comparable.floor else float("nan")


def _years(sold_on: date | None, on: date) -> float:
    return AGE_HALF_LIFE if sold_on is None else max((on - sold_on).days / DAYS_A_YEAR, 0.0)
