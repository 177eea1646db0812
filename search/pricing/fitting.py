"""Fits a price model on a house's own sales: the hedonic sum on all of them, the widths on a walk forward in time."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from math import log

import numpy as np
from numpy.typing import NDArray

from search.pricing.conformal import Scores
from search.pricing.evidence import Comparable, Facts, Subject, usable
from search.pricing.model import FACTS, PHOTO, Model, Reading
from search.pricing.outcome import MINIMUM_SOLD
from search.pricing.ridge import Observed
from search.pricing.ridge import fit as fit_hedonic
from search.pricing.weighing import Evidence, gathered, weighed

Ints = NDArray[np.int64]
Float64 = NDArray[np.float64]

MOST_LOTS = 20_000  # the newest
FEWEST_SOLD = 100  # or there is nothing to fit
WARM_UP = 0.3  # of the lots are only learned from before the first estimate is tried
BLOCKS = 6  # the model is fitted anew for each, on what was offered before it
MOST_TRIED = 1_500  # sold lots, the newest
NEIGHBOURS = 48  # as many as search hands to an estimate
REACHES, PULLS = (0.06, 0.09, 0.12, 0.18, 0.25), (0.1, 0.2, 0.5)
_PATIENCE = 20.0  # lots that speak for a spread like that of the code's own
_NEAR = 0.1  # of log price: a hit is no proof of certainty
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Lot:
    """One offered lot; `object` is one number for all lots of the same object."""

    item_id: int
    day: date
    currency: str
    hammer: Decimal | None  # of a sold one
    floor: Decimal | None  # of an unsold one: what no bid reached
    facts: Facts
    object: int = 0

    @property
    def sold(self) -> bool:
        return self.hammer is not None

    def comparable(self, likeness: float) -> Comparable:
        return Comparable(
            self.item_id, likeness, self.hammer, self.currency, self.day, self.sold, self.floor, self.facts
        )


# For each place asked about: the places of up to so many lots of earlier days that are most alike, and their cosines.
Earlier = Callable[[Sequence[int], int], Iterable[tuple[Ints, NDArray[np.float32]]]]


def fit(lots: Sequence[Lot], earlier: Earlier, currency: str) -> Model | None:
    """The model of lots in order of their days; None where fewer than FEWEST_SOLD were sold in that currency.

    Lots of other currencies are passed over. Half of a minute for 20,000 lots, a few seconds for 5,000.
    """
    ours = [place for place, lot in enumerate(lots) if lot.currency == currency and _amount(lot) is not None]
    ours = ours[-MOST_LOTS:]
    if sum(lots[place].sold for place in ours) < FEWEST_SOLD:
        return None
    tried = _tried(lots, earlier, ours, currency)
    final = _hedonic_model([lots[place] for place in ours], currency)
    readings = {known: _reading(tried, known) for known in (PHOTO, FACTS)}
    report = {
        "lots": len(ours),
        "sold": sum(lots[place].sold for place in ours),
        "first": lots[ours[0]].day.isoformat(),
        "last": lots[ours[-1]].day.isoformat(),
        "tried": len(tried),
    }
    return replace(final, readings=readings, report=report)


@dataclass(frozen=True, slots=True)
class _Tried:
    """One sold lot, with what would have been known on its day."""

    lot: Lot
    evidence: tuple[Comparable, ...]
    model: Model

    def gathered(self, known: str) -> Evidence:
        facts = self.lot.facts if known == FACTS else Facts()
        return gathered(self.evidence, Subject(facts), self.lot.day, self.model)

    @property
    def truth(self) -> float:
        assert self.lot.hammer is not None
        return log(self.lot.hammer)


def _hedonic_model(lots: Sequence[Lot], currency: str) -> Model:
    found = fit_hedonic([Observed(lot.facts, lot.day, _amount(lot) or 0.0, lot.sold) for lot in lots])
    worth = {key: round(value, _DIGITS) for key, value in found.hedonic.worth.items()}
    rarity = {
        text: {stem: round(value, _DIGITS) for stem, value in stems.items()}
        for text, stems in found.hedonic.rarity.items()
    }
    hedonic = replace(found.hedonic, worth=worth, rarity=rarity, level=round(found.hedonic.level, _DIGITS))
    return Model(currency, hedonic, round(found.gap, _DIGITS), round(found.trust, _DIGITS))


def _amount(lot: Lot) -> float | None:
    price = lot.hammer if lot.sold else lot.floor
    return log(price) if price is not None and price > 0 else None


def _tried(lots: Sequence[Lot], earlier: Earlier, ours: Sequence[int], currency: str) -> list[_Tried]:
    """The newest sold lots, each with the most alike of earlier days and a model of what came before its block."""
    sold = [place for place in ours[int(WARM_UP * len(ours)) :] if lots[place].sold][-MOST_TRIED:]
    days = sorted({lots[place].day for place in sold})
    sold = [place for place in sold if lots[place].day > lots[ours[0]].day]
    tried: list[_Tried] = []
    for first, after in _blocks([lots[place].day for place in sold], days):
        block = [place for place in sold if first <= lots[place].day < after]
        before = [lots[place] for place in ours if lots[place].day < first]
        if not any(lot.sold for lot in before) or not block:
            continue
        model = _hedonic_model(before, currency)
        for place, (places, cosines) in zip(block, earlier(block, NEIGHBOURS), strict=True):
            pairs = zip(places.tolist(), cosines.tolist(), strict=True)
            evidence, _ = usable([lots[each].comparable(cosine) for each, cosine in pairs], currency)
            if sum(c.sold for c in evidence) >= MINIMUM_SOLD:
                tried.append(_Tried(lots[place], tuple(evidence), model))
    return tried


def _blocks(sold_on: Sequence[date], days: Sequence[date]) -> list[tuple[date, date]]:
    """First day and day after the last of each block: whole days, about as many sold lots in each."""
    if not days:
        return []
    edges = sorted({sold_on[len(sold_on) * number // BLOCKS] for number in range(BLOCKS)})
    return list(zip(edges, [*edges[1:], date.max], strict=True))


def _reading(tried: Sequence[_Tried], known: str) -> Reading:
    """Reach and pull with the least mean error, then the spread, then the scores; the code's own without any lot."""
    if not tried:
        return Reading()
    evidence = [each.gathered(known) for each in tried]
    truth = np.array([each.truth for each in tried])
    choices = [Reading(reach=reach, pull=pull) for reach in REACHES for pull in PULLS]
    errors = [np.abs(_middles(evidence, choice) - truth).mean() for choice in choices]
    return _widths([each.lot for each in tried], evidence, truth, choices[int(np.argmin(errors))])


