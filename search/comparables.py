"""From what search found to the evidence for a price, and to the strip on which people see it."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.conf import settings
from django.utils import timezone

from catalog.models import Item
from catalog.money import format_amount
from search import strip
from search.pricing import MINIMUM_SOLD, Comparable, Estimate, Refusal, estimate
from search.similar import Answer, Match

OFFERED = {Item.Status.SOLD, Item.Status.PASSED}


@dataclass(frozen=True, slots=True)
class Dot:
    """One comparable on the strip, x in per cent; a hollow one was offered at that price and not sold."""

    x: str
    y: int
    r: str
    opacity: str
    sold: bool
    title: str


@dataclass(frozen=True, slots=True)
class Row:
    """One comparable in the table behind the strip."""

    match: Match
    price: str
    counts: str  # its share of the evidence


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
    band: Band | None
    dots: tuple[Dot, ...] = ()
    rows: tuple[Row, ...] = ()
    hill: str = ""


def comparables(matches: Sequence[Match]) -> list[Comparable]:
    """What the matches say about a price. What was never offered says nothing."""
    return [comparable_of(match.item, match.likeness) for match in matches if match.item.status in OFFERED]


def range_for(answer: Answer, *, on: date | None = None) -> Estimate | Refusal:
    """The range that the answer supports, in the house's currency, or else in the one that most of it sold in."""
    evidence = comparables(answer.matches)
    return estimate(evidence, on=on or timezone.localdate(), currency=currency_of(evidence))


def currency_of(evidence: Sequence[Comparable]) -> str:
    """The house's own currency where enough was sold in it; currencies are never mixed."""
    sold = Counter(comparable.currency for comparable in evidence if comparable.sold)
    house: str = settings.CURRENCY
    if sold[house] >= MINIMUM_SOLD or not sold:
        return house
    return max(sold, key=lambda currency: (sold[currency], currency == house, currency))


def price_strip(matches: Sequence[Match], result: Estimate | Refusal) -> PriceStrip | None:
    """Every comparable in the range's currency on a log scale, for staff; nothing where no price is known."""
    evidence = [c for c in comparables(matches) if c.currency == result.currency]
    shown = [(c, price) for c in evidence if (price := c.hammer if c.sold else c.floor)]
    if not shown:
        return None
    scale = strip.scale_of([*(price for _, price in shown), *_ends(result)])
    weights = _weights(result)
    by_item = {match.item.pk: match for match in matches}
    shown.sort(key=lambda pair: -weights.get(pair[0].item_id, 0.0))  # the heaviest in the middle row
    offsets = strip.swarm([scale.at(price) for _, price in shown])
    return PriceStrip(
        label=_label(result, len([c for c in evidence if c.sold])),
        ticks=tuple(strip.ticks(scale, result.currency)),
        band=_band(result, scale),
        dots=tuple(
            _dot(by_item[comparable.item_id], comparable, price, scale, offset, weights)
            for (comparable, price), offset in zip(shown, offsets, strict=True)
        ),
        rows=tuple(_row(by_item[c.item_id], c, weights) for c in evidence),
    )


def public_strip(result: Estimate) -> PriceStrip:
    """The range above a soft hill of prices, for strangers: no single sale can be told from it."""
    hill = strip.hill([c.hammer for c in result.used if c.hammer], result.weights)
    return PriceStrip(
        label=_label(result, len(result.used)),
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
        # No bid reached the reserve; without one, none reached the start price.
        floor=None if sold else item.reserve or item.start_price,
    )


def _weights(result: Estimate | Refusal) -> dict[int, float]:
    if isinstance(result, Refusal):
        return {}
    return {c.item_id: weight for c, weight in zip(result.used, result.weights, strict=True)}


def _ends(result: Estimate | Refusal) -> list[Decimal]:
    return [result.low, result.high] if isinstance(result, Estimate) else []


def _band(result: Estimate | Refusal, scale: strip.Scale) -> Band | None:
    if isinstance(result, Refusal):
        return None
    left, right = scale.at(result.low), scale.at(result.high)
    return Band(strip.percent(left), strip.percent(right - left), strip.percent(scale.at(result.middle)))


def _dot(
    match: Match, comparable: Comparable, price: Decimal, scale: strip.Scale, offset: int, weights: dict[int, float]
) -> Dot:
    heaviest = max(weights.values(), default=1.0)
    share = weights.get(comparable.item_id, 0.0) / heaviest
    return Dot(
        x=strip.percent(scale.at(price)),
        y=offset,
        r=f"{strip.radius(share, 1.0):.1f}",
        opacity=f"{0.4 + 0.55 * share:.2f}" if weights else "0.7",
        sold=comparable.sold,
        title=_title(match, _price(comparable)),
    )


def _title(match: Match, price: str) -> str:
    sale = f", {match.item.sale.held_on:%-d %B %Y}" if match.item.sale else ""
    return f"{price}: {match.item.title}{sale} ({match.band.label})"


def _price(comparable: Comparable) -> str:
    if comparable.sold:
        return format_amount(comparable.hammer, comparable.currency)
    if comparable.floor is None:
        return "not sold"
    return f"not sold at {format_amount(comparable.floor, comparable.currency)}"


def _row(match: Match, comparable: Comparable, weights: dict[int, float]) -> Row:
    weight = weights.get(comparable.item_id)
    return Row(match, _price(comparable), "" if weight is None else f"{100 * weight:.0f} %")


def _label(result: Estimate | Refusal, sold: int) -> str:
    prices = f"Hammer prices of {sold} similar thing{'' if sold == 1 else 's'}"
    if isinstance(result, Refusal):
        return f"{prices}, without a range."
    return f"{prices}: range {result.spelled}, middle {format_amount(result.middle, result.currency)}."
