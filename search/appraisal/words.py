"""What comparables say of an item and how its estimate stands to them, in words."""

from dataclasses import dataclass
from decimal import Decimal

from catalog.models import Item
from catalog.money import format_amount
from search.appraisal.appraising import Judged, judged
from search.models import Appraisal

REFUSED = {  # by the code of `search.pricing.Refusal`, and one of ours
    "no-object": "Its photos show no object.",
    "nothing-similar": "Nothing like it was sold here.",
    "too-few": "Too few things like it were sold here to name a range.",
    "too-unlike": "The nearest things that were sold here are too unlike it to name a range.",
    "contradicting": "Things like it were sold here at prices too far apart to name a range.",
    "other-currencies": "What is like it was sold in another currency, and currencies are never mixed.",
    "currency": "What is like it was sold in another currency, and currencies are never mixed.",
}
NO_RANGE = "Its comparables give no price range."


@dataclass(frozen=True, slots=True)
class Said:
    """Sentences for people: the range (or why there is none), and how an estimate stands to it."""

    appraisal: Appraisal
    judged: Judged
    range: str  # "€300–900"; nothing where there is none
    basis: str
    verdict: str

    @property
    def far(self) -> bool:
        return self.judged.verdict == Appraisal.Verdict.FAR


def said_of(item: Item, appraisal: Appraisal, low: Decimal | None, high: Decimal | None) -> Said:
    """The estimate is the item's own, or one that is being typed."""
    found = judged(low, high, appraisal)
    if appraisal.low is None or appraisal.high is None:
        return Said(appraisal, found, "", REFUSED.get(appraisal.refusal, NO_RANGE), "")
    basis = (
        f"Middle {format_amount(appraisal.middle, appraisal.currency)}, from {appraisal.comparables} that were sold; "
        f"it is to hold {100 * appraisal.coverage:.0f} prices in 100."
    )
    return Said(
        appraisal,
        found,
        spelled(appraisal.low, appraisal.high, appraisal.currency),
        basis,
        _verdict(item, found, low, high),
    )


def spelled(low: Decimal, high: Decimal, currency: str) -> str:
    """ "€120–180"; "€120" where low and high meet."""
    if low == high:
        return format_amount(low, currency)
    return f"{format_amount(low, currency)}–{format_amount(high, '').strip()}"


def times(distance: Decimal | float) -> str:
    """ "1.6 times", "24 times": no more exact than a range is."""
    return f"{distance:.1f} times" if distance < 10 else f"{distance:,.0f} times"


def _verdict(item: Item, found: Judged, low: Decimal | None, high: Decimal | None) -> str:
    if found.verdict == Appraisal.Verdict.UNSTATED:
        return "No estimate of ours yet."
    ends = [end for end in (low, high) if end]
    own = f"Our estimate of {spelled(ends[0], ends[-1], item.currency)}"
    if not found.warns:
        return f"{own} agrees with it."
    far = "far " if found.verdict == Appraisal.Verdict.FAR else ""
    how = (
        f"its middle is {times(found.distance)} the high end"
        if found.above
        else f"the low end is {times(found.distance)} its middle"
    )
    return f"{own} lies {far}{found.side} it: {how}."
