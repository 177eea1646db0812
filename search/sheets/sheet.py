"""The comparables sheet: what a range is computed from, row by row, as a cataloguer has chosen it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from catalog.models import Item, Photo
from catalog.money import format_amount
from catalog.rates import Amount, Converted, convert_all
from search.answer import Match
from search.charts.sheet import Chart, Point, Span, chart_of
from search.comparables import comparable_of
from search.pricing import COVERAGE, Comparable, Estimate, Influence, Refusal
from search.sheets.brought import Brought
from search.sheets.choice import Choice
from search.sheets.terms import Terms
from search.similar import OFFERED

FIRST_ROWS, FEW_MORE = 24, 6  # rows that are shown at once; so few more are not worth hiding
JUST_LIKE_IT = 1.0  # the likeness of what is pinned: whoever knows it better than the photo does says so
UNKNOWN_LIKENESS = -1.0  # of an item without a photo to compare: as unlike as can be, unless it is pinned


@dataclass(frozen=True, slots=True)
class Row:
    """One comparable, with what it does to the range."""

    item: Item
    match: Match | None  # None where one of the two has no photo to compare
    evidence: Comparable  # as the range takes it: a pinned one counts in full, as a thing just like it
    counts: bool  # ticked
    pinned: bool
    found: bool  # by search; else a cataloguer brought it in
    foreign: bool = False  # in another currency than the range's: it never counts
    converted: str = ""  # of a foreign one: its price in the range's currency, with the rate and the rate's day
    offer: Decimal | None = None  # unsold: the price that nobody bid, as far as the reader may know it
    today: Decimal | None = None  # its hammer price at today's level
    influence: Influence | None = None
    bar: float = 0.0  # its share of the evidence, over the heaviest one's

    @property
    def photo(self) -> Photo | None:
        if self.match:
            return self.match.photo
        return next(iter(self.item.photos.all()), None)

    @property
    def amount(self) -> Decimal | None:
        """Where it stands on the chart: the hammer price, or the price that nobody bid."""
        return self.evidence.hammer if self.evidence.sold else self.offer

    @property
    def price(self) -> str:
        return format_amount(self.amount, self.evidence.currency) if self.amount else "–"

    @property
    def today_price(self) -> str:
        return format_amount(rounded(self.today), self.evidence.currency) if self.today else "–"

    @property
    def point(self) -> Point:
        """On the chart; of a row that has an amount."""
        item, amount, sold, sale = self.item, self.amount, self.evidence.sold, self.item.sale
        assert amount
        price = f"{'' if sold else 'not sold at '}{format_amount(amount, self.evidence.currency)}"
        today = f" ({self.today_price} today)" if self.today else ""
        when = f", {sale.held_on:%-d %B %Y}" if sale else ""
        words = f"{price}{today}: {item.title}{when}{'' if self.counts else ', left out'}"
        day = self.evidence.sold_on
        return Point(item.pk, day, amount, self.today, sold, self.counts, self.pinned, self.share, words)

    @property
    def share(self) -> float:
        """Of the evidence, 0 to 1."""
        return self.influence.share if self.influence else 0.0

    @property
    def share_percent(self) -> str:
        return percent(self.share)

    @property
    def moves(self) -> str:
        """By how much the middle moves when this one is left out: "+4 %", "−0.3 %", "0 %"."""
        if self.influence is None:
            return ""
        if self.influence.ratio is None:
            return "no range"
        moved = 100 * (self.influence.ratio - 1)
        figure = f"{abs(moved):.0f}" if abs(moved) >= 1 else f"{abs(moved):.1f}"
        sign = "" if figure == "0.0" else "+" if moved > 0 else "−"
        return f"{sign}{figure.removesuffix('.0')} %"


@dataclass(frozen=True, slots=True)
class Sheet:
    """Rows in the order of likeness, those brought in first; `result` is of the rows that count."""

    rows: tuple[Row, ...]
    result: Estimate | Refusal
    terms: Terms
    choice: Choice

    @property
    def shown(self) -> tuple[Row, ...]:
        """The most alike, and all that was chosen; every one where that is wished."""
        if self.choice.all_rows or len(self.rows) <= FIRST_ROWS + FEW_MORE:
            return self.rows
        touched = [row for row in self.rows[FIRST_ROWS:] if row.pinned or not row.counts]
        return (*self.rows[:FIRST_ROWS], *touched)

    @property
    def others(self) -> tuple[Row, ...]:
        """What is counted without being shown."""
        shown = {row.item.pk for row in self.shown}
        return tuple(row for row in self.rows if row.item.pk not in shown)

    @property
    def others_share(self) -> str:
        """Of the evidence, all of them together."""
        return percent(sum(row.share for row in self.others))

    @property
    def counted(self) -> tuple[Comparable, ...]:
        return tuple(row.evidence for row in self.rows if row.counts)

    @property
    def estimate(self) -> Estimate | None:
        return self.result if isinstance(self.result, Estimate) else None

    @property
    def refusal(self) -> Refusal | None:
        return self.result if isinstance(self.result, Refusal) else None

    @property
    def cover(self) -> str:
        """Of how many prices in 100 the range is to hold, as the form names it."""
        return f"{100 * (self.choice.coverage or COVERAGE):.0f}"

    @property
    def elsewhere(self) -> tuple[int, ...]:
        """What was left out and has no row now, as another filter hides it: it stays left out."""
        shown = {row.item.pk for row in self.shown}
        return tuple(key for key in self.choice.out if key not in shown)

    @property
    def chart(self) -> Chart | None:
        points = [row.point for row in self.rows if row.amount and not row.foreign]
        result = self.estimate
        span = Span(result.low, result.middle, result.high) if result else None
        return chart_of(points, span, currency=self.terms.currency, on=self.terms.on)

    @property
    def spoken(self) -> str:
        """What changed, for those who listen."""
        counted = f"{len(self.counted)} of {len(self.rows)} comparables count."
        if self.estimate:
            middle = format_amount(self.estimate.middle, self.estimate.currency)
            return f"{self.estimate.spelled}, middle {middle}. {counted}"
        why = self.refusal.sentence if self.refusal else ""
        return f"No price range. {why} {counted}"


def sheet_of(
    matches: Sequence[Match],
    choice: Choice,
    terms: Terms,
    *,
    extra: Sequence[Brought] = (),
    reserves: bool = False,
    moves: bool = True,
) -> Sheet:
    """The sheet of what search found and what was brought in, as chosen.

    A reserve is the consignor's secret: `reserves` says that the reader may know it. The range takes it either way.
    Without `moves` it is not worked out how the range moves without each row, which only the rows themselves tell.
    """
    rows = [_brought_row(each) for each in extra] + [_found_row(match) for match in matches if _offered(match)]
    rows = _converted([_chosen(row, choice, terms.currency, reserves=reserves) for row in rows], terms.currency)
    counted = [row.evidence for row in rows if row.counts]
    weighed_up = terms.weighed_up(counted)
    result, influences = weighed_up.result, weighed_up.influences(moves=moves)
    today = _today(result)
    heaviest = max((told.share for told in influences.values()), default=0.0) or 1.0
    rows = [_told(row, today.get(row.item.pk), influences.get(row.item.pk), heaviest) for row in rows]
    return Sheet(tuple(rows), result, terms, choice)


def _today(result: Estimate | Refusal) -> dict[int, Decimal]:
    """Hammer prices at today's level, by item."""
    if isinstance(result, Refusal):
        return {}
    return dict(zip((comparable.item_id for comparable in result.used), result.today, strict=True))


