"""The walk forward in time: each lot is estimated only from sales before it, by a model fitted only on sales before it.

The model is fitted anew at the first sale of a quarter, on all that was offered before that day, where this is 15 %
more than the last time; what a lot is compared with was offered on any earlier day.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from math import log

import numpy as np

from catalog.money import bid_steps
from search.backtesting.attributed import Attributor, Said, likely_categories, said_of
from search.backtesting.earlier import Neighbours, earlier
from search.backtesting.lots import House, Ints, NothingSold, Offered
from search.backtesting.measures import Answers, Bools, Float64
from search.likeness.meaning import Meaning, meaning_of
from search.pricing import Estimate, Facts, Model, Refusal, Subject, estimate, says_what_it_is
from search.pricing.fitting import NEIGHBOURS
from search.pricing.model import FACTS, PHOTO

LEVELS = (0.5, 0.8, 0.9)
MOST_ASKED = 3_000  # sold lots; of more, so many are drawn by chance
FEWEST_BEFORE = 100  # lots that were offered before the first one that is asked about
GROWN = 1.15  # so many times the lots are worth another fit
WARM_UP = 0.25  # of the sold lots are only learned from, unless the caller says from when to ask

Fit = Callable[[House, int, str], Model | None]  # from the first so many lots, in that currency
Watch = Callable[[str, int, int], None]  # what is being done, how many are done, of how many


@dataclass(frozen=True)
class Plan:
    """Which lots are asked about: those sold in `currency` from `since` to `until`, both included."""

    currency: str
    since: date | None = None
    until: date | None = None
    levels: tuple[float, ...] = LEVELS
    most: int = MOST_ASKED
    seed: int = 0


@dataclass(frozen=True)
class Fitted:
    """From `on` to the next one this model was used."""

    on: date
    lots: int
    model: Model | None


@dataclass(frozen=True, eq=False)
class Walked:
    """What was asked and what came of it: n lots by their places in the house, in order of time."""

    house: House
    plan: Plan
    asked: Ints  # (n,)
    truth: Float64  # (n,) log hammer
    days: Ints  # (n,) ordinal
    objects: Ints  # (n,)
    offered_before: Bools  # (n,): the same object came under the hammer on an earlier day
    answers: dict[str, Answers]  # by what was known
    attributed: list[Mapping[str, Said]]  # (n): what the neighbours said that the lot is, by fact
    fitted: list[Fitted]
    of: int  # so many were sold in that time

    @property
    def lots(self) -> list[Offered]:
        return [self.house.lots[place] for place in self.asked.tolist()]


def walk(house: House, plan: Plan, fit: Fit, watch: Watch = lambda *_: None) -> Walked:
    """Estimate each lot that the plan asks about, as it would have been on the morning of its sale.

    Raises NothingSold where the plan's time and currency hold no sold lot with enough offered before it.
    """
    chosen = _asked(house, plan)
    asked = _drawn(chosen, plan)
    meaning = meaning_of(house.encoder, house.head)
    found = earlier(house, asked.tolist(), NEIGHBOURS)
    teller = _Teller(house, plan, fit)
    said: dict[str, list[list[Estimate | Refusal]]] = {PHOTO: [], FACTS: []}
    attributor, attributed = Attributor(house, meaning.votes), []
    for number, (place, neighbours) in enumerate(zip(asked.tolist(), found, strict=True)):
        watch("Estimating", number, len(asked))
        attribution = attributor.of(neighbours)
        attributed.append(said_of(house.lots[place], attribution))
        photo = Subject(likely=likely_categories(attribution))
        for known, subject in ((PHOTO, photo), (FACTS, replace(photo, facts=house.lots[place].facts))):
            said[known].append(teller.of(place, evidence_among(neighbours, subject.facts, meaning), subject))
    objects = np.array([lot.object for lot in house.lots], np.int64)
    return Walked(
        house=house,
        plan=plan,
        asked=asked,
        truth=np.array([log_price(house.lots[place]) for place in asked.tolist()]),
        days=house.days[asked],
        objects=objects[asked],
        offered_before=_offered_before(house, asked, objects),
        answers={known: _answers(told, plan.levels) for known, told in said.items()},
        attributed=attributed,
        fitted=teller.fitted,
        of=len(chosen),
    )


def evidence_among(neighbours: Neighbours, facts: Facts, meaning: Meaning) -> Neighbours:
    """What a range is computed from, as in `search.comparables`: all that is nearest, if anything similar was sold or
    the facts say what the thing is."""
    similar = len(neighbours.places) and neighbours.cosines[0] >= meaning.cutoff
    if similar or says_what_it_is(facts):
        return neighbours
    return Neighbours(neighbours.places[:0], neighbours.cosines[:0])


def log_price(lot: Offered) -> float:
    assert lot.hammer is not None
    return log(lot.hammer)


class _Teller:
    """Says what would have been said of one lot after another, in order of time."""

    def __init__(self, house: House, plan: Plan, fit: Fit) -> None:
        self._house, self._plan, self._fit = house, plan, fit
        self._steps = bid_steps(plan.currency)
        self.fitted: list[Fitted] = []

    def of(self, place: int, similar: Neighbours, subject: Subject) -> list[Estimate | Refusal]:
        """One answer a level."""
        lot, lots = self._house.lots[place], self._house.lots
        model = self._model_of(lot.day)
        pairs = zip(similar.places.tolist(), similar.cosines.tolist(), strict=True)
        evidence = [lots[each].comparable(cosine) for each, cosine in pairs]
        return [
            estimate(
                evidence,
                on=lot.day,
                currency=self._plan.currency,
                subject=subject,
                model=model,
                coverage=level,
                steps=self._steps,
            )
            for level in self._plan.levels
        ]

    def _model_of(self, day: date) -> Model | None:
        last = self.fitted[-1] if self.fitted else None
        before = int(np.searchsorted(self._house.days, day.toordinal()))
        if last is None or (_quarter(last.on) != _quarter(day) and before >= GROWN * last.lots):
            self.fitted.append(Fitted(day, before, self._fit(self._house, before, self._plan.currency)))
        return self.fitted[-1].model


def _quarter(day: date) -> tuple[int, int]:
    return day.year, (day.month - 1) // 3


def _asked(house: House, plan: Plan) -> Ints:
    """The places of all sold lots in the plan's time, without those that too few were offered before."""
    sold = np.array([place for place, lot in enumerate(house.lots) if lot.sold and lot.currency == plan.currency])
    if not len(sold):
        raise NothingSold(f"Nothing was sold in {plan.currency}.")
    days = house.days
    first = days[min(FEWEST_BEFORE, len(days) - 1)]
    if plan.since is None:
        first = max(first, days[sold[int(WARM_UP * len(sold))]])
    inside = days[sold] >= max(first, plan.since.toordinal() if plan.since else 0)
    inside &= np.searchsorted(days, days[sold]) >= FEWEST_BEFORE
    if plan.until is not None:
        inside &= days[sold] <= plan.until.toordinal()
    if not inside.any():
        raise NothingSold(
            f"No lot can be asked about: none was sold in {plan.currency} in that time with at least {FEWEST_BEFORE} "
            "lots offered before it."
        )
    return np.asarray(sold[inside], np.int64)