def _middles(evidence: Sequence[Evidence], reading: Reading) -> Float64:
    return np.array([weighed(replace(each, reading=reading)).middle for each in evidence])


def _widths(lots: Sequence[Lot], evidence: Sequence[Evidence], truth: Float64, reading: Reading) -> Reading:
    """The claimed spread as a product of powers of mass and spread, and by how many of it each estimate was out."""
    found = [weighed(replace(each, reading=reading)) for each in evidence]
    mass, spread = np.log([told.mass for told in found]), np.log([told.spread for told in found])
    out = truth - np.array([told.middle for told in found])
    base, by_mass, by_spread = _powers(np.log(np.abs(out) + _NEAR), mass, spread)
    claimed = np.exp(base + by_mass * mass + by_spread * spread)
    scores = Scores(
        tuple(np.round(out / claimed, 4).tolist()),
        tuple(lot.facts.category for lot in lots),
        tuple(lot.facts.parent for lot in lots),
        tuple(lot.day.toordinal() for lot in lots),
    )
    return replace(reading, base=base, by_mass=by_mass, by_spread=by_spread, scores=scores)


def _powers(out: Float64, mass: Float64, spread: Float64) -> tuple[float, float, float]:
    """By least squares, with the signs that the words promise, drawn towards nought as if by _PATIENCE lots."""
    columns = [-(mass - mass.mean()), spread - spread.mean()]
    deviation = [max(float(column.std()), 1e-6) for column in columns]
    stacked = np.stack([column / width for column, width in zip(columns, deviation, strict=True)], axis=1)
    padded = np.concatenate([stacked, np.sqrt(_PATIENCE) * np.eye(2)])
    from scipy.optimize import nnls  # a web process never fits

    powers, _ = nnls(padded, np.concatenate([out - out.mean(), np.zeros(2)]))
    by_mass, by_spread = -powers[0] / deviation[0], powers[1] / deviation[1]
    base = float(out.mean() - by_mass * mass.mean() - by_spread * spread.mean())
    return round(base, _DIGITS), round(float(by_mass), _DIGITS), round(float(by_spread), _DIGITS)


def nearest_before(days: Ints, vectors: NDArray[np.float32]) -> Earlier:
    """Exact neighbours of n lots with one unit vector each (n, dim), in order of their days (n,) ordinal."""

    def earlier(asked: Sequence[int], k: int) -> Iterable[tuple[Ints, NDArray[np.float32]]]:
        for place in asked:
            before = int(np.searchsorted(days, days[place]))
            cosines = vectors[:before] @ vectors[place]
            order = np.argsort(-cosines, kind="stable")[:k]
            yield order.astype(np.int64), cosines[order]

    return earlier