def _offered(match: Match) -> bool:
    return match.item.status in OFFERED


def _found_row(match: Match) -> Row:
    evidence = comparable_of(match.item, match.likeness)
    return Row(match.item, match, evidence, counts=True, pinned=False, found=True)


def _brought_row(each: Brought) -> Row:
    likeness = each.match.likeness if each.match else UNKNOWN_LIKENESS
    return Row(each.item, each.match, comparable_of(each.item, likeness), counts=True, pinned=True, found=False)


def _chosen(row: Row, choice: Choice, currency: str, *, reserves: bool) -> Row:
    pinned = row.item.pk in choice.pinned
    return replace(
        row,
        evidence=replace(row.evidence, likeness=JUST_LIKE_IT) if pinned else row.evidence,
        counts=row.item.pk not in choice.out,
        pinned=pinned,
        foreign=row.evidence.currency != currency,
        offer=None if row.evidence.sold else row.evidence.floor if reserves else row.item.start_price,
    )


def _converted(rows: Sequence[Row], currency: str) -> list[Row]:
    """Foreign prices also in the range's currency, to look at: by the house's own rate of the day of the sale."""
    foreign = {
        row.item.pk: Amount(row.amount, row.evidence.currency, row.evidence.sold_on)
        for row in rows
        if row.foreign and row.amount and row.evidence.sold_on
    }
    found = dict(zip(foreign, convert_all(list(foreign.values()), currency), strict=True))
    shown = {pk: str(each) for pk, each in found.items() if isinstance(each, Converted)}
    return [replace(row, converted=shown.get(row.item.pk, "")) for row in rows]


def _told(row: Row, today: Decimal | None, influence: Influence | None, heaviest: float) -> Row:
    bar = influence.share / heaviest if influence else 0.0
    return replace(row, today=today, influence=influence, bar=bar)


def percent(share: float) -> str:
    """ "12 %"; what is next to nothing is not nothing."""
    return "< 1 %" if 0 < share < 0.01 else f"{100 * share:.0f} %"


def rounded(amount: Decimal | None) -> Decimal | None:
    """Three figures: what a level of prices says is no more exact than that."""
    if amount is None:
        return None
    places = max(amount.adjusted() - 2, 0)
    return amount.quantize(Decimal(1).scaleb(places)).quantize(Decimal(1))