def _drawn(places: Ints, plan: Plan) -> Ints:
    if len(places) <= plan.most:
        return places
    return np.sort(np.random.default_rng(plan.seed).choice(places, plan.most, replace=False))


def _offered_before(house: House, asked: Ints, objects: Ints) -> Bools:
    names, firsts = np.unique(objects, return_index=True)  # lots are in order of time
    first_days = house.days[firsts[np.searchsorted(names, objects[asked])]]
    return np.asarray(first_days < house.days[asked])


def _answers(told: Sequence[Sequence[Estimate | Refusal]], levels: tuple[float, ...]) -> Answers:
    """A lot counts as refused where the first level refuses: all of them do, for refusals look at the evidence."""
    rows = list(_rows(told))
    middle, low, high, refusals = zip(*rows, strict=True)
    return Answers(levels, np.array(middle), np.array(low), np.array(high), tuple(refusals))


def _rows(told: Sequence[Sequence[Estimate | Refusal]]) -> Iterator[tuple[float, list[float], list[float], str]]:
    nothing = [float("nan")] * len(told[0])
    for answers in told:
        refusal = next((each.code for each in answers if isinstance(each, Refusal)), "")
        ranges = [each for each in answers if isinstance(each, Estimate)]
        if refusal or not ranges:
            yield float("nan"), nothing, nothing, refusal
            continue
        low, high = ([log(getattr(each, end)) for each in ranges] for end in ("low", "high"))
        yield log(ranges[0].middle), low, high, ""
