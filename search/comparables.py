"""From what search found to the evidence for a price, and to the strip on which people see it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.conf import settings
from django.utils import timezone

from catalog.models import Item
from catalog.money import bid_steps, format_amount
from search.charts import strip
from search.facts import facts_of, floor_of
from search.pricing import MINIMUM_SOLD, Comparable, Estimate, Refusal, Subject, estimate, no_object, says_what_it_is
from search.pricing_house import serving_price_model, subject_of
from search.similar import OFFERED, Answer, Match


@dataclass(frozen=True, slots=True)
class Band:
    """The range on the strip, in per cent."""

    x: str
    width: str
    middle: str


@dataclass(frozen=True, slots=True)
class PriceStrip:
    label: str
    ticks: tuple[strip.Tick, ...]
    band: Band
    hill: str


def comparables(matches: Sequence[Match]) -> list[Comparable]:
    """What the matches say about a price. What was never offered says nothing."""
    return [comparable_of(match.item, match.likeness) for match in matches if match.item.status in OFFERED]


def evidence_of(answer: Answer, subject: Subject) -> tuple[Match, ...]:
    """What a price is estimated from. Where none is similar, only who says what the thing is gets a range.

    Of auction lots unlike all that were sold before, 78 in 100 such ranges held, of the others 81.
    """
    return answer.around if says_what_it_is(subject.facts) else answer.evidence


def range_for(
    answer: Answer, *, on: date | None = None, subject: Subject | None = None, coverage: float | None = None
) -> Estimate | Refusal:
    """The range that the answer supports, in the house's currency, or else in the one that most of it sold in.

    By the price model that serves and the house's own bids. `subject` is what is known of the thing besides its photo.
    """
    known = subject or subject_of(None, answer)
    evidence = comparables(evidence_of(answer, known))
    currency = currency_of(evidence)
    if answer.blank:
        return no_object(currency)
    return estimate(
        evidence,
        on=on or timezone.localdate(),
        currency=currency,
        subject=known,
        model=serving_price_model(currency),
        coverage=coverage,
        steps=bid_steps(currency),
    )


def currency_of(evidence: Sequence[Comparable]) -> str:
    """The house's own currency where enough was sold in it; currencies are never mixed."""
    sold = Counter(comparable.currency for comparable in evidence if comparable.sold)
    house: str = settings.CURRENCY
    if sold[house] >= MINIMUM_SOLD or not sold:
        return house
    return max(sold, key=lambda currency: (sold[currency], currency == house, currency))


def public_strip(result: Estimate) -> PriceStrip:
    """The range under the hill that it says, for strangers: no single sale can be told from it."""
    hill = strip.hill(result.low, result.middle, result.high, result.coverage)
    return PriceStrip(
        label=_label(result),
        ticks=tuple(strip.ticks(hill.scale, result.currency)),
        band=_band(result, hill.scale),
        hill=hill.path,
    )


def comparable_of(item: Item, likeness: float) -> Comparable:
    """What an offered item says about a price; `likeness` is its cosine with what is asked about."""
    sold = item.status == Item.Status.SOLD
    return Comparable(
        item_id=item.pk,
        likeness=likeness,
        hammer=item.hammer if sold else None,
        currency=item.currency,
        sold_on=item.sale.held_on if item.sale else None,
        sold=sold,
        floor=floor_of(item),
        facts=facts_of(item),
    )


def _band(result: Estimate, scale: strip.Scale) -> Band:
    left, right = scale.at(result.low), scale.at(result.high)
    return Band(strip.percent(left), strip.percent(right - left), strip.percent(scale.at(result.middle)))


def _label(result: Estimate) -> str:
    middle = format_amount(result.middle, result.currency)
    return f"Where the hammer price of such a thing is likely to lie: range {result.spelled}, middle {middle}."
