"""From comparables, what is known of the thing and a model to a range, or to a refusal that says why."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_CEILING, ROUND_FLOOR, ROUND_HALF_UP, Decimal
from math import exp, log

import numpy as np

from catalog.money import BID_STEPS, CENT, LARGEST, round_to_bid_step
from search.pricing import refusing
from search.pricing.conformal import Law, Shares
from search.pricing.evidence import UNKNOWN, Comparable, Subject, usable
from search.pricing.model import COVERAGE, Model
from search.pricing.outcome import MINIMUM_SOLD, TELLING, Estimate, Influence, Refusal
from search.pricing.refusing import Counts
from search.pricing.weighing import Evidence, Weighed, gathered, weighed

Steps = Sequence[tuple[Decimal, Decimal]]  # (from this price on, bids go up by this)

TOO_FAR_APART = 0.8  # standard deviation of the log prices of the comparables, adjusted
WIDEST = 15.0  # high over low of a range that holds 80 in 100; wider ones help nobody
NARROWEST_COVERAGE, WIDEST_COVERAGE = 0.01, 0.99
_LOWEST, _HIGHEST = log(CENT), log(LARGEST)
ROUNDING = 1e-9  # of a logarithm: ranges of exactly the widest ratio are given in every unit


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
    """The range that the comparables support on that day, in that currency, holding the price in `coverage` of cases.

    All in log price, because auction prices are near log-normal (Ashenfelter and Graddy, "Auctions and the Price of
    Art", J. Econ. Literature 41, 2003): comparables are adjusted to the thing and the day and weighed by likeness
    (`weighing`), and the ends lie as far out as earlier estimates were wrong (`conformal`). `steps` are the house's
    bids. The order of the comparables doesn't matter, and an item that is given twice counts once.

    Raises ValueError where the coverage is not between 0.01 and 0.99.
    """
    return weighed_up(comparables, Given(on, currency, subject, model, coverage, steps)).result


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
    """What each comparable does to the estimate; takes what `estimate` takes. See `WeighedUp.influences`."""
    return weighed_up(comparables, Given(on, currency, subject, model, coverage, steps)).influences()


@dataclass(frozen=True, slots=True)
class Given:
    """What an estimate takes beside the comparables: None is the model, coverage and bids that come with the code."""

    on: date
    currency: str
    subject: Subject
    model: Model | None
    coverage: float | None
    steps: Steps | None


@dataclass(frozen=True, slots=True)
class WeighedUp:
    """An estimate with what it was made of, so that the influences need no second look at the comparables."""

    result: Estimate | Refusal
    _ours: Sequence[Comparable] = ()
    _evidence: Evidence | None = None
    _said: "_Said | None" = None

    def influences(self, *, moves: bool = True) -> dict[int, Influence]:
        """What each comparable does to it, by item: its share, and how the middle moves when it is left out.

        Where it refuses there is nothing to influence. Without `moves` only the shares are worked out: leaving out each
        in turn is most of the work.
        """
        evidence, said = self._evidence, self._said
        if isinstance(self.result, Refusal) or evidence is None or said is None:
            return {}
        shares = zip(self._ours, evidence.share.tolist(), strict=True)
        if not moves:
            return {c.item_id: Influence(share, None) for c, share in shares}
        enough = len(self.result.used) > MINIMUM_SOLD
        return {
            c.item_id: Influence(
                share, exp(said.without(evidence, place) - said.middle) if enough or not c.sold else None
            )
            for place, (c, share) in enumerate(shares)
        }


def weighed_up(comparables: Sequence[Comparable], given: Given) -> WeighedUp:
    """As `estimate`."""
    model, coverage = given.model or Model(given.currency), COVERAGE if given.coverage is None else given.coverage
    if not NARROWEST_COVERAGE <= coverage <= WIDEST_COVERAGE:
        raise ValueError(f"A range can hold 1 to 99 in 100 prices, not {100 * coverage:g}.")
    ours, others = usable(comparables, given.currency)
    sold = [c for c in ours if c.sold]
    counts = Counts(given.currency, len(sold), len(ours) - len(sold), others)
    if len(sold) < MINIMUM_SOLD:
        return WeighedUp(refusing.too_few(counts))
    evidence = gathered(ours, given.subject, given.on, model)
    law = evidence.reading.scores.law(_shares(given.subject), given.on, model.counting)
    said = _Said(weighed(evidence), law, evidence.drift)
    if said.width(COVERAGE) > log(WIDEST) + ROUNDING:  # not by the wish: a safer range must not turn a yes into a no
        apart = said.found.apart > TOO_FAR_APART
        return WeighedUp(refusing.contradicting(counts) if apart else refusing.too_unlike(counts))
    terms = _Terms(counts, model, coverage, given.steps or BID_STEPS)
    return WeighedUp(_estimate(ours, evidence, said, terms), ours, evidence, said)


@dataclass(frozen=True, slots=True)
class _Terms:
    counts: Counts
    model: Model
    coverage: float
    steps: Steps


def _shares(subject: Subject) -> Shares:
    """The categories that the thing may be of, each as likely as it is."""
    if subject.facts.category is not None:
        return [(subject.facts.category, subject.facts.parent, 1.0)]
    total = sum(share for _, share in subject.likely if share > 0)
    return [(category, None, share / total) for category, share in subject.likely if share > 0] if total > 0 else []


@dataclass(frozen=True, slots=True)
class _Said:
    """What the evidence says, and how far such sayings were out before. In log price."""

    found: Weighed
    law: Law
    drift: float

    @property
    def middle(self) -> float:
        return self.found.middle + self.law.centre * self.found.claimed

    def without(self, evidence: Evidence, place: int) -> float:
        """The middle, had one comparable of the evidence not been there."""
        return _Said(weighed(evidence.without(place)), self.law, self.drift).middle

    def ends(self, coverage: float) -> tuple[float, float]:
        low, high = self.law.ends(coverage)
        centre, wide = self.law.centre, self.found.claimed * self.drift
        return self.middle + (low - centre) * wide, self.middle + (high - centre) * wide

    def width(self, coverage: float) -> float:
        low, high = self.ends(coverage)
        return high - low


def _estimate(ours: Sequence[Comparable], evidence: Evidence, said: _Said, terms: _Terms) -> Estimate:
    places = sorted(np.flatnonzero(evidence.sold).tolist(), key=lambda place: (ours[place].hammer, ours[place].item_id))
    used = tuple(ours[place] for place in places)
    weights = evidence.weights[places]
    telling = evidence.share >= TELLING
    years = [day.year for place in places if telling[place] and (day := ours[place].sold_on)]
    low, middle, high = _on_bids(said, terms)
    return Estimate(
        low=low,
        middle=middle,
        high=high,
        currency=terms.counts.currency,
        used=used,
        weights=tuple((weights / weights.sum()).tolist()),
        passed=tuple(c for c in ours if not c.sold),
        other_currencies=terms.counts.others,
        first_year=min(years, default=None),
        last_year=max(years, default=None),
        coverage=terms.coverage,
        method=terms.model.method,
        model=terms.model.name,
        today=tuple(_amount(level) for level in (evidence.logs + evidence.now)[places]),
        telling=(int((telling & evidence.sold).sum()), int((telling & ~evidence.sold).sum())),
        adjusted=tuple(_amount(level) for level in evidence.adjusted[places]),
    )


def _on_bids(said: _Said, terms: _Terms) -> tuple[Decimal, Decimal, Decimal]:
    """Low, middle, high as bids. The ends go inwards: then as many bids lie between them as before, no more.

    Ends that go outwards to the next bid would hold more prices than was promised, for prices are bids themselves.
    """
    ends = said.ends(terms.coverage)
    low = round_to_bid_step(_amount(ends[0]), ROUND_CEILING, terms.steps)
    high = round_to_bid_step(_amount(ends[1]), ROUND_FLOOR, terms.steps)
    middle = round_to_bid_step(_amount(said.middle), steps=terms.steps)
    if low > high:
        return middle, middle, middle
    return low, min(max(middle, low), high), high


def _amount(log_price: float) -> Decimal:
    """Out of log arithmetic to whole cents, so that 99.999… is 100 before it meets a bid step."""
    return Decimal(exp(min(max(log_price, _LOWEST), _HIGHEST))).quantize(CENT, ROUND_HALF_UP)
